"""Compares ReceiveMessage with pgbench running the very same statements in the same database, with as many clients.

The statements are not written down here: one ReceiveMessage is watched in PostgreSQL's log, and the script for pgbench is made
of what the service sent, with the same pipelines. What differs from message to message (ids, numbers, times) differs for pgbench,
too. Each client has a tenant, an account and a customer of its own, so that neither side waits for itself.
"""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

CLIENTS = 8
DATABASE = "switchboard_bench"
TICKS = os.sysconf("SC_CLK_TCK")
# Numbers that stand out in the log, where the next ones are looked for.
SEQ, VERSION, UNREAD = 700_000, 800_000, 900_000


class Bench:
    def __init__(self, arguments):
        self.programs, self.load, self.folder, self.server_log, seconds, self.out = arguments
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

    def token(self):
        now = int(time.time())
        claims = {"iss": "channels", "aud": "conversations", "sub": "channels", "kind": "service", "iat": now, "exp": now + 3_600}
        parts = [base64url(json.dumps(part).encode()) for part in ({"alg": "ES256", "kid": "channels", "typ": "JWT"}, claims)]
        signed = ".".join(parts).encode()
        der = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", f"{self.keys}/channels.pem"], input=signed, stdout=subprocess.PIPE, check=True).stdout
        return f"{signed.decode()}.{base64url(raw_signature(der))}"

    def write(self, prefix, seconds, customers):
        """Messages answered, and seconds taken."""
        words = [f"{self.tenants[n]},{self.accounts[n]},{address}" for n, address in customers]
        command = [self.load, self.address, self.token(), str(seconds), prefix, *words]
        count, took = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        return int(count), float(took)

    def cpu_seconds(self, pid):
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    # What one ReceiveMessage says to the database

    def capture(self):
        extra = CLIENTS
        self.write("first", 0, [(extra, "2444099000099")])
        self.sql(f"update conversations.conversation set last_seq = {SEQ}, version = {VERSION}, unread = {UNREAD} where tenant_id = '{self.tenants[extra]}'")
        begin = os.path.getsize(self.server_log)
        self.sql("alter system set log_statement = 'all'")
        self.sql("select pg_reload_conf()")
        time.sleep(1)
        self.write("watched", 0, [(extra, "2444099000099")])
        self.sql("alter system reset log_statement")
        self.sql("select pg_reload_conf()")
        with open(self.server_log) as file:
            file.seek(begin)
            statements = statements_of_message(file.read(), "watched-")
        self.watched = {
            "tenant": self.tenants[extra], "account": self.accounts[extra],
            "conversation": self.sql(f"select conversation_id from conversations.conversation where tenant_id = '{self.tenants[extra]}'"),
            "message": self.sql(f"select message_id from conversations.message where tenant_id = '{self.tenants[extra]}' and seq = {SEQ + 1}"),
            "time": self.sql(f"select create_time from conversations.message where tenant_id = '{self.tenants[extra]}' and seq = {SEQ + 1}"),
        }
        return statements

    def pgbench(self, statements):
        conversations = [row.split() for row in self.sql(
            "select tenant_id, conversation_id from conversations.conversation where customer_address = '2444099000001'").splitlines()]
        conversations = dict(conversations)
        partitions = dict(row.split() for row in self.sql(
            "select distinct tenant_id, partition from conversations.event").splitlines())
        own = self.tenants[:CLIENTS]
        values = {
            "i": "0", "tenants": array(own), "accounts": array(self.accounts[:CLIENTS]),
            "conversations": array([conversations[tenant] for tenant in own]), "partitions": array([partitions[tenant] for tenant in own])}
        script = ["\\set c :client_id + 1", "\\set i :i + 1", "\\startpipeline"]
        for number, (text, parameters) in enumerate(statements):
            script.append(self.generalised(text, parameters, number, partitions, values) + ";")
            if "for update" in text:
                script += ["\\endpipeline", "\\startpipeline"]
        script.append("\\endpipeline")
        path = os.path.join(self.folder, "receive.pgbench")
        with open(path, "w") as file:
            file.write("\n".join(script) + "\n")
        definitions = [word for name, value in values.items() for word in ("-D", f"{name}={value}")]
        command = [
            "pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-T", str(int(self.seconds)), "-f", path, *definitions,
            "-h", "127.0.0.1", "-p", self.port, "-U", "conversations_runtime", DATABASE]
        environment = {**os.environ, "PGPASSWORD": self.passwords["conversations_runtime"]}
        before = self.messages("2444099000001")
        text = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
        found = re.search(r"tps = ([\d.]+)", text)
        processed = re.search(r"transactions actually processed: (\d+)", text)
        if not found or not processed or self.messages("2444099000001") - before != int(processed[1]):
            raise SystemExit(f"pgbench did not store what it counted:\n{text}")
        return float(found[1])

    def messages(self, address):
        return int(self.sql(
            f"select count(*) from conversations.message as m join conversations.conversation as c using (tenant_id, conversation_id) where customer_address = '{address}'"))

    def generalised(self, text, parameters, number, partitions, values):
        """A statement whose own ids, numbers and times vary as they do from message to message."""
        casts = ["uuid[]", "text[]", "uuid[]", "timestamptz[]", "jsonb[]", "bytea[]"]
        position = 0

        def written(match):
            nonlocal position
            key, value = f"s{number}_{match[1]}", parameters[int(match[1])]
            cast = ""
            if "unnest(" in text and text.index("unnest(") < match.start() and position < len(casts):
                cast, position = "::" + casts[position], position + 1
            known = self.watched
            if not value:  # pgbench has no empty variables
                return ("null" if value is None else "''") + cast
            if value == known["tenant"]:
                return "((:tenants)::text[])[:c]" if "set_config" in text else "((:tenants)::uuid[])[:c]"
            if value == known["account"]:
                return "((:accounts)::uuid[])[:c]"
            if value == known["conversation"]:
                return "((:conversations)::uuid[])[:c]"
            if value == "{" + known["tenant"] + "}":
                return "array[((:tenants)::uuid[])[:c]]"
            if value == "{" + known["conversation"] + "}":
                return "array[((:conversations)::uuid[])[:c]]"
            if value == known["message"]:
                return "lpad((:i)::text, 32, '0')::uuid"
            if value.startswith("watched-"):
                return "'pgbench-' || (:c)::text || '-' || (:i)::text"
            if value == "2444099000099":
                return "'2444099000001'"
            if value in (str(SEQ + 1), str(UNREAD + 1)):
                return "(:i::int + 1)"
            if value == str(VERSION):
                return "(:i::bigint + :version::bigint - 1)"
            if "partition = $" + match[1] in text:
                return "((:partitions)::smallint[])[:c]"
            values[key] = value
            if value == known["time"]:
                return f"(:{key}::timestamptz + :i::int * interval '1 millisecond')"
            return f":{key}{cast}"

        values["version"] = self.version
        return re.sub(r"\$(\d+)", written, text)

    # The comparison

    def run(self):
        self.prepare()
        ours = [(n, "2444099000000") for n in range(CLIENTS)]
        theirs = [(n, "2444099000001") for n in range(CLIENTS)]
        self.write("first", 0, ours)
        self.write("second", 0, theirs)
        self.version = self.sql("select distinct version from conversations.conversation where customer_address = '2444099000001'")
        statements = self.capture()
        self.write("warm", min(2, self.seconds), ours)
        before = self.cpu_seconds(self.service.pid)
        count, took = self.write("load", self.seconds, ours)
        cpu = (self.cpu_seconds(self.service.pid) - before) / count * 1e6
        rate, peer = count / took, self.pgbench(statements)
        print(f"{len(statements)} statements a message, {CLIENTS} clients each:", *[" ".join(text.split())[:60] for text, _ in statements], sep="\n    ")
        print(f"{'case':22} {'metric':22} {'ours':>12} {'pgbench':>12} {'ratio':>8}")
        print(f"{'ReceiveMessage':22} {'requests/s':22} {rate:12.0f} {peer:12.0f} {rate / peer:8.2f}")
        print(f"{'ReceiveMessage':22} {'CPU us per request':22} {cpu:12.1f}", flush=True)
        with open(self.out, "a") as lines:
            lines.write(json.dumps({
                "case": "ReceiveMessage", "metric": "requests/s", "ours": round(rate, 1), "peer": round(peer, 1), "peer_name": "pgbench",
                "ratio": round(rate / peer, 3)}) + "\n")
            lines.write(json.dumps({"case": "ReceiveMessage", "metric": "CPU us per request", "ours": round(cpu, 2)}) + "\n")

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(20)
        self.sql(f"drop database if exists {DATABASE} with (force)", "postgres")


def statements_of_message(log, marker):
    """The statements of the transaction that took the marked provider id, with their parameters by number."""
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
            if text == "commit":
                transaction = found[begun : number + 1]
                if any(value and value.startswith(marker) for _, values in transaction for value in values.values()):
                    return transaction
    raise SystemExit("the log does not show the message's transaction")


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
