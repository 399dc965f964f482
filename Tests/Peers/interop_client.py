"""Google's gRPC for Python as the client of our server: prints one line per case, ends with 1 when one failed.

usage: interop_client.py HOST:PORT FILE_DESCRIPTOR_SET [CASE TO LEAVE OUT ...]
"""
import sys
import time
import traceback

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from contracts import Contracts
from wiretap import WireTap

contracts = Contracts(sys.argv[2])
Simple = contracts.message("grpc.testing.SimpleRequest")
SimpleAnswer = contracts.message("grpc.testing.SimpleResponse")
Output = contracts.message("grpc.testing.StreamingOutputCallRequest")
OutputAnswer = contracts.message("grpc.testing.StreamingOutputCallResponse")
Input = contracts.message("grpc.testing.StreamingInputCallRequest")
InputAnswer = contracts.message("grpc.testing.StreamingInputCallResponse")
Status = contracts.message("google.rpc.Status")
Reflect = contracts.message("grpc.reflection.v1.ServerReflectionRequest")
ReflectAnswer = contracts.message("grpc.reflection.v1.ServerReflectionResponse")
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
    pool = DescriptorPool(database)
    service = pool.FindServiceByName("grpc.testing.TestService")
    assert service.FindMethodByName("UnaryCall").input_type.fields_by_name["payload"].message_type.name == "Payload"
    assert pool.FindFileByName("grpc/testing/messages.proto").package == "grpc.testing"


class DescriptorsV1:
    """The database of a descriptor pool over grpc.reflection.v1. grpcio's own speaks v1alpha alone, so this one's stub is made
    from our copy of the contract."""

    def __init__(self, channel):
        self.info = channel.stream_stream(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            request_serializer=Reflect.SerializeToString, response_deserializer=ReflectAnswer.FromString)

    def FindFileByName(self, name):
        return self._file(file_by_filename=name)

    def FindFileContainingSymbol(self, symbol):
        return self._file(file_containing_symbol=symbol)

    def _file(self, **request):
        (answer,) = self.info(iter([Reflect(**request)]))
        if answer.HasField("error_response"):
            raise KeyError(answer.error_response.error_message)
        return FileDescriptorProto.FromString(answer.file_descriptor_response.file_descriptor_proto[0])


def reflection_v1(stub, channel):
    database = DescriptorsV1(channel)
    pool = DescriptorPool(database)
    service = pool.FindServiceByName("grpc.testing.TestService")
    assert service.FindMethodByName("UnaryCall").input_type.fields_by_name["payload"].message_type.name == "Payload"
    assert pool.FindFileByName("grpc/testing/messages.proto").package == "grpc.testing"
    # Several questions on one stream, one of them in vain.
    asked = [Reflect(list_services=""), Reflect(file_by_filename="no/such.proto")]
    services, missing = database.info(iter(asked))
    names = [service.name for service in services.list_services_response.service]
    assert {"grpc.testing.TestService", "grpc.reflection.v1.ServerReflection"} <= set(names), names
    assert missing.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert missing.original_request.file_by_filename == "no/such.proto"


def gzip(stub):
    request = Simple(response_size=10, payload=dict(body=bytes(100000)), response_compressed=dict(value=True))
    assert len(stub.unary(request, compression=grpc.Compression.Gzip).payload.body) == 10
    sizes = [dict(size=31415, compressed=dict(value=True)), dict(size=9, compressed=dict(value=False))]
    assert [len(answer.payload.body) for answer in stub.output(Output(response_parameters=sizes))] == [31415, 9]


def gzip_requests(stub):
    """Compressed by grpcio, which our server is asked to insist on, and the bytes between them say so too."""
    tap = WireTap(sys.argv[1])
    with grpc.insecure_channel(tap.address, options=OPTIONS) as channel:
        tapped, zeros, compressed = Stub(channel), dict(body=bytes(100000)), dict(value=True)
        request = Simple(response_size=10, payload=zeros, expect_compressed=compressed)
        assert len(tapped.unary(request, compression=grpc.Compression.Gzip).payload.body) == 10
        requests = [Input(payload=zeros, expect_compressed=compressed)] * 3
        assert tapped.input(iter(requests), compression=grpc.Compression.Gzip).aggregated_payload_size == 300000
        # What is not compressed is seen to be so.
        error = code_of(lambda: tapped.unary(request))
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
    assert tap.request_flags() == [[1], [1, 1, 1], [0]], tap.request_flags()


def gzip_answers(stub):
    """grpcio inflates them; that they were compressed, the bytes from our server say."""
    tap = WireTap(sys.argv[1])
    with grpc.insecure_channel(tap.address, options=OPTIONS) as channel:
        tapped = Stub(channel)
        wanted = Simple(response_size=314159, response_compressed=dict(value=True))
        assert tapped.unary(wanted).payload.body == bytes(314159)
        sizes = [dict(size=31415, compressed=dict(value=True)), dict(size=9, compressed=dict(value=False))]
        answers = tapped.output(Output(response_parameters=sizes))
        assert [len(answer.payload.body) for answer in answers] == [31415, 9]
        assert tapped.unary(Simple(response_size=314159)).payload.body == bytes(314159)
    assert tap.answer_flags() == [[1], [1, 0], [0]], tap.answer_flags()


def gzip_not_taken(stub):
    """A client that does not name gzip gets no compressed answer, whatever it asks for."""
    tap = WireTap(sys.argv[1])
    identity = [("grpc.compression_enabled_algorithms_bitset", 1)]
    with grpc.insecure_channel(tap.address, options=OPTIONS + identity) as channel:
        wanted = Simple(response_size=314159, response_compressed=dict(value=True))
        assert Stub(channel).unary(wanted).payload.body == bytes(314159)
    assert tap.answer_flags() == [[0]], tap.answer_flags()


def main():
    failures = 0
    with grpc.insecure_channel(sys.argv[1], options=OPTIONS) as channel:
        stub = Stub(channel)
        for case in (unary, server_streaming, client_streaming, bidirectional, gzip, gzip_requests, gzip_answers,
                     gzip_not_taken, unknown_compression, metadata, rich_errors, unimplemented, deadline, cancel,
                     ten_megabytes, thousand_streams, health, reflection, reflection_v1):
            if case.__name__ in sys.argv[3:]:
                continue
            try:
                case(stub, channel) if case in (health, reflection, reflection_v1) else case(stub)
                print("ok", case.__name__, flush=True)
            except Exception:
                failures += 1
                print("FAILED", case.__name__, traceback.format_exc().replace("\n", " | "), flush=True)
    sys.exit(1 if failures else 0)


main()
