"""Google's protobuf as a peer: makes random messages, and reads what it is given on standard input.

A request is its length in four bytes (lowest first), an operation and a payload; the answer is one or more blocks, each behind its length.
  G seed      a random message: its wire form and its JSON
  W bytes     the message of these bytes: its canonical wire form and its JSON
  J text      the message of this JSON: its canonical wire form
An input that the peer refuses is answered by a first block "!" and the reason.
"""

import random
import struct
import sys

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, duration_pb2, field_mask_pb2, json_format
from google.protobuf import message_factory, struct_pb2, timestamp_pb2, wrappers_pb2  # noqa: F401

TYPE = "protobuf_test_messages.proto3.TestAllTypesProto3"


def pool_of(path):
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as file:
        files.ParseFromString(file.read())
    pool = descriptor_pool.Default()
    for file in files.file:
        if not file.name.startswith("google/protobuf/"):
            pool.Add(file)
    return pool


class Maker:
    """Random messages of any type, with the edges of each type more often than chance would have it."""

    def __init__(self, seed, message_class):
        self.random = random.Random(seed)
        self.message_class = message_class

    def text(self):
        alphabet = ["a", "Z", "0", " ", "\"", "\\", "/", "\n", "\t", "\x01", "\x7f", "é", "ß", "你", "😀", "\u2028", "<", "_"]
        return "".join(self.random.choice(alphabet) for _ in range(self.random.choice([0, 1, 3, 17])))

    def integer(self, bits, signed):
        low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
        edges = [low, high, 1, 127, 128, 300, (1 << 53) + 1]
        value = self.random.choice(edges + [self.random.randint(low, high)])
        return max(low, min(high, value))

    def real(self, single):
        value = self.random.choice(
            [1.0, -1.5, 0.1, 1e10, 123456.789, 3.4028234663852886e38, float("inf"), float("-inf"), float("nan"), self.random.uniform(-1e6, 1e6)]
            + ([] if single else [1.7976931348623157e308, 5e-324, 1e-300]))
        return struct.unpack("f", struct.pack("f", value))[0] if single else value

    def scalar(self, field):
        kind = field.type
        if kind in (5, 15, 17):
            return self.integer(32, True)
        if kind in (3, 16, 18):
            return self.integer(64, True)
        if kind in (13, 7):
            return self.integer(32, False)
        if kind in (4, 6):
            return self.integer(64, False)
        if kind == 2:
            return self.real(True)
        if kind == 1:
            return self.real(False)
        if kind == 8:
            return self.random.random() < 0.7
        if kind == 9:
            return self.text()
        if kind == 12:
            return bytes(self.random.randrange(256) for _ in range(self.random.choice([0, 1, 2, 3, 20])))
        numbers = [value.number for value in field.enum_type.values]
        if field.enum_type.full_name == "google.protobuf.NullValue":
            return 0
        return self.random.choice(numbers + [77])

    def well_known(self, message):
        name = message.DESCRIPTOR.full_name
        r = self.random
        if name == "google.protobuf.Timestamp":
            message.seconds = r.choice([-62135596800, 253402300799, 0, r.randint(-62135596800, 253402300799)])
            message.nanos = r.choice([0, 1, 500000000, 123456000, 999999999])
        elif name == "google.protobuf.Duration":
            message.seconds = r.choice([0, 315576000000, -315576000000, r.randint(-1000, 1000)])
            message.nanos = 0 if abs(message.seconds) == 315576000000 else r.choice([0, 1, 500000000, 999999999])
            if message.seconds < 0:
                message.nanos = -message.nanos
        elif name == "google.protobuf.FieldMask":
            message.paths.extend(r.sample(["a", "foo_bar", "foo.bar_baz", "x1.y2", "a_b_c.d"], r.randint(0, 4)))
        elif name == "google.protobuf.Struct":
            for _ in range(r.randint(0, 3)):
                self.value(message.fields[self.text()], 3)
        elif name == "google.protobuf.ListValue":
            for _ in range(r.randint(0, 3)):
                self.value(message.values.add(), 3)
        elif name == "google.protobuf.Value":
            self.value(message, 3)
        elif name == "google.protobuf.Any":
            held = r.choice([self.message_class(), timestamp_pb2.Timestamp(seconds=5), duration_pb2.Duration(seconds=-3),
                             wrappers_pb2.Int64Value(value=1 << 60), struct_pb2.Value(string_value="x")])
            if held.DESCRIPTOR.full_name == TYPE:
                held.optional_int32 = 9
                held.optional_string = self.text()
            message.Pack(held)
        else:
            return False
        return True

    def value(self, value, depth):
        kind = self.random.randrange(6 if depth else 4)
        if kind == 0:
            value.null_value = 0
        elif kind == 1:
            value.number_value = self.random.choice([0.0, 1.5, -3.0, 1e100, 1e21, 123456789012345680.0, 5e-324])
        elif kind == 2:
            value.string_value = self.text()
        elif kind == 3:
            value.bool_value = self.random.random() < 0.5
        elif kind == 4:
            value.struct_value.SetInParent()
            for _ in range(self.random.randint(0, 2)):
                self.value(value.struct_value.fields[self.text()], depth - 1)
        else:
            value.list_value.SetInParent()
            for _ in range(self.random.randint(0, 2)):
                self.value(value.list_value.values.add(), depth - 1)

    def fill(self, message, depth, density):
        if self.well_known(message):
            return
        oneofs = set()
        for field in message.DESCRIPTOR.fields:
            if self.random.random() > density:
                continue
            if field.containing_oneof is not None:
                if field.containing_oneof.name in oneofs:
                    continue
                oneofs.add(field.containing_oneof.name)
            self.fill_field(message, field, depth, density)

    def fill_field(self, message, field, depth, density):
        target = getattr(message, field.name)
        if field.is_repeated:
            is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
            for _ in range(self.random.randint(1, 3)):
                if is_map:
                    self.fill_entry(target, field.message_type, depth, density)
                elif field.message_type is not None:
                    if depth > 0:
                        self.fill(target.add(), depth - 1, density / 2)
                else:
                    target.append(self.scalar(field))
            # Minus zero, which a singular field of protobuf-c does not send.
            if field.type in (1, 2) and not is_map:
                target.append(-0.0)
        elif field.message_type is not None:
            if depth > 0:
                target.SetInParent()
                self.fill(target, depth - 1, density / 2)
        else:
            setattr(message, field.name, self.scalar(field))

    def fill_entry(self, target, entry, depth, density):
        key = self.scalar(entry.fields_by_name["key"])
        value = entry.fields_by_name["value"]
        if value.message_type is None:
            target[key] = self.scalar(value)
        elif depth > 0:
            self.fill(target[key], depth - 1, density / 2)


