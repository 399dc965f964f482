"""Compares RPCs of conversations with pgbench running the very same statements in the same database.

The statements are not written down here: one call is watched in PostgreSQL's log, and the script for pgbench is made of what the
service sent, with the same pipelines. What differs from call to call (ids, numbers, times) differs for pgbench, too. pgbench has 8
clients, each with a tenant, an account and a customer of its own, so that it never waits for itself; ours has 8 connections with 8
calls in flight on each, in the same tenants.
"""

import glob
import json
import os
import re
import subprocess
import sys
import time

from services import Services, cpu_seconds

CLIENTS = 8
CALLS = 64
# Numbers that stand out in the log, where the next ones are looked for.
SEQ, VERSION, UNREAD = 700_000, 800_000, 900_000
RPCS = {"write": ("receive", "send"), "read": ("get", "list")}
NAMES = {"receive": "ReceiveMessage", "send": "SendMessage", "get": "GetConversation", "list": "ListConversations"}
# What only the watched call's transaction says.
MARKS = {"receive": "watched-", "send": "/SendMessage/", "get": "(tenant_id, channel_account_id) = (", "list": "limit"}
# Behind which statements the service waits for the answers before it goes on.
WAITS = {
    "receive": ("from conversations.tenant",), "send": ("idempotent_request stored", "from conversations.tenant", "channel_account_id) = ("),
    "get": (), "list": ("from conversations.tenant",)}
ARRAYS = {
    ".event (": ("uuid", "text", "uuid", "timestamptz", "jsonb", "bytea"),
    "pg_try_advisory_xact_lock": ("text",),
    "idempotent_request stored": ("uuid", "text", "text", "text"),
    ".idempotent_request (": ("uuid", "text", "text", "text", "bytea", "bytea"),
    "wanted (kind, due_time)": ("text", "timestamptz"),
    "wanted (wanted_state)": ("text",),
    "as word": ("text",),
}


