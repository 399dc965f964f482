"""The echo's message, Note of echo.proto, encoded by hand: 85 bytes."""

PATH = "/bench.EchoService/Echo"
# What a client of gRPC sends besides.
HEADERS = [
    "content-type: application/grpc", "te: trailers", "grpc-timeout: 20S", "user-agent: bench/1.0", "grpc-accept-encoding: identity,gzip",
]


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def text(number, value):
    return bytes([number << 3 | 2]) + varint(len(value)) + value


MESSAGE = (
    text(1, b"When will the refund for my last order arrive???") + b"\x10" + varint(1_764_450_000_000_00)
    + b"".join(text(3, word) for word in (b"billing", b"refunds", b"premium"))
)
assert len(MESSAGE) == 85, len(MESSAGE)
FRAME = b"\x00" + len(MESSAGE).to_bytes(4, "big") + MESSAGE