def wire_and_json(message):
    return [message.SerializeToString(deterministic=True), json_format.MessageToJson(message, indent=None).encode()]


def answer(message_class, operation, payload):
    if operation == b"G":
        seed = int(payload)
        message = message_class()
        Maker(seed, message_class).fill(message, 3, [0.05, 0.2, 0.6, 1.0][seed % 4])
        return wire_and_json(message)
    message = message_class()
    if operation == b"W":
        message.ParseFromString(payload)
        return wire_and_json(message)
    json_format.Parse(payload.decode(), message)
    return [message.SerializeToString(deterministic=True)]


def main():
    pool = pool_of(sys.argv[1])
    message_class = message_factory.GetMessageClass(pool.FindMessageTypeByName(TYPE))
    while True:
        head = sys.stdin.buffer.read(4)
        if len(head) < 4:
            return
        request = sys.stdin.buffer.read(struct.unpack("<I", head)[0])
        try:
            blocks = [b"="] + answer(message_class, request[:1], request[1:])
        except Exception as error:  # every refusal is an answer
            blocks = [b"!", str(error).encode()]
        sys.stdout.buffer.write(struct.pack("<I", len(blocks)))
        for block in blocks:
            sys.stdout.buffer.write(struct.pack("<I", len(block)) + block)
        sys.stdout.buffer.flush()


main()
