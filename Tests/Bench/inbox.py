"""Compares RPCs of conversations with pgbench running the very same statements in the same database.

The statements are not written down here: one call is watched in PostgreSQL's log, and the script for pgbench is made of what the
service sent, with the same pipelines. What differs from call to call (ids, numbers, times) differs for pgbench, too. pgbench has 8
clients, each with a tenant, an account and a customer of its own, so that it never waits for itself; ours has 8 connections with 8
calls in flight on each, in the same tenants.
"""

import base64
import glob
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

CLIENTS = 8
CALLS = 64
DATABASE = "switchboard_bench"
TICKS = os.sysconf("SC_CLK_TCK")
# Numbers that stand out in the log, where the next ones are looked for.
SEQ, VERSION, UNREAD = 700_000, 800_000, 900_000
AGENT = "0198c0de-0000-7000-8000-0000000bec01"
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
}


class Bench:
    def __init__(self, arguments):
        kinds, self.programs, self.load, self.folder, self.server_log, seconds, self.out = arguments
        self.kinds = kinds.split(",")
        self.seconds = float(seconds)
        self.port = os.environ["BENCH_POSTGRES_PORT"]
        self.password = os.environ["BENCH_POSTGRES_PASSWORD"]
        self.processes = []
        os.makedirs(self.folder, exist_ok=True)

    def url(self, role, password):
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def sql(self, text, database=DATABASE):
        command = ["psql", "-X", "-qAt", "-F", " ", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-d", database, "-c", text]
        environment = {**os.environ, "PGPASSWORD": self.password, "PGOPTIONS": "-c client_min_messages=warning"}
        return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    # The services

    def prepare(self):
        self.sql(f"drop database if exists {DATABASE} with (force)", "postgres")
        self.sql(f"create database {DATABASE}", "postgres")
        passwords = {}
        for service in ("contacts", "conversations"):
            for role in ("owner", "runtime"):
                passwords[f"{service}_{role}"] = os.environ[f"SWITCHBOARD_{service.upper()}_{role.upper()}_PASSWORD"]
        environment = {**os.environ, "SWITCHBOARD_ADMINISTRATOR_URL": self.url("postgres", self.password)}
        run = lambda *command, **more: subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env={**environment, **more})
        run(self.program(), "bootstrap", "contacts", "conversations")
        self.keys = os.path.join(self.folder, "keys")
        run(self.program(), "keys", self.keys, *[f"--service={name}" for name in ("contacts", "conversations", "channels")])
        for service in ("contacts", "conversations"):
            owner = f"{service}_owner"
            run(self.program(service), "migrate", SWITCHBOARD_DATABASE_OWNER_URL=self.url(owner, passwords[owner]))
        self.passwords = passwords
        self.tenants = [f"0198c0de-0000-7000-8000-0000000bea{n:02x}" for n in range(CLIENTS + 1)]
        self.accounts = [f"0198c0de-0000-7000-8000-0000000bef{n:02x}" for n in range(CLIENTS + 1)]
        directory = {"tenants": [
            {"id": tenant, "name": "Bench", "departments": [
                {"id": "0198c0de-0000-7000-8000-0000000be001", "name": "Support", "default": True}],
             "agents": [], "channelAccounts": [
                {"id": account, "kind": "facebook", "name": "Page", "department": "0198c0de-0000-7000-8000-0000000be001"}]}
            for tenant, account in zip(self.tenants, self.accounts)]}
        with open(os.path.join(self.folder, "directory.json"), "w") as file:
            json.dump(directory, file)
        ports = [free_port() for _ in range(4)]
        self.address = f"127.0.0.1:{ports[2]}"
        self.start("contacts", ports[0], ports[1], SWITCHBOARD_CONVERSATIONS_ADDRESSES=self.address)
        self.service = self.start(
            "conversations", ports[2], ports[3], SWITCHBOARD_CONTACTS_ADDRESSES=f"127.0.0.1:{ports[0]}",
            # Nobody sends a template here, and it follows nobody: what it knows of tenants is put there.
            SWITCHBOARD_TEMPLATES_ADDRESSES="127.0.0.1:1", SWITCHBOARD_ROUTING_ADDRESSES="127.0.0.1:1",
            SWITCHBOARD_DIRECTORY_FILE=os.path.join(self.folder, "directory.json"))
        for tenant in self.tenants:
            self.sql(
                "insert into conversations.agent (tenant_id, agent_id, revision, display_name, deactivated, department_ids, presence,"
                f" wants_work, load_max, email_load_max) values ('{tenant}', '{AGENT}', 1, 'Ann', false, '{{}}', 'online', true, 100, 100)")
            self.sql(
                "insert into conversations.agent_slot (tenant_id, agent_id, pool, load, load_max) "
                f"values ('{tenant}', '{AGENT}', 'chat', 0, 1000), ('{tenant}', '{AGENT}', 'email', 0, 1000)")
            self.sql(f"insert into conversations.tenant (tenant_id, revision, published) values ('{tenant}', 1, true)")
        while self.sql("select count(*) from conversations.channel_account") != str(CLIENTS + 1):
            time.sleep(0.1)

    def program(self, service=None):
        return os.path.join(self.programs, "switchboard" + (f"-{service}" if service else ""))

    def start(self, service, port, admin, **more):
        environment = {
            **os.environ, "SWITCHBOARD_ENVIRONMENT": "development", "SWITCHBOARD_GRPC_LISTEN": f"127.0.0.1:{port}",
            "SWITCHBOARD_ADMIN_LISTEN": f"127.0.0.1:{admin}", "SWITCHBOARD_TOKEN_JWKS": f"{self.keys}/token-jwks.json",
            "SWITCHBOARD_SERVICE_JWKS": f"{self.keys}/service-jwks.json",
            "SWITCHBOARD_SERVICE_KEY_FILE": f"{self.keys}/{service}.pem",
            "SWITCHBOARD_DATABASE_URL": self.url(f"{service}_runtime", self.passwords[f"{service}_runtime"]), **more}
        log = open(os.path.join(self.folder, f"{service}.log"), "w")
        process = subprocess.Popen([self.program(service), "serve"], env=environment, stdout=log, stderr=log)
        self.processes.append(process)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{admin}/readyz", timeout=1).read()
                return process
            except OSError:
                if process.poll() is not None:
                    break
                time.sleep(0.1)
        raise SystemExit(f"{service} did not become ready; see {log.name}")

    def service_token(self):
        now = int(time.time())
        claims = {"iss": "channels", "aud": "conversations", "sub": "channels", "kind": "service", "iat": now, "exp": now + 3_600}
        parts = [base64url(json.dumps(part).encode()) for part in ({"alg": "ES256", "kid": "channels", "typ": "JWT"}, claims)]
        signed = ".".join(parts).encode()
        der = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", f"{self.keys}/channels.pem"], input=signed, stdout=subprocess.PIPE, check=True).stdout
        return f"{signed.decode()}.{base64url(raw_signature(der))}"

    def agent_token(self, tenant):
        command = [self.program(), "token", "--keys", self.keys, "--tenant", tenant, "--agent", AGENT, "--name", "Ann", "--role", "admin"]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    def call(self, rpc, prefix, seconds, customers, rate=0):
        """Calls answered, seconds taken, and the microseconds within which half and 99 of 100 were answered."""
        words = [",".join((
            self.channels if rpc == "receive" else self.agents[customer.number], self.tenants[customer.number],
            self.accounts[customer.number], customer.address, customer.conversation)) for customer in customers]
        command = [self.load, rpc, self.address, str(seconds), str(rate), prefix, *words]
        count, took, half, most = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        return int(count), float(took), float(half), float(most)

    def cpu_seconds(self, pid):
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

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
            "-h", "127.0.0.1", "-p", self.port, "-U", "conversations_runtime", DATABASE]
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

    def run(self):
        self.prepare()
        self.rounds = 0
        self.channels = self.service_token()
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
        before = self.cpu_seconds(self.service.pid)
        count, took, _, _ = self.call(rpc, f"load-{rpc}", self.seconds, ours)
        cpu = (self.cpu_seconds(self.service.pid) - before) / count * 1e6
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

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(20)
        self.sql(f"drop database if exists {DATABASE} with (force)", "postgres")


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


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_signature(der):
    """The two numbers of an ECDSA signature, 32 bytes each (RFC 7518, 3.4)."""
    body, numbers = der[2:], b""
    for _ in range(2):
        length = body[1]
        numbers += body[2 : 2 + length].lstrip(b"\0").rjust(32, b"\0")
        body = body[2 + length :]
    return numbers


def free_port():
    import socket
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def main():
    bench = Bench(sys.argv[1:])
    try:
        bench.run()
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
