"""Unary echo under h2load: requests per second, CPU per request, latency, memory, allocations.

h2load counts an error as an answer, so grpc-status and the reply's bytes are checked with curl before and after each load, and
h2load's own counts of answers and bytes must be those of good replies.

The servers take turns: a minute in which the machine is slow is then everybody's, and what is told are medians.
"""

import contextlib
import os
import re
import statistics
import subprocess
import tempfile

from message import FRAME, HEADERS, PATH
from servers import LOAD_CORE, Server, free_port, ours, peers

CASES = [("unary-8x16", 8, 16), ("unary-32x8", 32, 8), ("unary-1x1", 1, 1)]
ROUNDS = 3
COSTS = {"CPU us per request": True, "requests/s": False, "p50 us": True, "p99 us": True, "peak memory KB": True}


def run(options, report):
    with tempfile.TemporaryDirectory() as folder:
        for case, clients, streams in CASES:
            servers = [ours(options), *peers(options)]
            mine, *others = measured(servers, folder, clients, streams, options.seconds)
            for (name, _), theirs in zip(servers[1:], others):
                for metric, is_cost in COSTS.items():
                    report.add(case, metric, mine[metric], theirs[metric], name, is_cost)
            floor = nghttpd(folder, clients, streams, options.seconds)
            for metric in floor or {}:
                report.add(case, metric, mine[metric], floor[metric], "nghttpd", True)
        allocations(options, report, folder)


def measured(servers, folder, clients, streams, seconds):
    """The figures of each server."""
    with contextlib.ExitStack() as running:
        loads = [Load(running.enter_context(Server(*server)), folder, clients, streams) for server in servers]
        for load in loads:
            load.check()
        requests = [load.requests_in(seconds / ROUNDS) for load in loads]
        rounds = [[load.figures(count) for load, count in zip(loads, requests)] for _ in range(ROUNDS)]
        for load in loads:
            load.check()
        return [
            {metric: statistics.median(figures[metric] for figures in told) for metric in told[0]}
            | {"peak memory KB": load.server.memory_kilobytes("VmHWM")}
            for load, told in zip(loads, zip(*rounds))]


class Load:
    def __init__(self, server, folder, clients, streams):
        self.server, self.folder, self.clients, self.streams = server, folder, clients, streams
        self.flags = [flag for header in HEADERS for flag in ("-H", header)]
        self.url = f"http://127.0.0.1:{server.port}{PATH}"
        self.body = os.path.join(folder, "request")
        with open(self.body, "wb") as file:
            file.write(FRAME)

    def check(self):
        headers = os.path.join(self.folder, "headers")
        command = ["curl", "-sS", "--http2-prior-knowledge", "--max-time", "10", "-D", headers, "--data-binary", "@-", *self.flags, self.url]
        answer = subprocess.run(command, input=FRAME, stdout=subprocess.PIPE, check=True).stdout
        with open(headers) as file:
            status = re.search(r"^grpc-status: *(\d+)", file.read(), re.MULTILINE | re.IGNORECASE)
        if answer != FRAME or not status or status[1] != "0":
            raise SystemExit(f"{self.server.name} answered {answer!r} with status {status and status[1]}")

    def requests_in(self, seconds):
        rate = self.run(1_000 * self.clients)["requests/s"]
        return max(self.clients * 1_000, int(rate * seconds) // self.clients * self.clients)

    def run(self, requests, *more):
        command = ["h2load", "-n", str(requests), "-c", str(self.clients), "-m", str(self.streams), "-d", self.body]
        before = self.server.cpu_seconds()
        text = h2load([*command, *more, *self.flags, self.url])
        cpu = self.server.cpu_seconds() - before
        data = int(re.search(r"traffic: .*\((\d+)\) data", text)[1])
        if good_answers(text) != requests or data != requests * len(FRAME):
            raise SystemExit(f"{self.server.name}: {requests} requests, but\n{text}")
        return {"requests/s": rate(text), "CPU us per request": cpu / requests * 1e6}

    def figures(self, requests):
        return self.run(requests) | latencies(self.folder, self.clients, requests, self.run)


def latencies(folder, clients, requests, run):
    """Of a run of its own, with one more flag and a tenth of the requests: writing a line for each would cost the load generator what
    it is to measure."""
    log = os.path.join(folder, "latencies")
    run(max(clients * 100, requests // 10 // clients * clients), f"--log-file={log}")
    with open(log) as lines:
        times = sorted(int(line.split("\t")[2]) for line in lines)
    os.remove(log)
    return {"p50 us": times[len(times) // 2], "p99 us": times[len(times) * 99 // 100]}


def h2load(command):
    return subprocess.run(["taskset", "-c", LOAD_CORE, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True).stdout


def rate(text):
    return float(re.search(r"finished in .*?, ([\d.]+) req/s", text)[1])


def good_answers(text):
    return int(re.search(r"status codes: (\d+) 2xx", text)[1])


def nghttpd(folder, clients, streams, seconds):
    """What nghttp2's own server costs for a file of as many bytes: the floor. Nil where it is not installed."""
    with open(os.path.join(folder, "file"), "wb") as file:
        file.write(FRAME)
    port = free_port()
    try:
        server = Server("nghttpd", ["nghttpd", "--no-tls", "-d", folder, str(port)], port=port)
    except FileNotFoundError:
        return None
    with server:
        url = f"http://127.0.0.1:{port}/file"
        subprocess.run(["curl", "-s", "--retry", "50", "--retry-connrefused", "--retry-delay", "0", "--http2-prior-knowledge", "-o", os.devnull, url], check=True)
        command = ["h2load", "-c", str(clients), "-m", str(streams), url, "-n"]
        requests = int(rate(h2load([*command, str(1_000 * clients)])) * seconds) // clients * clients
        before = server.cpu_seconds()
        if good_answers(h2load([*command, str(requests)])) != requests:
            raise SystemExit("nghttpd answered with errors")
        cost = (server.cpu_seconds() - before) / requests * 1e6
        timed = latencies(folder, clients, requests, lambda count, flag: h2load([*command, str(count), flag]))
        return {"CPU us per request": cost} | timed


def allocations(options, report, folder):
    """Counted by a library that is loaded before libc. Not for Go, whose memory is its own."""
    library = os.path.join(options.peers, "count_allocations.so")
    if not os.path.exists(library):
        return
    mine = counted(ours(options), library, folder)
    for peer in peers(options):
        if peer[0] != "grpc-go":
            report.add("unary-8x16", "allocations per call", mine, counted(peer, library, folder), peer[0], True)


def counted(server, library, folder):
    counter = os.path.join(folder, "allocations")
    with open(counter, "wb") as file:
        file.write(bytes(8))

    def count():
        with open(counter, "rb") as file:
            return int.from_bytes(file.read(8), "little")

    with Server(*server, {"LD_PRELOAD": library, "COUNT_ALLOCATIONS": counter}) as running:
        load = Load(running, folder, 8, 16)
        load.run(8_000)
        before = count()
        load.run(80_000)
        return (count() - before) / 80_000
