"""Google's gRPC for Python as the client of our server: the public interoperability cases by their names, then more of what
only a foreign client shows. Prints one line per case, ends with 1 when one failed.

usage: interop_client.py HOST:PORT FILE_DESCRIPTOR_SET [CASE TO LEAVE OUT ...]
"""
import queue
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
Empty = contracts.message("grpc.testing.Empty")
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
        def call(kind, method, request, response, service="TestService"):
            path = f"/grpc.testing.{service}/{method}"
            return kind(path, request_serializer=request.SerializeToString, response_deserializer=response.FromString)

        self.empty = call(channel.unary_unary, "EmptyCall", Empty, Empty)
        self.unary = call(channel.unary_unary, "UnaryCall", Simple, SimpleAnswer)
        self.output = call(channel.unary_stream, "StreamingOutputCall", Output, OutputAnswer)
        self.input = call(channel.stream_unary, "StreamingInputCall", Input, InputAnswer)
        self.duplex = call(channel.stream_stream, "FullDuplexCall", Output, OutputAnswer)
        self.no_method = call(channel.unary_unary, "UnimplementedCall", Empty, Empty)
        self.no_service = call(channel.unary_unary, "UnimplementedCall", Empty, Empty, "UnimplementedService")


def outputs(*sizes, **more):
    return Output(response_parameters=[dict(size=size) for size in sizes], **more)


def error_of(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("an error was expected")


class Questions:
    """The requests of a stream, sent one by one; it is open until `close`."""

    def __init__(self):
        self.waiting = queue.Queue()
        self.send = self.waiting.put

    def __iter__(self):
        return iter(self.waiting.get, None)

    def close(self):
        self.send(None)


# The public cases. Source: github.com/grpc/grpc, doc/interop-test-descriptions.md.


def empty_unary(stub):
    assert stub.empty(Empty()) == Empty()


def large_unary(stub):
    assert stub.unary(Simple(response_size=314159, payload=dict(body=bytes(271828)))).payload.body == bytes(314159)


def client_streaming(stub):
    requests = (Input(payload=dict(body=bytes(size))) for size in (27182, 8, 1828, 45904))
    assert stub.input(requests).aggregated_payload_size == 74922


def server_streaming(stub):
    assert [len(answer.payload.body) for answer in stub.output(outputs(31415, 9, 2653, 58979))] == [31415, 9, 2653, 58979]


def ping_pong(stub):
    questions = Questions()
    answers = stub.duplex(iter(questions))
    for sent, asked in ((27182, 31415), (8, 9), (1828, 2653), (45904, 58979)):
        questions.send(outputs(asked, payload=dict(body=bytes(sent))))
        assert len(next(answers).payload.body) == asked
    questions.close()
    assert list(answers) == []


def empty_stream(stub):
    assert list(stub.duplex(iter(()))) == []


def custom_metadata(stub):
    sent = (("x-grpc-test-echo-initial", "test_initial_metadata_value"), ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab"))
    _, unary = stub.unary.with_call(Simple(response_size=1), metadata=sent)
    duplex = stub.duplex(iter([outputs(1)]), metadata=sent)
    assert len(list(duplex)) == 1
    for call in (unary, duplex):
        assert dict(call.initial_metadata())[sent[0][0]] == sent[0][1]
        assert dict(call.trailing_metadata())[sent[1][0]] == sent[1][1]


def statuses(stub, message):
    status = dict(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
    unary = error_of(lambda: stub.unary(Simple(response_status=status)))
    duplex = error_of(lambda: list(stub.duplex(iter([Output(response_status=status)]))))
    for error in (unary, duplex):
        assert error.code() == grpc.StatusCode.UNKNOWN and error.details() == message, error


def status_code_and_message(stub):
    statuses(stub, "test status message")


def special_status_message(stub):
    statuses(stub, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")


def unimplemented_method(stub):
    assert error_of(lambda: stub.no_method(Empty())).code() == grpc.StatusCode.UNIMPLEMENTED


def unimplemented_service(stub):
    assert error_of(lambda: stub.no_service(Empty())).code() == grpc.StatusCode.UNIMPLEMENTED


def cancel_after_begin(stub):
    questions = Questions()
    call = stub.input.future(iter(questions))
    call.cancel()
    assert call.code() == grpc.StatusCode.CANCELLED
    questions.close()


def cancel_after_first_response(stub):
    questions = Questions()
    call = stub.duplex(iter(questions))
    questions.send(outputs(31415, payload=dict(body=bytes(27182))))
    assert len(next(call).payload.body) == 31415
    call.cancel()
    assert error_of(lambda: next(call)).code() == grpc.StatusCode.CANCELLED
    questions.close()


def timeout_on_sleeping_server(stub):
    questions = Questions()
    call = stub.duplex(iter(questions), timeout=0.001)
    questions.send(Output(payload=dict(body=bytes(27182))))
    assert error_of(lambda: list(call)).code() == grpc.StatusCode.DEADLINE_EXCEEDED
    questions.close()


# More.


def unknown_compression(stub):
    error = error_of(lambda: stub.unary(Simple(payload=dict(body=bytes(100000))), compression=grpc.Compression.Deflate))
    assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error


def rich_errors(stub):
    message = "\t\ntest ☺ 😈 100 %\t\n"
    error = error_of(lambda: stub.unary(Simple(response_status=dict(code=9, message=message))))
    assert error.code() == grpc.StatusCode.FAILED_PRECONDITION and error.details() == message, error
    status = Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    assert status.code == 9 and status.message == message
    info = ErrorInfo.FromString(status.details[0].value)
    assert info.reason == "ECHOED" and info.metadata["code"] == "9"


def deadline(stub):
    slow = Output(response_parameters=[dict(size=1, interval_us=30_000_000)])
    start = time.monotonic()
    error = error_of(lambda: list(stub.output(slow, timeout=0.3)))
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED and time.monotonic() - start < 10


def ten_megabytes(stub):
    answer = stub.unary(Simple(response_size=10_000_000, payload=dict(body=bytes(10_000_000))))
    assert len(answer.payload.body) == 10_000_000


def thousand_streams(stub):
    """All are open before the first one ends."""
    streams = [Questions() for _ in range(1000)]
    calls = [stub.duplex(iter(stream)) for stream in streams]
    for stream in streams:
        stream.send(outputs(3))
    assert all(len(next(call).payload.body) == 3 for call in calls)
    for stream in streams:
        stream.close()
    assert all(list(call) == [] for call in calls)


def health(stub, channel):
    client = health_pb2_grpc.HealthStub(channel)
    serving = health_pb2.HealthCheckResponse.SERVING
    for service in ("", "grpc.testing.TestService"):
        assert client.Check(health_pb2.HealthCheckRequest(service=service)).status == serving
    error = error_of(lambda: client.Check(health_pb2.HealthCheckRequest(service="none")))
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
        error = error_of(lambda: tapped.unary(request))
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
        for case in (empty_unary, large_unary, client_streaming, server_streaming, ping_pong, empty_stream, custom_metadata,
                     status_code_and_message, special_status_message, unimplemented_method, unimplemented_service,
                     cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server,
                     gzip, gzip_requests, gzip_answers, gzip_not_taken, unknown_compression, rich_errors, deadline,
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
