"""Google's gRPC for Python as the server of our client: grpc.testing.TestService.

usage: interop_server.py FILE_DESCRIPTOR_SET

Prints `listening on HOST:PORT`, serves until standard input ends.
"""
import sys
import time
from concurrent import futures

import grpc

from contracts import Contracts

contracts = Contracts(sys.argv[1])
Empty = contracts.message("grpc.testing.Empty")
Simple = contracts.message("grpc.testing.SimpleRequest")
SimpleAnswer = contracts.message("grpc.testing.SimpleResponse")
Output = contracts.message("grpc.testing.StreamingOutputCallRequest")
OutputAnswer = contracts.message("grpc.testing.StreamingOutputCallResponse")
Input = contracts.message("grpc.testing.StreamingInputCallRequest")
InputAnswer = contracts.message("grpc.testing.StreamingInputCallResponse")
Status = contracts.message("google.rpc.Status")
ErrorInfo = contracts.message("google.rpc.ErrorInfo")

CODES = {code.value[0]: code for code in grpc.StatusCode}
LIMIT = 64 << 20


def echo(request, context):
    received = dict(context.invocation_metadata())
    if "x-grpc-test-echo-initial" in received:
        context.send_initial_metadata((("x-grpc-test-echo-initial", received["x-grpc-test-echo-initial"]),))
    trailing = []
    if "x-grpc-test-echo-trailing-bin" in received:
        trailing.append(("x-grpc-test-echo-trailing-bin", received["x-grpc-test-echo-trailing-bin"]))
    if request is not None and request.response_status.code:
        status = Status(code=request.response_status.code, message=request.response_status.message)
        info = ErrorInfo(reason="ECHOED", domain="grpc.testing", metadata={"code": str(status.code)})
        status.details.add(type_url="type.googleapis.com/google.rpc.ErrorInfo", value=info.SerializeToString())
        trailing.append(("grpc-status-details-bin", status.SerializeToString()))
        context.set_trailing_metadata(tuple(trailing))
        context.abort(CODES[status.code], status.message)
    context.set_trailing_metadata(tuple(trailing))


def unary(request, context):
    echo(request, context)
    return SimpleAnswer(payload=dict(body=bytes(request.response_size)))


def output(request, context):
    for parameters in request.response_parameters:
        time.sleep(parameters.interval_us / 1e6)
        yield OutputAnswer(payload=dict(body=bytes(parameters.size)))


def collect(requests, context):
    return InputAnswer(aggregated_payload_size=sum(len(request.payload.body) for request in requests))


def duplex(requests, context):
    for request in requests:
        echo(request, context)
        yield from output(request, context)


def handlers():
    simple = dict(request_deserializer=Simple.FromString, response_serializer=SimpleAnswer.SerializeToString)
    out = dict(request_deserializer=Output.FromString, response_serializer=OutputAnswer.SerializeToString)
    return grpc.method_handlers_generic_handler("grpc.testing.TestService", {
        "EmptyCall": grpc.unary_unary_rpc_method_handler(
            lambda request, context: Empty(), request_deserializer=Empty.FromString,
            response_serializer=Empty.SerializeToString),
        "UnaryCall": grpc.unary_unary_rpc_method_handler(unary, **simple),
        "StreamingOutputCall": grpc.unary_stream_rpc_method_handler(output, **out),
        "StreamingInputCall": grpc.stream_unary_rpc_method_handler(
            collect, request_deserializer=Input.FromString, response_serializer=InputAnswer.SerializeToString),
        "FullDuplexCall": grpc.stream_stream_rpc_method_handler(duplex, **out),
    })


def main():
    options = [("grpc.max_receive_message_length", LIMIT), ("grpc.max_send_message_length", LIMIT)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1100), options=options)
    server.add_generic_rpc_handlers((handlers(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)
    sys.stdin.read()
    server.stop(0)


main()
