"""Message classes for the contracts, made at run time from a serialized FileDescriptorSet."""
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


class Contracts:
    def __init__(self, path):
        files = descriptor_pb2.FileDescriptorSet()
        with open(path, "rb") as source:
            files.ParseFromString(source.read())
        self.pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            self.pool.Add(file)

    def message(self, name):
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))
