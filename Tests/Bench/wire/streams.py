"""Streams and clients. The load is a client of gRPC's, which checks the status and every message."""

import json
import os
import subprocess

from servers import LOAD_CORE, Server, ours, peers

DOWNLOADED, PINGED, CALLED = 1_000_000, 50_000, 204_800
CALLERS = 128


def run(options, report):
    client = os.path.join(options.peers, "echo_client")
    if not os.path.exists(client):
        return
    for case, kind, count in (("server-streaming", "download", DOWNLOADED), ("ping-pong", "pingpong", PINGED)):
        mine = messages_per_cpu_second(ours(options), client, kind, count)
        for peer in peers(options):
            report.add(case, "messages per CPU s", mine, messages_per_cpu_second(peer, client, kind, count), peer[0])
    with Server(*ours(options)) as server:
        figures = [calls(os.path.join(options.ours, "echo-client"), server), calls(client, server)]
        report.add("client-unary", "calls per CPU s", *(f["count"] / f["cpu_seconds"] for f in figures), "grpc-c++")
        report.add("client-unary", "calls/s", *(f["count"] / f["seconds"] for f in figures), "grpc-c++")


def messages_per_cpu_second(server, client, kind, count):
    with Server(*server) as running:
        load(client, running, kind, count // 10)
        before = running.cpu_seconds()
        load(client, running, kind, count)
        return count / (running.cpu_seconds() - before)


def calls(client, server):
    return load(client, server, "unary", CALLED, CALLERS)


def load(client, server, kind, count, *more):
    command = ["taskset", "-c", LOAD_CORE, client, str(server.port), kind, str(count), *map(str, more)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
