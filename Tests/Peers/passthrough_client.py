"""Google's gRPC for Python through the gateway: metadata, trailers, errors, deadlines and cancellation of all four kinds. It
speaks bytes, because the gateway does not decode either. Prints one line per case, ends with 1 when one failed.

usage: passthrough_client.py HOST:PORT
"""
import sys
import time
import traceback

import grpc

SENT = (("x-in", "first"), ("x-in-bin", b"\x00\xab\xff"))


def stub(channel):
    make = {"Unary": channel.unary_unary, "Server": channel.unary_stream, "Client": channel.stream_unary, "Both": channel.stream_stream}
    return {kind: method(f"/passthrough.test.Kinds/{kind}") for kind, method in make.items()}


def start(kind, call, requests, **options):
    """The call under way, as grpcio's future or stream."""
    request = iter(requests) if kind in ("Client", "Both") else requests[0]
    return call(request, **options) if kind in ("Server", "Both") else call.future(request, **options)


def answers(kind, running):
    return list(running) if kind in ("Server", "Both") else [running.result()]


def code_of(kind, running):
    try:
        answers(kind, running)
    except grpc.FutureCancelledError:
        return grpc.StatusCode.CANCELLED
    except grpc.RpcError as error:
        return error.code()
    raise AssertionError("an error was expected")


def metadata(kind, call):
    running = start(kind, call, [b"one", b"", b"three"], metadata=SENT)
    expected = {"Unary": [b"one"], "Server": [b"one"] * 3, "Client": [b"one", b"", b"three"], "Both": [b"one", b"", b"three"]}[kind]
    got = answers(kind, running)
    assert got == ([b"".join(expected)] if kind == "Client" else expected), got
    initial, trailing = dict(running.initial_metadata()), dict(running.trailing_metadata())
    assert initial["x-initial"] == "first" and initial["x-initial-bin"] == b"\x00\xab\xff", initial
    assert trailing["x-trailing"] == "first" and trailing["x-trailing-bin"] == b"\x00\xab\xff", trailing


def errors(kind, call):
    running = start(kind, call, [b"one"], metadata=(("x-fail", "1"),))
    assert code_of(kind, running) == grpc.StatusCode.ABORTED
    assert running.details() == "raced ☺ 100 %", running.details()
    assert dict(running.trailing_metadata())["x-trailing"] == "failed"


def deadlines(kind, call):
    begun = time.monotonic()
    running = start(kind, call, [b"one"], metadata=(("x-wait", "deadline"),), timeout=0.5)
    assert code_of(kind, running) == grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - begun < 20


def cancellation(kind, call, unary):
    def waiting():
        return int(unary(b"", metadata=(("x-count", "1"),)))

    before = waiting()
    running = start(kind, call, [b"one"], metadata=(("x-wait", "cancel"),))
    while waiting() == before:
        time.sleep(0.005)
    running.cancel()
    assert code_of(kind, running) == grpc.StatusCode.CANCELLED


def main():
    failed = False
    with grpc.insecure_channel(sys.argv[1]) as channel:
        calls = stub(channel)
        for kind, call in calls.items():
            for case in (metadata, errors, deadlines, cancellation):
                try:
                    case(kind, call, *([calls["Unary"]] if case is cancellation else []))
                    print(f"ok {kind} {case.__name__}", flush=True)
                except Exception:
                    failed = True
                    print(f"failed {kind} {case.__name__}: {traceback.format_exc()}", flush=True)
    sys.exit(1 if failed else 0)


main()
