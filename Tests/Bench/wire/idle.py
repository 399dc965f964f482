"""What a connection costs that is open and quiet, and what calls leave behind."""

import socket
import tempfile

from servers import Server, ours, peers, raise_file_limit
from unary import Load

CONNECTIONS = 10_000
CALLS = 1_000_000
# The preface and an empty SETTINGS; then the answer to the server's SETTINGS.
HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
ACKNOWLEDGED = bytes([0, 0, 0, 4, 1, 0, 0, 0, 0])


def run(options, report):
    count = min(CONNECTIONS, raise_file_limit() - 500)
    mine = kilobytes_each(ours(options), count)
    for peer in peers(options):
        report.add("idle-connections", f"KB each of {count}", mine, kilobytes_each(peer, count), peer[0], True)
    with tempfile.TemporaryDirectory() as folder:
        mine = growth(ours(options), folder)
        for peer in peers(options):
            report.add("unary-8x16", "KB grown by 1M calls", mine, growth(peer, folder), peer[0], True)


def kilobytes_each(server, count):
    with Server(*server) as running:
        greet(running.port).close()
        before = running.memory_kilobytes("VmRSS")
        open_ones = [greet(running.port) for _ in range(count)]
        after = running.memory_kilobytes("VmRSS")
        for connection in open_ones:
            connection.close()
        return (after - before) / count


def greet(port):
    """Connects and waits for the server's SETTINGS and its acknowledgement of ours, so that the server has done all its work."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(HELLO)
    received = b""
    while ACKNOWLEDGED not in received:
        piece = connection.recv(4_096)
        if not piece:
            raise SystemExit("the server closed an idle connection")
        received += piece
    connection.sendall(ACKNOWLEDGED)
    return connection


def growth(server, folder):
    with Server(*server) as running:
        load = Load(running, folder, 8, 16)
        load.run(CALLS // 10)
        before = running.memory_kilobytes("VmRSS")
        load.run(CALLS)
        return running.memory_kilobytes("VmRSS") - before
