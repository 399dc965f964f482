"""More connections than a server may have file descriptors. HOST:PORT, how many, and how many are served."""

import socket
import sys

# HTTP/2's preface and an empty SETTINGS frame.
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"


def is_served(connection):
    """Whether the server greets, rather than hangs up."""
    try:
        return len(connection.recv(9)) == 9
    except ConnectionError:
        return False


def connect(address):
    connection = socket.create_connection(address, timeout=20)
    try:
        connection.sendall(PREFACE)
    except ConnectionError:
        pass
    return connection


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    count, expected = int(sys.argv[2]), int(sys.argv[3])
    address = (host, int(port))
    crowd = [connect(address) for _ in range(count)]
    served = [connection for connection in crowd if is_served(connection)]
    if len(served) != expected:
        sys.exit(f"{len(served)} of {count} connections are served, not {expected}")
    # Each that goes makes room for one.
    for connection in served:
        connection.close()
        while not is_served(successor := connect(address)):
            successor.close()
    print("ok descriptors")


if __name__ == "__main__":
    main()
