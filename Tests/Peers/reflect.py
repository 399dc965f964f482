"""Asks a server how it is and what it serves, as grpcio's health and reflection clients do: prints each service with the number
of its methods, whose messages it resolves.

usage: reflect.py HOST:PORT
"""
import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

with grpc.insecure_channel(sys.argv[1]) as channel:
    print("health", health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest()).status)
    database = ProtoReflectionDescriptorDatabase(channel)
    pool = DescriptorPool(database)
    for name in sorted(database.get_services()):
        service = pool.FindServiceByName(name)
        assert all(method.input_type.full_name and method.output_type.full_name for method in service.methods)
        print(name, len(service.methods))
