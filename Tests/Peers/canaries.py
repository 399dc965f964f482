"""Puts personal data into every field of every JSON route of the gateway, and keeps what it was told.

Each operation of /openapi.json is called three times for the agent and for the visitor: with every string a canary, ids
included; with real ids and canaries in all other strings; and with a body that is no JSON. Before that one exchange takes place
whose every text is a canary. The bodies of all refusals go to standard output as JSON lines, for the caller to search.
"""

import argparse
import json
import urllib.error
import urllib.parse
import urllib.request
import uuid

WAIT_SECONDS = 20
DEPTH_MAX = 6


class Caller:
    def __init__(self, base, token=None):
        self.base, self.token, self.refusals, self.answers = base, token, [], 0

    def call(self, method, path, body=None, raw=None, etag=None, route=None):
        """The answer's value; None for a refusal, which is kept."""
        headers = {"Accept": "application/json, application/problem+json", "X-Request-Id": uuid.uuid4().hex}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if method != "GET":
            headers["Idempotency-Key"] = f'"{uuid.uuid4()}"'
        if etag:
            headers["If-Match"] = etag
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.base + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
                if "event-stream" in answer.headers.get("Content-Type", ""):
                    return {}
                text = answer.read()
                self.answers += 1
                return json.loads(text) if text and text[:1] in b"{[" else {}
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            self.refusals.append(
                {"method": method, "route": route, "status": error.code, "body": text, "headers": str(error.headers)}
            )
            return None


class Filler:
    """Makes request bodies from the document's schemas."""

    def __init__(self, document, canaries, ids, begin=0):
        self.document, self.canaries, self.ids, self.next = document, canaries, ids, begin

    def canary(self):
        self.next += 1
        return self.canaries[self.next % len(self.canaries)]

    def text(self, name):
        for key, value in self.ids.items():
            if name == key or name.endswith(key[0].upper() + key[1:]):
                return value
        return self.canary()

    def value(self, schema, name="", depth=0):
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        for key in ("allOf", "oneOf", "anyOf"):
            if schema.get(key):
                return self.value(schema[key][0], name, depth)
        if schema.get("enum"):
            return schema["enum"][-1]
        kind = schema.get("type", "object")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "string":
            return "2026-11-21T00:00:00Z" if schema.get("format") == "date-time" else self.text(name)
        if kind in ("integer", "number"):
            return 1
        if kind == "boolean":
            return True
        if kind == "array":
            return [self.value(schema.get("items", {}), name.rstrip("s"), depth + 1)] if depth < DEPTH_MAX else []
        if depth >= DEPTH_MAX:
            return {}
        fields = schema.get("properties", {})
        filled = {field: self.value(part, field, depth + 1) for field, part in fields.items() if not part.get("readOnly")}
        # The Idempotency-Key header says it.
        filled.pop("requestId", None)
        if isinstance(schema.get("additionalProperties"), dict):
            # Keys are the tenant's words for its attributes, and an error names the one it is about.
            filled["key"] = self.value(schema["additionalProperties"], "", depth + 1)
        return filled

    def path(self, template, operation):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                value = urllib.parse.quote(self.text(parameter["name"].split(".")[-1]), safe="")
                template = template.replace("{%s}" % parameter["name"], value)
        query = [
            (parameter["name"], str(self.value(parameter.get("schema", {}), parameter["name"].split(".")[-1])))
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "query"
        ]
        return template + ("?" + urllib.parse.urlencode(query) if query else "")


def exchange(agent, visitor, widget_key, words):
    """What a customer and an agent do, in canaries."""
    first = words["name"]
    user = {"userId": words["email"], "email": words["email"], "name": first, "phone": words["phone"]}
    session = visitor.call("POST", "/widget/v1/sessions", {"widgetKey": widget_key, "locale": "en", "user": user})
    session = session or visitor.call("POST", "/widget/v1/sessions", {"widgetKey": widget_key, "locale": "en"})
    visitor.token = session["accessToken"]
    sent = visitor.call("POST", "/widget/v1/messages", {"clientMessageId": str(uuid.uuid4()), "text": "\n".join(words.values())})
    path = f"/v1/conversations/{sent['conversationId']}"
    agent.call("POST", f"{path}:accept", {})
    for word in words.values():
        agent.call("POST", f"{path}/messages", {"text": word})
        agent.call("POST", f"{path}/notes", {"text": word})
    contact = agent.call(
        "POST",
        "/v1/contacts",
        {
            "displayName": first,
            "attributes": {"note": {"stringValue": words["text"]}},
            "identities": [{"kind": "IDENTITY_KIND_EMAIL", "address": words["email"]}],
        },
    )
    conversation = agent.call("GET", path)
    return {
        "conversationId": sent["conversationId"],
        "contactId": conversation["contactId"] if contact is None else contact["contactId"],
        "channelAccountId": conversation["channelAccountId"],
        "departmentId": conversation.get("departmentId", ""),
        "agentId": conversation.get("assigneeId", ""),
        "messageId": str(uuid.uuid4()),
        "widgetKey": widget_key,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    parser.add_argument("--token", required=True, help="an admin's token")
    parser.add_argument("--widget-key", required=True)
    parser.add_argument("--canaries", required=True, help="a JSON object of canaries by kind")
    options = parser.parse_args()
    words = json.loads(options.canaries)
    agent, visitor, nobody = Caller(options.base, options.token), Caller(options.base), Caller(options.base, words["token"])
    ids = exchange(agent, visitor, options.widget_key, words)
    document = agent.call("GET", "/openapi.json")
    canaries, operations = [words[kind] for kind in sorted(words)], 0
    for template, methods in sorted(document["paths"].items()):
        for method, operation in sorted(methods.items()):
            if not isinstance(operation, dict) or "stream" in template or "events" in template or template.endswith(":watch"):
                continue
            operations += 1
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            for known in ({}, ids):
                # Each operation begins at another canary, so that each kind of field meets each of them somewhere.
                filler = Filler(document, canaries, known, begin=operations)
                body = filler.value(content["schema"]) if content else None
                for caller in (nobody, agent, visitor):
                    for etag in (None, '"1"', words["text"]):
                        caller.call(method.upper(), filler.path(template, operation), body, etag=etag, route=template)
            if content:
                path = Filler(document, ["x"], ids).path(template, operation)
                agent.call(method.upper(), path, raw=words["text"].encode(), route=template)
    for caller in (agent, visitor, nobody):
        for refusal in caller.refusals:
            print(json.dumps(refusal))
    print(json.dumps({"operations": operations, "answers": agent.answers + visitor.answers}))


if __name__ == "__main__":
    main()
