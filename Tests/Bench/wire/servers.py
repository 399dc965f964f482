"""The servers that are compared: each a process on the first core."""

import os
import re
import resource
import socket
import subprocess
import time

SERVER_CORE, LOAD_CORE = "0", "1"
# One processor for Go, as its server has one core; for all that use glibc's malloc what docker/Dockerfile sets.
ENVIRONMENT = {"GOMAXPROCS": "1", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=256"}


def raise_file_limit():
    """As many open files as this machine lets us have; answers how many."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Server:
    def __init__(self, name, command, environment=None, port=None):
        self.name = name
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORE, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **ENVIRONMENT, **(environment or {})})
        self.port = port or self.read_port()

    def read_port(self):
        line = self.process.stdout.readline()
        self.seconds_to_serve = time.monotonic() - self.started
        match = re.search(r"port (\d+)", line)
        if not match:
            raise SystemExit(f"{self.name} did not start: {line!r}")
        return int(match[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def cpu_seconds(self):
        """As the kernel counts it, to the nanosecond: the clock of another process, see clock_getcpuclockid(3)."""
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def memory_kilobytes(self, field):
        """VmRSS is what it holds now, VmHWM the most it held."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(rf"{field}:\s+(\d+) kB", status.read())[1])


def ours(options):
    return "Switchboard", [os.path.join(options.ours, "echo-server")]


def peers(options):
    """Those that were built: pairs of name and command."""
    programs = {"grpc-c++": "echo_server", "grpc-go": "go_echo_server", "grpc-swift-2": "swift_echo_server"}
    for name, program in programs.items():
        path = os.path.join(options.peers, program)
        if os.path.exists(path):
            yield name, [path]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
