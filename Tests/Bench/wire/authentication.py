"""What it costs to know who calls: a service's health check with a token that was seen before, beside the same without one.

The service is one that needs no database. All that stands around a call stands around its health check, and a token is judged there
though nobody asks for it. nghttp2, and so h2load, never puts this header into HPACK's table: what its bytes alone cost is seen at the
echo, which does not look at it.
"""

import os
import re
import subprocess
import tempfile

from message import HEADERS
from message import PATH as ECHO_PATH
from servers import Server, free_port, ours
from unary import good_answers, h2load

HEALTH_PATH = "/grpc.health.v1.Health/Check"
AGENT, TENANT = "0198c0de-0000-7000-8000-0000000bec01", "0198c0de-0000-7000-8000-0000000bea00"
EMPTY, CLIENTS, STREAMS, ROUNDS = bytes(5), 8, 16, 5
GOAL = 1.0  # us more


def run(options, report):
    with tempfile.TemporaryDirectory() as folder:
        keys = os.path.join(folder, "keys")
        switchboard(options, "keys", keys, "--service=contacts")
        token = switchboard(options, "token", "--keys", keys, "--tenant", TENANT, "--agent", AGENT, "--name", "Ann", "--role", "admin").strip()
        with served(options, keys) as server:
            load = Load(server, HEALTH_PATH, folder)
            load.check(token)
            both = load.more(options.seconds, token)
            load.check(token)
        with Server(*ours(options)) as server:
            header = Load(server, ECHO_PATH, folder).more(options.seconds, token)
        report.add("authentication", "CPU us more per request", both - header, GOAL, "goal", True)
        report.add("authentication", "with the header's bytes", both, GOAL, "goal", True)


def switchboard(options, *arguments):
    command = [os.path.join(options.services, "switchboard"), *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def served(options, keys):
    port = free_port()
    return Server("runtime-sample", [os.path.join(options.services, "runtime-sample"), "serve"], {
        "SWITCHBOARD_ENVIRONMENT": "development", "SWITCHBOARD_GRPC_LISTEN": f"127.0.0.1:{port}",
        "SWITCHBOARD_ADMIN_LISTEN": f"127.0.0.1:{free_port()}", "SWITCHBOARD_TOKEN_JWKS": f"{keys}/token-jwks.json",
        "SWITCHBOARD_SERVICE_JWKS": f"{keys}/service-jwks.json", "SWITCHBOARD_SERVICE_KEY_FILE": f"{keys}/contacts.pem",
        "SWITCHBOARD_LOG_LEVEL": "error"}, port=port)


class Load:
    def __init__(self, server, path, folder):
        self.server = server
        self.url = f"http://127.0.0.1:{server.port}{path}"
        self.body = os.path.join(folder, "request")
        with open(self.body, "wb") as file:
            file.write(EMPTY)

    def check(self, token):
        """The token is judged: a good one passes, one with another signature does not."""
        for token, status in ((token, "0"), (token[:-8] + "AAAAAAAA", "16")):
            command = [
                "curl", "-s", "--retry", "50", "--retry-connrefused", "--retry-delay", "0", "--http2-prior-knowledge", "--max-time", "10",
                "-D", "-", "-o", os.devnull, "--data-binary", f"@{self.body}", *self.flags(token), self.url]
            text = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            said = re.search(r"^grpc-status: *(\d+)", text, re.MULTILINE | re.IGNORECASE)
            if not said or said[1] != status:
                raise SystemExit(f"{self.server.name} was to answer with status {status}, but\n{text}")

    def more(self, seconds, token):
        """By how much the header makes a request dearer, in us: the median of several pairs."""
        self.cost(seconds, token)
        return sorted(self.cost(seconds, token) - self.cost(seconds) for _ in range(ROUNDS))[ROUNDS // 2]

    def cost(self, seconds, token=None):
        """CPU per request, in us."""
        requests = int(20_000 * seconds) // CLIENTS * CLIENTS
        before = self.server.cpu_seconds()
        text = h2load(["h2load", "-n", str(requests), "-c", str(CLIENTS), "-m", str(STREAMS), "-d", self.body, *self.flags(token), self.url])
        cpu = self.server.cpu_seconds() - before
        if good_answers(text) != requests:
            raise SystemExit(f"{self.server.name}: {requests} requests, but\n{text}")
        return cpu / requests * 1e6

    @staticmethod
    def flags(token):
        headers = HEADERS + ([f"authorization: Bearer {token}"] if token else [])
        return [flag for header in headers for flag in ("-H", header)]
