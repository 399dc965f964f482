"""Plays one exchange between a web-chat customer and an agent through the gateway's public surface, and prints its transcript.

The transcript holds no ids, times or tokens, so that it can be compared with transcript.txt (--golden). Every call is made as a
stranger would: JSON over HTTP/1.1 and server-sent events, standard library only.
"""

import argparse
import json
import queue
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

WAIT_SECONDS = 20


class Transcript:
    def __init__(self):
        self.lines = []

    def say(self, who, what):
        line = f"{who:9} {what}"
        self.lines.append(line)
        print(line, flush=True)

    def expect(self, golden):
        with open(golden) as file:
            wanted = file.read().splitlines()
        if wanted != self.lines:
            raise SystemExit("the transcript differs from " + golden)
        print("the transcript equals the golden file", file=sys.stderr)


class Party:
    """One side's calls, with its token."""

    def __init__(self, base, token=None):
        self.base, self.token = base, token
        self.events = queue.Queue()

    def ask(self, method, path, body=None):
        """One request; answers its status and value, whatever they are."""
        headers = {"Accept": "application/json, application/problem+json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Idempotency-Key"] = f'"{uuid.uuid4()}"'
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        return status, json.loads(text) if text else {}

    def call(self, method, path, body=None, expect=None):
        status, value = self.ask(method, path, body)
        if (expect is None and status >= 300) or (expect is not None and status != expect):
            raise SystemExit(f"{method} {path} answered {status}: {value}")
        return value

    def listen(self, path):
        """Opens an event stream and returns when it is open; its events arrive in `events`."""
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {self.token}"}
        answer = urllib.request.urlopen(urllib.request.Request(self.base + path, headers=headers), timeout=WAIT_SECONDS)
        threading.Thread(target=self._read, args=(answer,), daemon=True).start()

    def _read(self, answer):
        name, data = "message", ""
        try:
            for raw in answer:
                line = raw.decode().rstrip("\r\n")
                if line.startswith("event:"):
                    name = line[6:].strip()
                elif line.startswith("data:"):
                    data += line[5:].strip()
                elif not line and data:
                    self.heard(name, json.loads(data))
                    name, data = "message", ""
        except (OSError, ValueError):
            pass

    def heard(self, name, value):
        self.events.put((name, value))

    def hears(self, test):
        """The first event from now on that passes the test."""
        limit = time.monotonic() + WAIT_SECONDS
        seen = []
        while time.monotonic() < limit:
            try:
                name, value = self.events.get(timeout=0.5)
            except queue.Empty:
                continue
            if test(name, value):
                return name, value
            seen.append(name)
        raise SystemExit(f"no such event within {WAIT_SECONDS} s; there were {seen}")


def state(conversation):
    return conversation["state"].rsplit("STATE_", 1)[-1].lower()


def mentions(conversation_id, text=None):
    def test(_, value):
        body = json.dumps(value)
        return conversation_id in body and (text is None or text in body)

    return test


def play(base, token, widget_key, log):
    agent, customer = Party(base, token), Party(base)
    me = agent.call("GET", "/v1/me")
    log.say("agent", f"signs in as {me['displayName']}")
    agent.listen("/v1/stream")

    session = customer.call("POST", "/widget/v1/sessions", {"widgetKey": widget_key, "locale": "en"})
    customer.token = session["accessToken"]
    log.say("customer", "opens the web chat")
    customer.listen("/widget/v1/events")

    question = "Hello! Where is my parcel?"
    sent = customer.call("POST", "/widget/v1/messages", {"clientMessageId": str(uuid.uuid4()), "text": question})
    conversation_id = sent["conversationId"]
    log.say("customer", f"writes: {question}")

    agent.hears(mentions(conversation_id))
    log.say("agent", "hears of it on the live stream")
    path = f"/v1/conversations/{conversation_id}"
    rows = agent.call("GET", "/v1/inbox?view=INBOX_VIEW_QUEUE&pageSize=100")["conversations"]
    row = next(row["conversation"] for row in rows if row["conversation"]["conversationId"] == conversation_id)
    log.say("agent", f"sees it in the queue: {row['firstLine']} ({state(row)}, {row['unread']} unread)")

    accepted = agent.call("POST", f"{path}:accept", {"etag": row["etag"]})
    log.say("agent", f"accepts it: {state(accepted)}")
    refused = agent.call("POST", f"{path}:setPending", {"etag": row["etag"]}, expect=409)
    log.say("agent", f"pauses it with an old etag: refused, {refused['reason']}")

    reply = "It is on its way and arrives today."
    agent.call("POST", f"{path}/messages", {"text": reply})
    log.say("agent", f"answers: {reply}")
    customer.hears(mentions(conversation_id, reply))
    log.say("customer", "hears the answer on the widget's stream")

    thanks = "Thank you!"
    customer.call("POST", "/widget/v1/messages", {"clientMessageId": str(uuid.uuid4()), "text": thanks})
    log.say("customer", f"writes: {thanks}")
    agent.hears(mentions(conversation_id, thanks))
    current = agent.call("GET", path)
    log.say("agent", f"hears it; unread is {current['unread']}")
    agent.call("POST", f"{path}:markRead", {"upToSeq": current["lastSeq"]})
    log.say("agent", f"reads it; unread is {agent.call('GET', path)['unread']}")

    closed = agent.call("POST", f"{path}:close", {})
    log.say("agent", f"closes the conversation: {state(closed)}")
    log.say("", "the whole conversation:")
    for message in agent.call("GET", f"{path}/messages?pageSize=100")["messages"]:
        text = message.get("text") or ""
        if text:
            author = message["author"]["kind"].rsplit("_", 1)[-1].lower()
            log.say("", f"  {message['seq']}. {author}: {text}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True, help="the gateway, http://host:port")
    parser.add_argument("--token", required=True, help="an agent's token")
    parser.add_argument("--widget-key", required=True)
    parser.add_argument("--golden", help="a file that the transcript must equal")
    options = parser.parse_args()
    log = Transcript()
    play(options.base, options.token, options.widget_key, log)
    if options.golden:
        log.expect(options.golden)


if __name__ == "__main__":
    main()
