"""Loads two echo servers in turn and compares them: requests per second, and CPU per request as the kernel counts it.

The server has one core, h2load another. Before and after each load one call is made with curl, whose grpc-status and reply bytes
are checked; h2load's own count of answers and bytes is checked too, so that a server that answers errors quickly does not win.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

MESSAGE = b"\x0a\x53" + b"x" * 83  # StringValue of 83 characters: 85 bytes
FRAME = b"\x00" + len(MESSAGE).to_bytes(4, "big") + MESSAGE
PATH = "/bench.EchoService/Echo"
HEADERS = ["content-type: application/grpc", "te: trailers"]
CASES = [("8x16", 8, 16), ("1x1", 1, 1)]
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(["taskset", "-c", "0", *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        match = re.search(r"port (\d+)", line)
        if not match:
            raise SystemExit(f"{name} did not start: {line!r}")
        self.url = f"http://127.0.0.1:{match[1]}{PATH}"

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def check(server, folder):
    headers = os.path.join(folder, "headers")
    flags = [flag for header in HEADERS for flag in ("-H", header)]
    command = ["curl", "-sS", "--http2-prior-knowledge", "--max-time", "10", "-D", headers, "--data-binary", "@-", *flags, server.url]
    answer = subprocess.run(command, input=FRAME, stdout=subprocess.PIPE, check=True).stdout
    with open(headers) as file:
        status = re.search(r"^grpc-status: *(\d+)", file.read(), re.MULTILINE | re.IGNORECASE)
    if answer != FRAME or not status or status[1] != "0":
        raise SystemExit(f"{server.name} answered {answer!r} with status {status and status[1]}")


def h2load(server, folder, requests, clients, streams):
    body = os.path.join(folder, "request")
    with open(body, "wb") as file:
        file.write(FRAME)
    flags = [flag for header in HEADERS for flag in ("-H", header)]
    command = ["taskset", "-c", "1", "h2load", "-n", str(requests), "-c", str(clients), "-m", str(streams), "-d", body, *flags, server.url]
    before = server.cpu_seconds()
    text = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True).stdout
    cpu = server.cpu_seconds() - before
    rate = float(re.search(r"finished in .*?, ([\d.]+) req/s", text)[1])
    good = int(re.search(r"status codes: (\d+) 2xx", text)[1])
    data = int(re.search(r"traffic: .*\((\d+)\) data", text)[1])
    if good != requests or data != requests * len(FRAME):
        raise SystemExit(f"{server.name}: {good} good answers of {requests}, {data} bytes of {requests * len(FRAME)}\n{text}")
    return rate, cpu / requests * 1e6


def measure(server, folder, clients, streams, seconds):
    rate, _ = h2load(server, folder, 2_000 * clients, clients, streams)
    requests = max(clients * 1_000, int(rate * seconds) // clients * clients)
    check(server, folder)
    figures = h2load(server, folder, requests, clients, streams)
    check(server, folder)
    return figures


def main():
    ours, peer, seconds, out = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]
    print(f"{'case':8} {'metric':22} {'ours':>12} {'gRPC C++':>12} {'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder, open(out, "a") as lines:
        for case, clients, streams in CASES:
            figures = []
            for name, command in (("Switchboard", [ours]), ("gRPC C++", [peer])):
                server = Server(name, command)
                try:
                    figures.append(measure(server, folder, clients, streams, seconds))
                finally:
                    server.stop()
            for metric, index, digits in (("requests/s", 0, 0), ("CPU us per request", 1, 2)):
                mine, theirs = figures[0][index], figures[1][index]
                ratio = mine / theirs if theirs else 0
                print(f"{case:8} {metric:22} {mine:12.{digits}f} {theirs:12.{digits}f} {ratio:8.2f}", flush=True)
                line = {"case": f"echo {case}", "metric": metric, "ours": round(mine, 3), "peer": round(theirs, 3)}
                lines.write(json.dumps({**line, "peer_name": "gRPC C++", "ratio": round(ratio, 3)}) + "\n")


if __name__ == "__main__":
    main()
