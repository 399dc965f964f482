"""Asks the same of two tenants of one database, a small one and one a hundred times as large: it must not take more than twice as long.

The large tenant has 1,000,000 conversations of ten messages each, the small one 10,000; `--scale` makes both smaller or larger. Real
calls make a few conversations in each; the others are copies of those, with states, times, people and words of their own. They are
kept from run to run, and made anew where the schema or the scale is another.

What is compared are medians of single calls, one after the other, small and large in turn, less what the emptiest call takes.
"""

import hashlib
import json
import os
import random
import shutil
import statistics
import sys
import time
import uuid

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from services import AGENT, Services

SIZES = (10_000, 1_000_000)
NAMES = ("small", "large")
MESSAGES = 10
CALLS, WARM = 200, 30
# Of these is the caller's own work, beside the copies.
OWN = 20
# An agent of one department, which has a tenth of the conversations.
FEW = "0198c0de-0000-7000-8000-0000000bec02"
FEW_DEPARTMENT = "0198c0de-0000-7000-8000-0000000be002"
BYTES_EACH = 22_000  # of disk for a conversation with its messages, words, history and indexes; measured
API = "switchboard.conversations.v1."
SERVICE = API + "ConversationsService"
VIEWS = ("queue", "open", "pending", "expired", "closed", "yours", "unspecified")

# The n-th copy: most are closed, as in a service that has run for long.
STATE = """case when n % 100 < 1 then 'queued' when n % 100 < 3 then 'open' when n % 100 < 5 then 'pending'
    when n % 100 < 10 then 'expired' else 'closed' end"""
TIME = "(timestamptz '{end}' - ({size} - n) * interval '1 second')"


