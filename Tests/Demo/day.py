"""Plays a small day of a support team through the gateway's public surface, and prints it as it happens.

Two departments, three agents and seven customers at web chats: offers and one that lapses, a transfer, a promise that is broken, an
agent whose connection is lost, and a customer whom nobody can serve. The team is made for it, and leaves at the end. As in demo.py,
the transcript holds no ids, times or tokens, so that it can be compared with day.txt (--golden); what a line says has been told by
the gateway before it is printed. It takes about a minute, half of which is the time after which somebody silent counts as gone.
"""

import argparse
import datetime
import http.client
import random
import shlex
import socket
import subprocess
import threading
import time
import urllib.parse
import uuid

from demo import Party, Transcript

WAIT_SECONDS = 60
# Short, so that a person can watch it.
OFFER_STANDS, NOBODY_GRACE, ANSWER_PROMISED, WARNED_BEFORE = "5s", "2s", "15s", "5s"
CHAT_LIMIT = 2


class Listener(Party):
    """A party that keeps all it is told, in order."""

    def __init__(self, base, name, token=None):
        super().__init__(base, token)
        self.name, self.told, self.change, self.socket = name, [], threading.Condition(), None

    def listen(self, path):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.base).netloc, timeout=WAIT_SECONDS)
        connection.connect()
        self.socket = connection.sock
        connection.request("GET", path, headers={"Accept": "text/event-stream", "Authorization": f"Bearer {self.token}"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}: {answer.read()}")
        threading.Thread(target=self._read, args=(answer,), daemon=True).start()

    def heard(self, name, value):
        with self.change:
            self.told.append((name, value))
            self.change.notify_all()

    def hears(self, what, test):
        """The first of all events so far, or else from now on, that passes the test."""
        limit = time.monotonic() + WAIT_SECONDS
        with self.change:
            while True:
                for name, value in self.told:
                    if test(name, value):
                        return value
                if not self.change.wait(max(0, limit - time.monotonic())):
                    raise SystemExit(f"{self.name} was not told that {what}, only {[name for name, _ in self.told]}")

    def forget(self):
        with self.change:
            self.told.clear()

    def loses_connection(self):
        self.socket.shutdown(socket.SHUT_RDWR)


class Department:
    def __init__(self, day, name):
        self.name = name
        # A day that broke off may have left one of the same name.
        self.id = day.admin.call("POST", "/v1/departments", {
            "displayName": f"{name} {uuid.uuid4().hex[:6]}", "method": "DISTRIBUTION_METHOD_LEAST_BUSY", "offerTimeout": OFFER_STANDS,
            "webchatGrace": NOBODY_GRACE})["departmentId"]
        account = day.once_known("POST", "/v1/channelAccounts", {
            "kind": "CHANNEL_KIND_WEBCHAT", "displayName": f"Web chat of {name}", "departmentId": self.id})
        self.account, self.widget_key = account["channelAccountId"], account["widget"]["widgetKey"]


class Agent(Listener):
    def __init__(self, day, name, department):
        self.id = str(uuid.uuid4())
        day.admin.call("POST", f"/v1/agents?agentId={self.id}", {
            "displayName": name, "roles": ["agent"], "departmentIds": [department.id], "chatLimit": CHAT_LIMIT})
        super().__init__(day.base, name, day.token(self.id, name))
        self.say = lambda what: day.log.say(name, what)
        day.once_known("GET", "/v1/me", of=self)

    def signs_in(self):
        self.forget()
        self.listen("/v1/stream")
        self.hears_presence("ONLINE")

    def hears_presence(self, presence, of=None):
        agent = of or self
        self.hears(f"{agent.name} is {presence.lower()}", lambda name, value: name == "routing_presence"
                   and value["subject"] == agent.id and value["presenceAfter"].endswith("_" + presence))

    def sets(self, availability):
        self.forget()
        self.call("POST", f"/v1/agents/{self.id}:setStatus", {"availability": f"AVAILABILITY_STATE_{availability}"})
        self.hears(f"he is {availability.lower()}", lambda name, value: name == "routing_status" and value["subject"] == self.id)

    def hears_of(self, customer, event, assignee=None):
        """Of a customer's chat; the row beside an event is the chat's of now, so that it is told with whom it is."""
        return self.hears(f"{customer.name}'s chat is {event}", lambda name, value: name == event
                          and value["conversationId"] == customer.conversation
                          and (not assignee or (value["conversation"] or {}).get("assigneeId") == assignee.id))

    def is_offered(self, customer):
        self.hears_of(customer, "offered", self)
        self.say(f"is offered {customer.name}'s chat")

    def accepts(self, customer):
        self.is_offered(customer)
        self.acts(customer, "accept")
        self.say("accepts it")

    def answers(self, customer, text):
        self.call("POST", f"/v1/conversations/{customer.conversation}/messages", {"text": text})
        customer.hears_message(text)
        self.say(f"answers {customer.name}: {text}")

    def closes(self, customer):
        self.acts(customer, "close")
        self.say(f"closes {customer.name}'s chat")

    def acts(self, customer, verb, body=None):
        return self.call("POST", f"/v1/conversations/{customer.conversation}:{verb}", body or {})

    def reads(self, customer):
        return self.call("GET", f"/v1/conversations/{customer.conversation}/details")


class Customer(Listener):
    def __init__(self, day, name, department):
        super().__init__(day.base, name)
        session = self.call("POST", "/widget/v1/sessions", {"widgetKey": department.widget_key, "locale": "en"})
        self.token, self.department = session["accessToken"], department
        self.say = lambda what: day.log.say(name, what)
        self.listen("/widget/v1/events")

    def writes(self, text):
        sent = self.call("POST", "/widget/v1/messages", {"clientMessageId": str(uuid.uuid4()), "text": text})
        self.conversation = sent["conversationId"]
        self.say(f"writes to {self.department.name}: {text}")

    def hears_message(self, text):
        self.hears(f"somebody says {text}", lambda _, value: (value.get("message") or {}).get("text") == text)

    def hears_state(self, state):
        self.hears(f"his chat is {state}", lambda _, value: (value.get("conversation") or {}).get("state", "").endswith(state))


class Day:
    def __init__(self, base, admin_token, token_command, log):
        self.base, self.token_command, self.log = base, token_command, log
        self.admin = Party(base, admin_token)
        self.begin = datetime.datetime.now(datetime.timezone.utc)
        self.sales, self.repairs = Department(self, "Sales"), Department(self, "Repairs")
        self.carla, self.davi = Agent(self, "Carla", self.sales), Agent(self, "Davi", self.sales)
        self.elena = Agent(self, "Elena", self.repairs)
        name = f"demo {uuid.uuid4()}"
        self.promise = self.once_known("POST", "/v1/slaPolicies", {
            "displayName": name, "rank": random.randint(1, 10_000),
            "condition": {"departmentIds": [self.sales.id, self.repairs.id]},
            "targets": [{"kind": "CLOCK_KIND_FIRST_RESPONSE", "target": ANSWER_PROMISED, "warnBefore": WARNED_BEFORE}]})

    def token(self, agent, name):
        return subprocess.check_output([*self.token_command, "--agent", agent, "--name", name], text=True).strip()

    def once_known(self, method, path, body=None, of=None):
        """What was made in one service is known in another when the news of it has come there."""
        limit = time.monotonic() + WAIT_SECONDS
        while True:
            status, value = (of or self.admin).ask(method, path, body)
            if status < 300:
                return value
            if value.get("reason") not in ("DEPARTMENT_NOT_FOUND", "AGENT_NOT_FOUND") or time.monotonic() > limit:
                raise SystemExit(f"{method} {path} answered {status}: {value}")
            time.sleep(0.05)

    def customer(self, name, department):
        return Customer(self, name, department)

    def once(self, read, holds):
        """What one service counts of another's is right when the news of it has come."""
        limit = time.monotonic() + WAIT_SECONDS
        while True:
            value = read()
            if holds(value):
                return value
            if time.monotonic() > limit:
                raise SystemExit(f"the figures do not come to what has happened: {value}")
            time.sleep(0.05)

    # What happens

    def play(self):
        self.log.say("team", f"Carla and Davi are in Sales, Elena in Repairs; each takes {CHAT_LIMIT} chats at once")
        for agent in (self.carla, self.davi, self.elena):
            agent.signs_in()
            agent.say("signs in")
        ada, ben = self.offers()
        cleo = self.transfer()
        dan = self.broken_promise()
        self.nobody_there(cleo)
        self.queue(ada, ben, dan)
        self.figures()

    def offers(self):
        ada = self.customer("Ada", self.sales)
        ada.writes("Do you sell lamps?")
        self.carla.accepts(ada)
        self.carla.answers(ada, "We do.")
        ben = self.customer("Ben", self.sales)
        ben.writes("And chairs?")
        self.davi.is_offered(ben)
        self.carla.hears_of(ben, "offered", self.carla)
        self.davi.say("does not see it in time: the offer lapses")
        self.carla.accepts(ben)
        self.carla.answers(ben, "Chairs, too.")
        return ada, ben

    def transfer(self):
        cleo = self.customer("Cleo", self.sales)
        cleo.writes("My lamp is broken.")
        self.davi.accepts(cleo)
        self.davi.answers(cleo, "My colleagues mend it.")
        self.davi.acts(cleo, "transfer", {"departmentId": self.repairs.id, "reason": "a broken lamp"})
        self.davi.say("hands Cleo's chat to Repairs: a broken lamp")
        self.elena.accepts(cleo)
        self.elena.answers(cleo, "Please send it to us.")
        return cleo

    def broken_promise(self):
        """Davi is not heard of any more, and his customer waits."""
        dan = self.customer("Dan", self.sales)
        dan.writes("Is anybody there?")
        self.davi.accepts(dan)
        self.davi.loses_connection()
        self.davi.say("loses his connection")
        ticket = self.ticket(dan)
        for event, words in (("ticket_warned", "is soon due"), ("ticket_breached", "is overdue: the promise is broken")):
            self.carla.hears(words, lambda name, value: name == event and value["ticketId"] == ticket)
            self.log.say("promise", f"Dan's first answer {words}")
        return dan

    def ticket(self, customer):
        limit = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < limit:
            ticket = self.carla.reads(customer).get("ticket")
            if ticket:
                return ticket["ticketId"]
            time.sleep(0.05)
        raise SystemExit(f"{customer.name}'s chat has no ticket")

    def nobody_there(self, cleo):
        self.elena.sets("AWAY")
        self.elena.say("is away for a moment")
        gil = self.customer("Gil", self.repairs)
        gil.writes("When will my chair be ready?")
        gil.hears_state("UNAVAILABLE")
        gil.say("is told that nobody is there: his chat has expired")
        self.elena.sets("AVAILABLE")
        self.elena.say("is back")
        gil.forget()
        gil.writes("Hello?")
        self.elena.accepts(gil)
        self.elena.answers(gil, "Tomorrow.")
        for customer in (cleo, gil):
            self.elena.closes(customer)

    def queue(self, ada, ben, dan):
        """Davi counts as present until he has been silent for 10 s, and what he has stays his for 30."""
        self.carla.hears_presence("RECONNECTING", of=self.davi)
        self.davi.say("is not heard of: he is offered nothing")
        eve, fay = self.customer("Eve", self.sales), self.customer("Fay", self.sales)
        eve.writes("Do you deliver?")
        fay.writes("Do you gift-wrap?")
        self.carla.hears_of(fay, "created")
        self.carla.say("has no room: both wait")
        self.carla.closes(ada)
        self.carla.accepts(eve)
        self.carla.answers(eve, "Everywhere.")
        self.carla.closes(ben)
        self.carla.accepts(fay)
        self.carla.answers(fay, "With a ribbon.")
        self.carla.hears_of(dan, "pending")
        self.carla.hears_presence("OFFLINE", of=self.davi)
        self.davi.say("was silent for more than 30 s: Dan's chat is paused")
        self.davi.signs_in()
        self.davi.hears_of(dan, "resumed", self.davi)
        self.davi.say("is back, and has Dan's chat again")
        self.davi.answers(dan, "I am. Sorry!")
        for agent, customer in ((self.davi, dan), (self.carla, eve), (self.carla, fay)):
            agent.closes(customer)

    def figures(self):
        """As the reports and the board have them."""
        wanted = [("departmentIds", self.sales.id), ("departmentIds", self.repairs.id), ("startTime", self.begin.isoformat()),
                  ("endTime", (self.begin + datetime.timedelta(hours=1)).isoformat())]

        def report(of):
            rows = self.admin.call("GET", f"/v1/reports/{of}?" + urllib.parse.urlencode(wanted))["rows"]
            return {row["measure"].split("_MEASURE_")[1]: row for row in rows}

        done = report("conversations")
        counts = [done[measure]["count"] for measure in ("VOLUME", "FIRST_RESPONSE", "RESOLUTION")]
        self.log.say("figures", "{} conversations, {} first answers, {} closed".format(*counts))
        kept = self.once(lambda: report("tickets").get("FIRST_RESPONSE_SLA"), lambda row: row and row["count"] == counts[1])
        self.log.say("figures", f"{kept['count']} first answers were promised within {ANSWER_PROMISED}, "
                                f"{kept['attainedCount']} came in time")
        path = f"/v1/board?departmentIds={self.sales.id}&departmentIds={self.repairs.id}"
        board = self.once(lambda: {row["departmentId"]: row for row in self.admin.call("GET", path)["departments"]},
                          lambda rows: all(row["open"] == 0 for row in rows.values()))
        for department in (self.sales, self.repairs):
            row = board[department.id]
            self.log.say("figures", f"{department.name}: {row['queued']} wait, {row['offered']} are offered, {row['open']} open")

    def end(self):
        """The demo tenant is again as it was, but for what has happened in it."""
        for agent in (self.carla, self.davi, self.elena):
            self.admin.call("POST", f"/v1/agents/{agent.id}:deactivate", {})
        self.admin.call("PATCH", f"/v1/slaPolicies/{self.promise['policyId']}", {"archived": True, "etag": self.promise["etag"]})
        successor = self.admin.call("GET", "/v1/tenant")["settings"]["defaultDepartmentId"]
        for department in (self.sales, self.repairs):
            self.admin.call("PATCH", f"/v1/channelAccounts/{department.account}", {"disabled": True})
            self.admin.call("POST", f"/v1/departments/{department.id}:archive", {"successorId": successor})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True, help="the gateway, http://host:port")
    parser.add_argument("--admin-token", required=True, help="an admin's token")
    parser.add_argument("--token-command", required=True, help="prints a token: its --agent and --name are added here")
    parser.add_argument("--golden", help="a file that the transcript must equal")
    options = parser.parse_args()
    log = Transcript()
    day = Day(options.base, options.admin_token, shlex.split(options.token_command), log)
    try:
        day.play()
    finally:
        day.end()
    if options.golden:
        log.expect(options.golden)


if __name__ == "__main__":
    main()
