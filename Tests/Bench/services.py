"""The services that a bench loads, in a database of their own: contacts and conversations, and tokens to call them with."""

import base64
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request

AGENT = "0198c0de-0000-7000-8000-0000000bec01"
DEPARTMENT = "0198c0de-0000-7000-8000-0000000be001"
TICKS = os.sysconf("SC_CLK_TCK")


class Services:
    """Every tenant has one department, one account of Facebook and one agent who may have a thousand open."""

    def __init__(self, database, programs, folder, tenants):
        self.database, self.programs, self.folder = database, programs, folder
        self.tenants = [f"0198c0de-0000-7000-8000-0000000bea{n:02x}" for n in range(tenants)]
        self.accounts = [f"0198c0de-0000-7000-8000-0000000bef{n:02x}" for n in range(tenants)]
        self.port = os.environ["BENCH_POSTGRES_PORT"]
        self.password = os.environ["BENCH_POSTGRES_PASSWORD"]
        self.passwords = {
            f"{service}_{role}": os.environ[f"SWITCHBOARD_{service.upper()}_{role.upper()}_PASSWORD"]
            for service in ("contacts", "conversations") for role in ("owner", "runtime")}
        self.keys = os.path.join(folder, "keys")
        self.processes = []
        os.makedirs(folder, exist_ok=True)

    def url(self, role, password):
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{self.database}"

    def sql(self, text, database=None):
        """What psql answers, a row a line, columns with a blank between."""
        command = [
            "psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-F", " ", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-d",
            database or self.database]
        environment = {**os.environ, "PGPASSWORD": self.password, "PGOPTIONS": "-c client_min_messages=warning"}
        return subprocess.run(command, input=text, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    # Setting up

    def create(self):
        """A new database with the schemas."""
        self.drop()
        self.sql(f"create database {self.database}", "postgres")
        self.run("switchboard", "bootstrap", "contacts", "conversations", SWITCHBOARD_ADMINISTRATOR_URL=self.url("postgres", self.password))
        for service in ("contacts", "conversations"):
            owner = f"{service}_owner"
            self.run(f"switchboard-{service}", "migrate", SWITCHBOARD_DATABASE_OWNER_URL=self.url(owner, self.passwords[owner]))

    def drop(self):
        self.sql(f"drop database if exists {self.database} with (force)", "postgres")

    def serve(self):
        """Starts both services, and waits until they know the tenants."""
        names = ("contacts", "conversations", "channels", "gateway")
        self.run("switchboard", "keys", self.keys, *[f"--service={name}" for name in names])
        self.write_directory()
        ports = [free_port() for _ in range(4)]
        self.address, self.contacts = f"127.0.0.1:{ports[2]}", f"127.0.0.1:{ports[0]}"
        self.start("contacts", ports[0], ports[1], SWITCHBOARD_CONVERSATIONS_ADDRESSES=self.address)
        self.service = self.start(
            "conversations", ports[2], ports[3], SWITCHBOARD_CONTACTS_ADDRESSES=self.contacts,
            # Nobody sends a template here, and it follows nobody: what it knows of tenants is put there.
            SWITCHBOARD_TEMPLATES_ADDRESSES="127.0.0.1:1", SWITCHBOARD_ROUTING_ADDRESSES="127.0.0.1:1",
            SWITCHBOARD_DIRECTORY_FILE=os.path.join(self.folder, "directory.json"))
        for tenant in self.tenants:
            self.sql(
                "insert into conversations.agent (tenant_id, agent_id, revision, display_name, deactivated, department_ids, presence,"
                f" wants_work, load_max, email_load_max) values ('{tenant}', '{AGENT}', 1, 'Ann', false, '{{}}', 'online', true, 100, 100)"
                " on conflict do nothing;"
                "insert into conversations.agent_slot (tenant_id, agent_id, pool, load, load_max) "
                f"values ('{tenant}', '{AGENT}', 'chat', 0, 1000), ('{tenant}', '{AGENT}', 'email', 0, 1000) on conflict do nothing;"
                f"insert into conversations.tenant (tenant_id, revision, published) values ('{tenant}', 1, true) on conflict do nothing")
        while self.sql("select count(*) from conversations.channel_account") != str(len(self.tenants)):
            time.sleep(0.1)

    def write_directory(self):
        directory = {"tenants": [
            {"id": tenant, "name": "Bench", "departments": [{"id": DEPARTMENT, "name": "Support", "default": True}],
             "agents": [], "channelAccounts": [{"id": account, "kind": "facebook", "name": "Page", "department": DEPARTMENT}]}
            for tenant, account in zip(self.tenants, self.accounts)]}
        with open(os.path.join(self.folder, "directory.json"), "w") as file:
            json.dump(directory, file)

    def run(self, program, *arguments, **environment):
        command = [os.path.join(self.programs, program), *arguments]
        return subprocess.run(
            command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout

    def start(self, service, port, admin, **more):
        environment = {
            **os.environ, "SWITCHBOARD_ENVIRONMENT": "development", "SWITCHBOARD_GRPC_LISTEN": f"127.0.0.1:{port}",
            "SWITCHBOARD_ADMIN_LISTEN": f"127.0.0.1:{admin}", "SWITCHBOARD_TOKEN_JWKS": f"{self.keys}/token-jwks.json",
            "SWITCHBOARD_SERVICE_JWKS": f"{self.keys}/service-jwks.json",
            "SWITCHBOARD_SERVICE_KEY_FILE": f"{self.keys}/{service}.pem", **more}
        if service != "gateway":
            environment["SWITCHBOARD_DATABASE_URL"] = self.url(f"{service}_runtime", self.passwords[f"{service}_runtime"])
        log = open(os.path.join(self.folder, f"{service}.log"), "w")
        process = subprocess.Popen(
            [os.path.join(self.programs, f"switchboard-{service}"), "serve"], env=environment, stdout=log, stderr=log)
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

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(20)

    # Who calls

    def channels_token(self):
        """What channels says who it is, good for an hour."""
        now = int(time.time())
        claims = {"iss": "channels", "aud": "conversations", "sub": "channels", "kind": "service", "iat": now, "exp": now + 3_600}
        parts = [base64url(json.dumps(part).encode()) for part in ({"alg": "ES256", "kid": "channels", "typ": "JWT"}, claims)]
        signed = ".".join(parts).encode()
        der = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", f"{self.keys}/channels.pem"], input=signed, stdout=subprocess.PIPE, check=True).stdout
        return f"{signed.decode()}.{base64url(raw_signature(der))}"

    def agent_token(self, tenant, agent=AGENT, role="admin"):
        arguments = ["token", "--keys", self.keys, "--tenant", tenant, "--agent", agent, "--name", "Ann", "--role", role]
        return self.run("switchboard", *arguments).strip()


def cpu_seconds(process):
    """What it has used so far."""
    with open(f"/proc/{process.pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


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
