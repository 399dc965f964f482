"""JSON GET of a conversation through a gateway and the service, with an agent's token: ours beside one composed in Go.

Both ask the same service for the same conversations, one after the other, over HTTP/1.1 with h2load, all on the same cores.
"""

import collections
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "wire"))

from report import Report
from services import Services, cpu_seconds, free_port

CLIENTS = 16
ROUNDS = 3
Server = collections.namedtuple("Server", "process port")


class GatewayRead(Services):
    def __init__(self, arguments):
        programs, self.load, self.go, folder, seconds, out = arguments
        self.seconds, self.report = int(seconds), Report(out)
        super().__init__("switchboard_bench_gateway", programs, folder, 1)

    def compare(self):
        self.create()
        self.serve()
        token = self.agent_token(self.tenants[0])
        conversation = self.conversation()
        both = ours, theirs = self.start_gateway(), self.start_go()
        path = f"/v1/conversations/{conversation}"
        for server in both:
            self.check(server, path, token, conversation)
            self.loaded(server, path, token, 1)
        bare = self.loaded(ours, "/icon.svg", token, self.seconds)
        print(f"a file of the page: {bare[0]:.0f} requests/s, {bare[1]:.0f} us of CPU each")
        # Alternating, so that what else the machine does is the same for both.
        figures = [[self.loaded(server, path, token, self.seconds) for server in both] for _ in range(ROUNDS)]
        mine, other = [[sorted(column)[ROUNDS // 2] for column in zip(*[pair[who] for pair in figures])] for who in (0, 1)]
        for metric, (own, peer), lower in zip(
                ("requests/s", "CPU us per request", "p50 us", "p99 us"), zip(mine, other), (False, True, True, True)):
            self.report.add("gateway-read", metric, own, peer, "go-gateway", lower)

    def conversation(self):
        """Of a customer who has written."""
        customer = ",".join((self.channels_token(), self.tenants[0], self.accounts[0], "gateway-read", ""))
        subprocess.run([self.load, "receive", self.address, "0", "0", "gateway-read", customer], stdout=subprocess.DEVNULL, check=True)
        return self.sql("select conversation_id from conversations.conversation where customer_address = 'gateway-read'")

    def start_gateway(self):
        port, nobody = free_port(), "127.0.0.1:1"
        process = self.start(
            "gateway", free_port(), free_port(), SWITCHBOARD_HTTP_LISTEN=f"127.0.0.1:{port}",
            SWITCHBOARD_CONVERSATIONS_ADDRESSES=self.address, SWITCHBOARD_CONTACTS_ADDRESSES=self.contacts,
            SWITCHBOARD_ROUTING_ADDRESSES=nobody, SWITCHBOARD_TICKETS_ADDRESSES=nobody, SWITCHBOARD_TEMPLATES_ADDRESSES=nobody,
            SWITCHBOARD_CHANNELS_ADDRESSES=nobody, SWITCHBOARD_RATE_PRINCIPAL="1000000", SWITCHBOARD_RATE_ADDRESS="1000000")
        return Server(process, port)

    def start_go(self):
        process = subprocess.Popen([self.go, self.address, f"{self.keys}/token-jwks.json"], stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        return Server(process, int(process.stdout.readline().split()[-1]))

    def check(self, server, path, token, conversation):
        """A good answer with the conversation in it, and none without the token."""
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers={"Authorization": f"Bearer {token}"})
        answer = json.load(urllib.request.urlopen(request, timeout=10))
        if conversation not in answer.values() or len(answer) < 15:
            raise SystemExit(f"port {server.port} answered {answer}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=10)
        except urllib.error.HTTPError as error:
            if error.code == 401:
                return
        raise SystemExit(f"port {server.port} answers without a token")

    def loaded(self, server, path, token, seconds):
        """Requests a second, CPU of the gateway for each, and the microseconds within which half and 99 of 100 were answered."""
        log = os.path.join(self.folder, "latencies")
        command = ["h2load", "--h1", "-c", str(CLIENTS), "-t", "1", "-D", str(seconds), f"--log-file={log}",
                   "-H", f"Authorization: Bearer {token}", f"http://127.0.0.1:{server.port}{path}"]
        if os.path.exists(log):
            os.remove(log)
        before = cpu_seconds(server.process)
        text = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True).stdout
        cpu = cpu_seconds(server.process) - before
        done, good = [int(re.search(pattern, text)[1]) for pattern in (r"(\d+) done", r"status codes: (\d+) 2xx")]
        if good < done or not done:
            raise SystemExit(f"port {server.port}: not every answer is good\n{text}")
        with open(log) as lines:
            times = sorted(int(line.split("\t")[2]) for line in lines)
        return done / seconds, cpu / done * 1e6, times[len(times) // 2], times[len(times) * 99 // 100]


def main():
    bench = GatewayRead(sys.argv[1:])
    try:
        bench.compare()
    finally:
        bench.stop()
        bench.drop()


if __name__ == "__main__":
    main()
