"""A customer's and an agent's event streams over the death of the gateway: standard library only, as a stranger would write it.

--restart is a command that kills the gateway with SIGKILL and starts it again on the same port. A customer writes one message
after the other meanwhile, each repeated under its own id until it is acknowledged. Both streams come back with Last-Event-ID.
In the end every message is stored once and in order, and was seen once on either stream. The widget's stream is opened with a
ticket, which conversations signs and the gateway accepts.
"""

import argparse
import json
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid

WAIT_SECONDS = 40
BEFORE, AFTER = 12, 12


def call(base, method, path, token=None, body=None, headers=None):
    headers = {"Accept": "application/json", **(headers or {})}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if body is not None:
        headers["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


class Stream:
    """An EventSource: comes back by itself, from the last id that it saw."""

    def __init__(self, open_request):
        self.open_request, self.last_id, self.seen, self.opened, self.lock = open_request, None, [], 0, threading.Lock()
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self):
        while True:
            try:
                request = self.open_request()
                if self.last_id:
                    request.add_header("Last-Event-ID", self.last_id)
                with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
                    self.opened += 1
                    self.read(answer)
            except Exception:  # the gateway is down: whatever it looks like, come again
                pass
            time.sleep(0.05)

    def read(self, answer):
        event = {}
        for raw in answer:
            line = raw.decode().rstrip("\r\n")
            if line and not line.startswith(":"):
                name, _, value = line.partition(":")
                event[name] = value.strip()
            elif not line:
                if "id" in event:
                    self.last_id = event["id"]
                if event.get("event") == "reset":
                    raise SystemExit("the stream was reset")
                text = (json.loads(event.get("data", "{}")).get("message") or {}).get("text")
                if text:
                    with self.lock:
                        self.seen.append(text)
                event = {}

    def has(self, text):
        with self.lock:
            return text in self.seen


def until(what, condition):
    limit = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > limit:
            raise SystemExit(f"not within {WAIT_SECONDS} s: {what}")
        time.sleep(0.02)


def send(base, token, number):
    """Until it is acknowledged, always under the same id."""
    limit = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            status, answer = call(
                base, "POST", "/widget/v1/messages", token, {"clientMessageId": f"m-{number}", "text": f"message {number}"})
            if status < 300:
                return answer["conversationId"]
            if status < 500:
                raise SystemExit(f"message {number} was answered {status}: {answer}")
        except (OSError, ValueError):
            pass
        if time.monotonic() > limit:
            raise SystemExit(f"message {number} does not go through")
        time.sleep(0.02)


def play(base, agent_token, widget_key, restart):
    status, session = call(base, "POST", "/widget/v1/sessions", body={"widgetKey": widget_key})
    assert status < 300, session
    token = session["accessToken"]
    status, ticket = call(base, "POST", "/widget/v1/streamTickets", token, {})
    assert status < 300 and ticket["streamTicket"], ticket

    tickets = [session["streamTicket"]]

    def visitor_request():
        if not tickets:
            tickets.append(call(base, "POST", "/widget/v1/streamTickets", token, {})[1]["streamTicket"])
        return urllib.request.Request(f"{base}/widget/v1/events?ticket={tickets.pop()}", headers={"Accept": "text/event-stream"})

    def agent_request():
        return urllib.request.Request(
            f"{base}/v1/stream", headers={"Accept": "text/event-stream", "Authorization": f"Bearer {agent_token}"})

    streams = {"visitor": Stream(visitor_request), "agent": Stream(agent_request)}
    for name, stream in streams.items():
        until(f"the {name}'s stream is open", lambda: stream.last_id)
    print("both streams are open, the visitor's with a ticket")

    restarting = None
    conversations = set()
    for number in range(BEFORE):
        conversations.add(send(base, token, number))
    restarting = subprocess.Popen(restart, shell=True)
    number = BEFORE
    # On while it is down, and a while after.
    limit = None
    while limit is None or number < limit:
        conversations.add(send(base, token, number))
        number += 1
        if limit is None and restarting.poll() is not None:
            limit = number + AFTER
    assert restarting.returncode == 0, "the gateway did not come back"
    assert len(conversations) == 1, conversations

    expected = [f"message {n}" for n in range(number)]
    stored, after = [], 0
    while True:
        status, page = call(base, "GET", f"/widget/v1/messages?afterSeq={after}&pageSize=100", token)
        assert status == 200, page
        if not page["messages"]:
            break
        stored += [message["text"] for message in page["messages"] if message["text"].startswith("message ")]
        after = page["messages"][-1]["seq"]
    assert stored == expected, stored
    print("every message is stored once and in order")
    for name, stream in streams.items():
        until(f"the {name}'s stream has the last message", lambda: stream.has(expected[-1]))
        seen = [text for text in stream.seen if text.startswith("message ")]
        assert seen == expected, (name, seen)
        assert stream.opened >= 2, f"the {name}'s stream was never broken"
        print(f"the {name}'s stream brought each once and in order, over the restart")

    status, answer = call(base, "POST", "/widget/v1/typing", token, {"typing": True})
    assert (status, answer) == (200, {}), (status, answer)
    print("typing is taken")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--widget-key", required=True)
    parser.add_argument("--restart", required=True)
    options = parser.parse_args()
    play(options.base, options.token, options.widget_key, options.restart)