class Scale(Services):
    def __init__(self, programs, folder, contracts, scale, out):
        super().__init__("switchboard_scale", programs, folder, 2)
        # In thousands, and the large one a multiple of the small one.
        self.sizes = [size // SIZES[0] * max(1, round(SIZES[0] * scale / 1_000)) * 1_000 for size in SIZES]
        self.out = out
        files = descriptor_pb2.FileDescriptorSet()
        with open(contracts, "rb") as file:
            files.ParseFromString(file.read())
        self.pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            self.pool.Add(file)

    # What is there

    def is_loaded(self):
        loaded = f"select shobj_description(oid, 'pg_database') from pg_database where datname = '{self.database}'"
        return bool(said := self.sql(loaded, "postgres")) and said == self.what()

    def what(self):
        """What would be loaded: how much, into which schema, by which script."""
        with open(__file__, "rb") as file:
            script = hashlib.md5(file.read()).hexdigest()
        schema = self.sql("select md5(string_agg(checksum, ',' order by name)) from conversations.migration")
        return f"{self.sizes[0]}/{self.sizes[1]}/{schema}/{script}"

    def load(self):
        free = shutil.disk_usage(self.sql("show data_directory", "postgres") if os.geteuid() == 0 else self.folder).free
        needed = sum(self.sizes) * BYTES_EACH
        if free < needed * 1.2:
            raise SystemExit(
                f"{needed >> 30} GiB of disk are needed, and a fifth more to be safe; {free >> 30} GiB are free: give a smaller --scale")
        self.create()
        for tenant in self.tenants:
            self.sql(
                "insert into conversations.agent (tenant_id, agent_id, revision, display_name, deactivated, department_ids, presence,"
                f" wants_work, load_max, email_load_max) values ('{tenant}', '{FEW}', 1, 'Few', false, '{{{FEW_DEPARTMENT}}}', 'online',"
                " true, 100, 100)")
        self.serve()
        for number in (0, 1):
            self.serve_first(number)
        self.sql("create schema bench")
        for number, size in enumerate(self.sizes):
            self.copy(number, size)
        print("analyze", flush=True)
        self.sql("vacuum (analyze)")
        self.sql(f"comment on database {self.database} is '{self.what()}'")

    def serve_first(self, number):
        """The caller's own conversations, made by real calls: each is accepted and answered."""
        call, channels = self.caller(number), self.caller(number, as_channels=True)
        for customer in range(OWN):
            received = channels(
                "ReceiveMessage", channel_account_id=self.accounts[number], provider_message_id=f"own-{customer}",
                sender_address=f"own-{customer}", sender_name="Customer", kind=1, text="Is my order on its way?")
            call("SendMessage", conversation_id=received.conversation.conversation_id, request_id=str(uuid.uuid4()), accept=True, text="It is.")

    def copy(self, number, size):
        end, step, begun = time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime()), 20_000, time.monotonic()
        tenant = self.tenants[number]
        self.sql(IDS)
        for first in range(1, size + 1, step):
            numbers = f"generate_series({first}, {min(size, first + step - 1)}) n"
            for statement in self.copies(number, size, end, numbers):
                self.sql(statement)
            done = min(size, first + step - 1)
            if time.monotonic() - begun > 10 or done == size:
                print(f"{NAMES[number]}: {done} of {size} conversations", flush=True)
                begun = time.monotonic()
        assert int(self.sql(f"select count(*) from conversations.message where tenant_id = '{tenant}'")) >= size * MESSAGES

    def copies(self, number, size, end, numbers):
        tenant = self.tenants[number]
        at = TIME.format(end=end, size=size)
        agent = f"(case when n % 5000 = 2 then '{AGENT}' else bench.id('agent', n % 200) end)::uuid"
        first = f"(select * from conversations.{{}} where tenant_id = '{tenant}' {{}} limit 1) first"
        yield self.insert("conversation", f"{first.format('conversation', '')}, {numbers}", {
            "conversation_id": "bench.id('conversation', n)", "contact_id": "bench.id('contact', n)",
            "customer_address": "'copy-' || n", "address_key": "'copy-' || n", "customer_name": "'Customer ' || n", "state": STATE,
            "reason": f"case {STATE} when 'pending' then 'parked' when 'expired' then 'window' when 'closed' then 'agent' else '' end",
            "department_id": f"case when n / 100 % 10 = 0 then '{FEW_DEPARTMENT}' else first.department_id end",
            "assignee_id": f"case when {STATE} = 'queued' then null else {agent} end", "last_seq": str(MESSAGES), "unread": "n % 3",
            "close_time": f"case when {STATE} = 'closed' then {at} end", "slot_weight": "0",
            **dict.fromkeys(("arrival_time", "start_time", "last_message_time", "create_time", "update_time", "last_inbound_time",
                             "waiting_since_time", "state_time", "first_customer_time"), at)})
        yield self.insert(
            "message", f"{numbers} cross join generate_series(1, {MESSAGES}) s join lateral "
            f"{first.format('message', 'and direction = ' + chr(39) + 'inbound' + chr(39))} on true", {
                "conversation_id": "bench.id('conversation', n)", "seq": "s", "message_id": f"bench.id('message', n::bigint * {MESSAGES} + s)",
                "direction": "case when s % 2 = 1 then 'inbound' else 'outbound' end",
                "author_kind": "case when s % 2 = 1 then 'customer' else 'agent' end", "author_id": f"bench.id('agent', n % 200)::text",
                "text": "'Order ' || n || ' of customer ' || n % 1000 || ': is it on its way?'", "create_time": f"{at} + s * interval '1 ms'",
                "provider_message_id": "n || '/' || s", "searchable": "true"})
        yield (
            "insert into conversations.search_word (tenant_id, conversation_id, word, seq)"
            f" select '{tenant}', bench.id('conversation', n), word, 1 from {numbers}, unnest(array["
            # In all, in 1,000, and in one.
            f"'order', 'group' || n % {size // 1_000}, 'number' || n, 'word' || n % 5000, 'way']) word")
        yield self.insert("history", f"{first.format('history', 'and number = 1')}, {numbers}", {
            "conversation_id": "bench.id('conversation', n)", "occur_time": at, "arrival_time": at})

    def insert(self, table, source, changed):
        columns = self.sql(
            "select string_agg(attname, ' ' order by attnum) from pg_attribute"
            f" where attrelid = 'conversations.{table}'::regclass and attnum > 0 and not attisdropped").split()
        values = [changed.get(column, f"first.{column}") for column in columns]
        return f"insert into conversations.{table} ({', '.join(columns)}) select {', '.join(values)} from {source}"

    # What is asked

    def caller(self, number, as_channels=False, **agent):
        channel = grpc.insecure_channel(self.address)
        token = self.channels_token() if as_channels else self.agent_token(self.tenants[number], **agent)
        metadata = [("authorization", f"Bearer {token}"), ("switchboard-tenant-id", self.tenants[number])][: 2 if as_channels else 1]

        def call(rpc, **fields):
            request, response = (
                message_factory.GetMessageClass(self.pool.FindMessageTypeByName(f"{API}{rpc}{end}")) for end in ("Request", "Response"))
            method = channel.unary_unary(
                f"/{SERVICE}/{rpc}", request_serializer=request.SerializeToString, response_deserializer=response.FromString)
            return method(request(**fields), metadata=metadata, timeout=60)

        return call

    def cases(self, number):
        """By name: a call that can be made again and again, and what says that its answer is right."""
        call, size = self.caller(number), self.sizes[number]
        few = self.caller(number, agent=FEW, role="agent")
        view = self.pool.FindEnumTypeByName(API + "InboxView").values_by_name
        some = random.Random(7)
        ids = self.sql(
            f"select bench.id('conversation', n) from unnest(array{[some.randint(1, size) for _ in range(500)]}) n").split()
        own = self.sql(
            f"select conversation_id from conversations.conversation where tenant_id = '{self.tenants[number]}'"
            " and customer_address like 'own-%'").split()

        def opened():
            id = some.choice(ids)
            return call("GetConversation", conversation_id=id).conversation.conversation_id == id and len(
                call("ListMessages", conversation_id=id, page_size=50).messages) == MESSAGES

        def found(query, count):
            return lambda: len(call("SearchConversations", query=query(), page_size=20).hits) == min(20, count)

        def listed(name, page_size=50, call=call):
            asked = {"view": view[f"INBOX_VIEW_{name.upper()}"].number, "page_size": page_size}
            # His own are fewer.
            return lambda: len(call("ListConversations", **asked).conversations) >= (1 if name == "yours" else page_size)

        def sent():
            text = "Yes, tomorrow."
            return call("SendMessage", conversation_id=some.choice(own), request_id=str(uuid.uuid4()), text=text).message.text == text

        yield "nothing", lambda: self.refused(call)
        for name in VIEWS:
            yield f"view {'all' if name == 'unspecified' else name}", listed(name)
        for name in VIEWS:
            # Of his own he has none.
            if name != "yours":
                yield f"view {'all' if name == 'unspecified' else name}, few", listed(name, 5, few)
        yield "counts", lambda: call("CountConversations").counts
        yield "counts, few", lambda: few("CountConversations").counts
        yield "open a conversation", opened
        yield "send", sent
        # A blank behind: the whole word.
        yield "search: one matches", found(lambda: f"number{some.randint(1, size)} ", 1)
        yield "search: 1,000 match", found(lambda: f"group{some.randint(0, size // 1_000 - 1)} ", 1_000)
        yield "search: all match", found(lambda: "order ", size)

    @staticmethod
    def refused(call):
        """A call that is refused before it asks the database."""
        try:
            call("GetConversation", conversation_id="x")
        except grpc.RpcError as error:
            return error.code() == grpc.StatusCode.INVALID_ARGUMENT
        return False

    def measure(self):
        both = list(zip(self.cases(0), self.cases(1)))
        least = (0, 0)
        print(f"{'case':24} {'small ms':>10} {'large ms':>10} {'ratio':>8}  ({self.sizes[0]} and {self.sizes[1]} conversations)")
        missed = 0
        for (name, small), (_, large) in both:
            times = ([], [])
            for turn in range(WARM + CALLS):
                for number, ask in enumerate((small, large)):
                    begun = time.perf_counter()
                    answer = ask()
                    taken = time.perf_counter() - begun
                    if not answer:
                        raise SystemExit(f"{name}: {NAMES[number]} answered wrong: {answer}")
                    if turn >= WARM:
                        times[number].append(taken * 1e3)
            medians = [statistics.median(each) for each in times]
            if name == "nothing":
                least = medians
                continue
            medians = [median - base for median, base in zip(medians, least)]
            # Ours is the large one: at 0.5 or more it takes at most twice as long.
            ratio = medians[0] / medians[1]
            missed += ratio < 0.5
            print(f"{name:24} {medians[0]:10.2f} {medians[1]:10.2f} {ratio:8.2f}", flush=True)
            row = {"case": f"scale {name}", "metric": "p50 ms", "ours": round(medians[1], 3), "peer": round(medians[0], 3)}
            with open(self.out, "a") as lines:
                lines.write(json.dumps({**row, "peer_name": f"{self.sizes[0]} conversations", "ratio": round(ratio, 3)}) + "\n")
        print("each at most twice as long" if not missed else f"{missed} take more than twice as long")


# Ids in the order of their numbers, as UUIDv7 are in the order of time.
IDS = """
    create or replace function bench.id(kind text, n bigint) returns uuid immutable parallel safe language sql return
        (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || substr(md5(kind), 1, 3) || '8' || substr(md5(kind || n), 1, 15))::uuid
"""


def main():
    programs, folder, contracts, scale, out = sys.argv[1:]
    bench = Scale(programs, folder, contracts, float(scale), out)
    try:
        if bench.is_loaded():
            print("what an earlier run has loaded is there")
            bench.serve()
        else:
            bench.load()
        bench.measure()
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