class Bench(Services):
    def __init__(self, arguments):
        kinds, programs, self.load, folder, self.server_log, seconds, self.out = arguments
        self.kinds = kinds.split(",")
        self.seconds = float(seconds)
        super().__init__("switchboard_bench", programs, folder, CLIENTS + 1)

    def call(self, rpc, prefix, seconds, customers, rate=0):
        """Calls answered, seconds taken, and the microseconds within which half and 99 of 100 were answered."""
        words = [",".join((
            self.channels if rpc == "receive" else self.agents[customer.number], self.tenants[customer.number],
            self.accounts[customer.number], customer.address, customer.conversation)) for customer in customers]
        command = [self.load, rpc, self.address, str(seconds), str(rate), prefix, *words]
        count, took, half, most = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        return int(count), float(took), float(half), float(most)

    # Who writes

    def customers(self, name, count, tenants):
        """Customers who have written and are being served, each in the next of these tenants."""
        found = [Customer(tenants[n % len(tenants)], f"{name}{n:06}") for n in range(count)]
        self.call("receive", f"first-{name}", 0, found)
        for customer in found:
            customer.conversation = self.sql(
                "select conversation_id from conversations.conversation where customer_address = "
                f"'{customer.address}' and tenant_id = '{self.tenants[customer.number]}'")
        self.call("accept", f"accept-{name}", 0, found)
        # From now on nothing is the first of its kind.
        self.call("receive", f"second-{name}", 0, found)
        self.call("send", f"third-{name}", 0, found)
        return found

    # What one call says to the database

    def capture(self, rpc):
        """The statements of one call and their parameters, of a customer whose numbers stand out."""
        watched, = self.customers(f"watched{rpc}", 1, [CLIENTS])
        tenant = self.tenants[CLIENTS]
        self.sql(
            f"update conversations.conversation set last_seq = {SEQ}, version = {VERSION}, unread = {UNREAD} where conversation_id = "
            f"'{watched.conversation}'")
        begin = os.path.getsize(self.server_log)
        self.sql("alter system set log_statement = 'all'")
        self.sql("select pg_reload_conf()")
        time.sleep(1)
        self.call(rpc, "watched", 0, [watched])
        self.sql("alter system reset log_statement")
        self.sql("select pg_reload_conf()")
        with open(self.server_log) as file:
            file.seek(begin)
            statements = statements_of_call(file.read(), MARKS[rpc])
        known = {tenant: "tenants", self.accounts[CLIENTS]: "accounts", watched.conversation: "conversations"}
        row = self.sql(
            f"select message_id, create_time from conversations.message where conversation_id = '{watched.conversation}' and seq = {SEQ + 1}")
        request = self.sql(
            f"select request_id from conversations.idempotent_request where tenant_id = '{tenant}' order by expire_time desc limit 1")
        once = [word for word in ((row.split()[0] if row else ""), request) if word]
        return Watched(statements, known, once, " ".join(row.split()[1:]), watched.address)

    def pgbench(self, rpc, customers, rate=0):
        """Transactions a second, and the microseconds within which 99 of 100 ended."""
        watched = self.watched[rpc]
        partitions = dict(row.split() for row in self.sql(
            "select distinct tenant_id, partition from conversations.event").splitlines())
        own = self.tenants[:CLIENTS]
        self.version, self.seq, self.unread = (self.sql(
            f"select max({column}) from conversations.conversation where customer_address like '{customers[0].address[:-6]}%'")
            for column in ("version", "last_seq", "unread"))
        values = {
            "i": "0", "tenants": array(own), "accounts": array(self.accounts[:CLIENTS]), "round": str(self.rounds),
            "conversations": array([customer.conversation for customer in customers]),
            "addresses": array([customer.address for customer in customers]),
            "partitions": array([partitions[tenant] for tenant in own])}
        self.rounds += 1
        script = ["\\set c :client_id + 1", "\\set i :i + 1", "\\startpipeline"]
        for number, (text, parameters) in enumerate(watched.statements):
            script.append(self.generalised(watched, text, parameters, number, values) + ";")
            # Where the service looks at an answer before it goes on.
            if any(mark in text for mark in WAITS[rpc]):
                script += ["\\endpipeline", "\\startpipeline"]
        script.append("\\endpipeline")
        path = os.path.join(self.folder, f"{rpc}.pgbench")
        with open(path, "w") as file:
            file.write("\n".join(script) + "\n")
        definitions = [word for name, value in values.items() for word in ("-D", f"{name}={value}")]
        log = os.path.join(self.folder, f"{rpc}-log")
        for old in glob.glob(log + ".*"):
            os.unlink(old)
        command = [
            "pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-T", str(int(self.seconds)), "-f", path, *definitions,
            *(["--rate", str(rate), "-l", f"--log-prefix={log}"] if rate else []),
            "-h", "127.0.0.1", "-p", self.port, "-U", "conversations_runtime", self.database]
        environment = {**os.environ, "PGPASSWORD": self.passwords["conversations_runtime"]}
        before = self.messages(customers)
        text = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
        found = re.search(r"tps = ([\d.]+)", text)
        processed = re.search(r"transactions actually processed: (\d+)", text)
        stored = self.messages(customers) - before
        if not found or not processed or stored != (int(processed[1]) if rpc in ("receive", "send") else 0):
            raise SystemExit(f"pgbench did not store what it counted ({stored}):\n{text}")
        times = sorted(int(line.split()[2]) for name in glob.glob(log + ".*") for line in open(name)) or [0]
        return float(found[1]), times[len(times) * 99 // 100]

    def messages(self, customers):
        return int(self.sql(
            "select count(*) from conversations.message where conversation_id = any('"
            + array([customer.conversation for customer in customers]) + "')"))

    def generalised(self, watched, text, parameters, number, values):
        """A statement whose own ids, numbers and times vary as they do from call to call."""
        once = "lpad((:i)::text, 12, '0')"

        def written(match):
            key, value = f"s{number}_{match[1]}", parameters[int(match[1])]
            cast = cast_of(text, match)
            if value is None:
                return "null" + cast
            if not value:  # pgbench has no empty variables
                return "''" + cast
            if value in (str(SEQ + 1), str(SEQ)):
                return f"(:i::int + {int(self.seq) - (value == str(SEQ))})"
            if value == str(UNREAD + 1):
                return f"(:i::int + {int(self.unread)})"
            if value == str(UNREAD):
                return self.unread
            if value == str(VERSION):
                return f"(:i::bigint + {int(self.version) - 1})"
            if "partition = $" + match[1] in text:
                return "((:partitions)::smallint[])[:c]"
            if watched.time and value == watched.time:
                values[key] = value
                return f"(:{key}::timestamptz + :i::int * interval '1 millisecond')"
            expression = None
            for word, name in watched.known.items():
                if value == word:
                    kind = "text" if "set_config" in text else "uuid"
                    return f"((:{name})::{kind}[])[:c]"
                if word in value:
                    expression = f"replace({expression or f':{key}::text'}, '{word}', ((:{name})::text[])[:c])"
            for word in watched.once:
                if word in value:
                    fresh = f"'{word[:8]}-' || lpad((:round)::text, 4, '0') || '-4000-8000-' || {once}"
                    expression = f"replace({expression or f':{key}::text'}, '{word}', {fresh})"
                    cast = cast or ("" if "text" in cast else "::uuid" if value == word else "")
            if value.startswith("watched-"):
                return f"'pgbench-' || (:round)::text || '-' || (:c)::text || '-' || (:i)::text"
            if value == watched.address:
                return "((:addresses)::text[])[:c]"
            values[key] = value
            return f"({expression}){cast}" if expression else f":{key}{cast}"

        return re.sub(r"\$(\d+)", written, text)

    # The comparison

    def run_all(self):
        self.create()
        self.serve()
        self.rounds = 0
        self.channels = self.channels_token()
        self.agents = [self.agent_token(tenant) for tenant in self.tenants]
        self.watched = {rpc: self.capture(rpc) for kind in self.kinds for rpc in RPCS[kind]}
        print(f"{'case':18} {'metric':26} {'ours':>12} {'pgbench':>12} {'ratio':>8}")
        for kind in self.kinds:
            for rpc in RPCS[kind]:
                self.compare(rpc)

    def compare(self, rpc):
        ours = self.customers(f"ours{rpc}", CALLS, range(CLIENTS))
        theirs = self.customers(f"theirs{rpc}", CLIENTS, range(CLIENTS))
        self.call(rpc, f"warm-{rpc}", min(2, self.seconds), ours)
        before = cpu_seconds(self.service)
        count, took, _, _ = self.call(rpc, f"load-{rpc}", self.seconds, ours)
        cpu = (cpu_seconds(self.service) - before) / count * 1e6
        rate, (peer, _) = count / took, self.pgbench(rpc, theirs)
        self.tell(rpc, "requests/s", rate, peer, rate / peer)
        self.tell(rpc, "CPU us per request", cpu)
        _, _, half, most = self.call(rpc, f"paced-{rpc}", self.seconds, ours, rate=rate / 2)
        _, theirs_most = self.pgbench(rpc, theirs, rate=peer / 2)
        self.tell(rpc, "p99 us at half the rate", most, theirs_most, theirs_most / most)
        self.tell(rpc, "p50 us at half the rate", half)

    def tell(self, rpc, metric, ours, peer=None, ratio=None):
        case = NAMES[rpc]
        print(f"{case:18} {metric:26} {ours:12.0f}" + (f" {peer:12.0f} {ratio:8.2f}" if peer else ""), flush=True)
        row = {"case": case, "metric": metric, "ours": round(ours, 1)}
        if peer:
            row |= {"peer": round(peer, 1), "peer_name": "pgbench", "ratio": round(ratio, 3)}
        with open(self.out, "a") as lines:
            lines.write(json.dumps(row) + "\n")


class Customer:
    def __init__(self, number, address):
        self.number, self.address, self.conversation = number, address, ""


class Watched:
    def __init__(self, statements, known, once, time, address):
        self.statements, self.known, self.once, self.time, self.address = statements, known, once, time, address


def cast_of(text, match):
    """The type of an array: pgbench sends texts."""
    if text[: match.start()].endswith("any("):
        return "::uuid[]"
    for table, types in ARRAYS.items():
        if table not in text:
            continue
        begin = text.index("unnest(")
        if begin < match.start():
            position = text[begin : match.start()].count("$")
            return f"::{types[position]}[]" if position < len(types) else ""
    return ""


def statements_of_call(log, marker):
    """The statements of the first transaction that says the mark, in a statement or as a parameter, and their parameters."""
    entries = []
    for line in log.splitlines():
        if line.startswith("\t") and entries:
            entries[-1] += "\n" + line[1:]
        else:
            entries.append(line)
    by_process = {}
    for entry in entries:
        match = re.match(r"\S+ \S+ \S+ \[(\d+)\] (\w+):  (.*)", entry, re.DOTALL)
        if not match:
            continue
        found = by_process.setdefault(match[1], [])
        if match[2] == "LOG" and (statement := re.match(r"execute [^:]*: (.*)", match[3], re.DOTALL)):
            found.append((statement[1], {}))
        elif match[2] == "DETAIL" and match[3].startswith("parameters: ") and found:
            found[-1] = (found[-1][0], parameters_of(match[3]))
    for found in by_process.values():
        begun = 0
        for number, (text, parameters) in enumerate(found):
            if text.startswith("begin"):
                begun = number
            if text in ("commit", "rollback"):
                transaction = found[begun : number + 1]
                said = [text for text, _ in transaction] + [value for _, values in transaction for value in values.values()]
                if any(value and marker in value for value in said):
                    return transaction
    raise SystemExit(f"the log does not show the transaction that says {marker}")


def parameters_of(detail):
    found = re.findall(r"\$(\d+) = (?:'((?:[^']|'')*)'|NULL)", detail)
    nulls = set(re.findall(r"\$(\d+) = NULL", detail))
    return {int(number): None if number in nulls else value.replace("''", "'") for number, value in found}


def array(values):
    return "{" + ",".join(values) + "}"


def main():
    bench = Bench(sys.argv[1:])
    try:
        bench.run_all()
    finally:
        bench.stop()
        bench.drop()


if __name__ == "__main__":
    main()
