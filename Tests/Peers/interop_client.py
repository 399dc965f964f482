"""Google's gRPC for Python as the client of our server: prints one line per case, ends with 1 when one failed.

usage: interop_client.py HOST:PORT FILE_DESCRIPTOR_SET
"""
import sys
import time
import traceback

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from contracts import Contracts

contracts = Contracts(sys.argv[2])
Simple = contracts.message("grpc.testing.SimpleRequest")
SimpleAnswer = contracts.message("grpc.testing.SimpleResponse")
Output = contracts.message("grpc.testing.StreamingOutputCallRequest")
OutputAnswer = contracts.message("grpc.testing.StreamingOutputCallResponse")
Input = contracts.message("grpc.testing.StreamingInputCallRequest")
InputAnswer = contracts.message("grpc.testing.StreamingInputCallResponse")
Status = contracts.message("google.rpc.Status")
ErrorInfo = contracts.message("google.rpc.ErrorInfo")

LIMIT = 64 << 20
OPTIONS = [("grpc.max_receive_message_length", LIMIT), ("grpc.max_send_message_length", LIMIT)]


class Stub:
    def __init__(self, channel):
        def path(method):
            return "/grpc.testing.TestService/" + method

        out = dict(request_serializer=Output.SerializeToString, response_deserializer=OutputAnswer.FromString)
        self.unary = channel.unary_unary(
            path("UnaryCall"), request_serializer=Simple.SerializeToString, response_deserializer=SimpleAnswer.FromString)
        self.output = channel.unary_stream(path("StreamingOutputCall"), **out)
        self.input = channel.stream_unary(
            path("StreamingInputCall"), request_serializer=Input.SerializeToString,
            response_deserializer=InputAnswer.FromString)
        self.duplex = channel.stream_stream(path("FullDuplexCall"), **out)
        self.missing = channel.unary_unary(
            path("NoSuchMethod"), request_serializer=Simple.SerializeToString, response_deserializer=SimpleAnswer.FromString)


def outputs(*sizes, **more):
    return Output(response_parameters=[dict(size=size) for size in sizes], **more)


