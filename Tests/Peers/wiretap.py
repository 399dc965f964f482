"""A relay between a client and a server that keeps what passes, and tells which gRPC messages were compressed."""
import collections
import contextlib
import socket
import struct
import threading

PREFACE = 24  # bytes of the client's connection preface (RFC 9113, 3.4)
DATA, PADDED = 0, 0x8


class WireTap:
    """Serves one connection, on a port of its own."""

    def __init__(self, target):
        host, port = target.rsplit(":", 1)
        self.sent, self.answered = bytearray(), bytearray()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._server = socket.create_connection((host, int(port)))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        client, _ = self._listener.accept()
        threading.Thread(target=self._pass_on, args=(self._server, client, self.answered), daemon=True).start()
        self._pass_on(client, self._server, self.sent)

    @staticmethod
    def _pass_on(source, target, kept):
        while piece := source.recv(1 << 16):
            kept.extend(piece)
            target.sendall(piece)
        # The other side may have hung up first.
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def request_flags(self):
        """The compressed flag of each request message, by stream, in the order of the streams."""
        return flags(bytes(self.sent[PREFACE:]))

    def answer_flags(self):
        return flags(bytes(self.answered))


def flags(frames):
    """Compressed flags of the messages in these HTTP/2 frames: a list for each stream that carries data."""
    streams = collections.defaultdict(bytearray)
    while len(frames) >= 9:
        length, kind, bits, stream = int.from_bytes(frames[:3], "big"), *struct.unpack(">BBI", frames[3:9])
        payload, frames = frames[9:9 + length], frames[9 + length:]
        if kind == DATA:
            streams[stream] += payload[1:len(payload) - payload[0]] if bits & PADDED else payload
    return [list(message_flags(bytes(streams[stream]))) for stream in sorted(streams) if streams[stream]]


def message_flags(data):
    """Each message has a flag of one byte and a length of four before it."""
    while len(data) >= 5:
        flag, length = struct.unpack(">BI", data[:5])
        yield flag
        data = data[5 + length:]