def code_of(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("an error was expected")


def unary(stub):
    assert len(stub.unary(Simple(response_size=314159, payload=dict(body=bytes(271828)))).payload.body) == 314159


def server_streaming(stub):
    assert [len(answer.payload.body) for answer in stub.output(outputs(31415, 9, 2653, 58979))] == [31415, 9, 2653, 58979]


def client_streaming(stub):
    requests = (Input(payload=dict(body=bytes(size))) for size in (27182, 8, 1828, 45904))
    assert stub.input(requests).aggregated_payload_size == 74922


def bidirectional(stub):
    requests = (outputs(size, payload=dict(body=bytes(10))) for size in (31415, 9, 2653, 58979))
    assert [len(answer.payload.body) for answer in stub.duplex(requests)] == [31415, 9, 2653, 58979]


def gzip_requests(stub):
    request = Simple(response_size=10, payload=dict(body=bytes(100000)))
    assert len(stub.unary(request, compression=grpc.Compression.Gzip).payload.body) == 10


def unknown_compression(stub):
    error = code_of(lambda: stub.unary(Simple(payload=dict(body=bytes(100000))), compression=grpc.Compression.Deflate))
    assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error


def metadata(stub):
    sent = (("x-grpc-test-echo-initial", "first"), ("x-grpc-test-echo-trailing-bin", b"\x00\xab\xff"))
    _, call = stub.unary.with_call(Simple(response_size=1), metadata=sent)
    assert dict(call.initial_metadata())["x-grpc-test-echo-initial"] == "first"
    assert dict(call.trailing_metadata())["x-grpc-test-echo-trailing-bin"] == b"\x00\xab\xff"


def rich_errors(stub):
    message = "\t\ntest ☺ 😈 100 %\t\n"
    error = code_of(lambda: stub.unary(Simple(response_status=dict(code=9, message=message))))
    assert error.code() == grpc.StatusCode.FAILED_PRECONDITION and error.details() == message, error
    status = Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    assert status.code == 9 and status.message == message
    info = ErrorInfo.FromString(status.details[0].value)
    assert info.reason == "ECHOED" and info.metadata["code"] == "9"


def unimplemented(stub):
    assert code_of(lambda: stub.missing(Simple())).code() == grpc.StatusCode.UNIMPLEMENTED


def deadline(stub):
    slow = Output(response_parameters=[dict(size=1, interval_us=30_000_000)])
    start = time.monotonic()
    error = code_of(lambda: list(stub.output(slow, timeout=0.3)))
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED and time.monotonic() - start < 10


def cancel(stub):
    slow = Output(response_parameters=[dict(size=1), dict(size=1, interval_us=30_000_000)])
    call = stub.output(slow)
    next(call)
    call.cancel()
    assert code_of(lambda: next(call)).code() == grpc.StatusCode.CANCELLED


def ten_megabytes(stub):
    answer = stub.unary(Simple(response_size=10_000_000, payload=dict(body=bytes(10_000_000))))
    assert len(answer.payload.body) == 10_000_000


def thousand_streams(stub):
    """All are open before the first one ends."""
    import queue

    questions = [queue.Queue() for _ in range(1000)]
    calls = [stub.duplex(iter(question.get, None)) for question in questions]
    for question in questions:
        question.put(outputs(3))
    assert all(len(next(call).payload.body) == 3 for call in calls)
    for question in questions:
        question.put(None)
    assert all(list(call) == [] for call in calls)


def health(stub, channel):
    client = health_pb2_grpc.HealthStub(channel)
    serving = health_pb2.HealthCheckResponse.SERVING
    for service in ("", "grpc.testing.TestService"):
        assert client.Check(health_pb2.HealthCheckRequest(service=service)).status == serving
    error = code_of(lambda: client.Check(health_pb2.HealthCheckRequest(service="none")))
    assert error.code() == grpc.StatusCode.NOT_FOUND
    watch = client.Watch(health_pb2.HealthCheckRequest(service="none"))
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    watch.cancel()


def reflection(stub, channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    assert "grpc.testing.TestService" in database.get_services()
    assert "grpc.reflection.v1.ServerReflection" in database.get_services()
    from google.protobuf.descriptor_pool import DescriptorPool

    pool = DescriptorPool(database)
    service = pool.FindServiceByName("grpc.testing.TestService")
    assert service.FindMethodByName("UnaryCall").input_type.fields_by_name["payload"].message_type.name == "Payload"
    assert pool.FindFileByName("grpc/testing/messages.proto").package == "grpc.testing"


def reflection_v1(stub, channel):
    """The library speaks v1alpha; v1 has the same messages under another path."""
    from grpc_reflection.v1alpha import reflection_pb2 as messages

    info = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        request_serializer=messages.ServerReflectionRequest.SerializeToString,
        response_deserializer=messages.ServerReflectionResponse.FromString)
    asked = [messages.ServerReflectionRequest(list_services=""),
             messages.ServerReflectionRequest(file_containing_symbol="grpc.testing.TestService.UnaryCall"),
             messages.ServerReflectionRequest(file_by_filename="no/such.proto")]
    services, file, missing = info(iter(asked))
    assert "grpc.testing.TestService" in [service.name for service in services.list_services_response.service]
    assert any(b"grpc/testing/test.proto" in proto for proto in file.file_descriptor_response.file_descriptor_proto)
    assert missing.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert missing.original_request.file_by_filename == "no/such.proto"


def gzip_answers(stub):
    """grpcio inflates them; that they were compressed is looked at on our side of the wire."""
    wanted = Simple(response_size=314159, response_compressed=dict(value=True))
    assert stub.unary(wanted).payload.body == bytes(314159)
    sizes = [dict(size=31415, compressed=dict(value=True)), dict(size=9, compressed=dict(value=False))]
    answers = stub.output(Output(response_parameters=sizes))
    assert [len(answer.payload.body) for answer in answers] == [31415, 9]


def main():
    failures = 0
    with grpc.insecure_channel(sys.argv[1], options=OPTIONS) as channel:
        stub = Stub(channel)
        for case in (unary, server_streaming, client_streaming, bidirectional, gzip_requests, gzip_answers, unknown_compression,
                     metadata,
                     rich_errors, unimplemented, deadline, cancel, ten_megabytes, thousand_streams, health, reflection, reflection_v1):
            try:
                case(stub, channel) if case in (health, reflection, reflection_v1) else case(stub)
                print("ok", case.__name__, flush=True)
            except Exception:
                failures += 1
                print("FAILED", case.__name__, traceback.format_exc().replace("\n", " | "), flush=True)
    sys.exit(1 if failures else 0)


main()
