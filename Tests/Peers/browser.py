"""Drives Debian's chromium over the DevTools protocol: pages, clicks, texts, screenshots. One process may hold several
windows, each with cookies and storage of its own."""

import base64
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

import websocket

# Protection against a hang, on a machine that has much else to do.
WAIT_SECONDS = 90
# How long a click may take to show before a person clicks again.
CLICK_SECONDS = 5


class Browser:
    """A headless chromium of its own profile."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="switchboard-browser-")
        command = [
            shutil.which("chromium") or "chromium", "--headless=new", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
            "--remote-allow-origins=*", "--window-size=1440,900", f"--user-data-dir={self.profile}", "about:blank",
        ]
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.address, said = None, []
        for line in self.process.stderr:
            said.append(line)
            found = re.search(r"DevTools listening on (ws://\S+)", line)
            if found:
                self.address = found.group(1)
                break
        if not self.address:
            raise SystemExit("chromium did not start: " + "".join(said[-10:]))
        self.socket = websocket.create_connection(self.address, timeout=WAIT_SECONDS)
        self.numbers = itertools.count(1)
        self.errors = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, session=None, **params):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            self.note(answer)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def note(self, event):
        """Keeps what a developer's console would show in red; a gateway that is away may be seen in it."""
        if event.get("method") == "Runtime.exceptionThrown":
            self.errors.append(event["params"]["exceptionDetails"])
        if event.get("method") == "Log.entryAdded":
            entry = event["params"]["entry"]
            if entry["level"] == "error" and entry["source"] != "network":
                self.errors.append(entry)

    def open(self, url):
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url=url, browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session)


def contains(selector, text):
    return f"[...document.querySelectorAll({json.dumps(selector)})].some(n => n.innerText.includes({json.dumps(text)}))"


class Page:
    """One page. Texts are looked for until they are there."""

    def __init__(self, browser, session):
        self.browser, self.session = browser, session
        self.call("Page.enable")
        self.call("Runtime.enable")
        self.call("Log.enable")

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def evaluate(self, script):
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def becomes(self, script, seconds):
        """What the script answers as soon as that is something; None where it does not in time."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            try:
                value = self.evaluate(script)
            except RuntimeError:
                value = None
            if value:
                return value
            time.sleep(0.05)

    def until(self, script, what):
        value = self.becomes(script, WAIT_SECONDS)
        if not value:
            raise SystemExit(f"not within {WAIT_SECONDS} s: {what}; the page says: {self.evaluate('document.body.innerText')}")
        return value

    def shows(self, selector, text):
        self.until(contains(selector, text), f"{text!r} in {selector}")

    def texts(self, selector):
        return self.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})].map(n => n.innerText)")

    def click(self, selector):
        self.until(f"document.querySelector({json.dumps(selector)}) !== null", f"{selector} is there")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def click_until(self, selector, page, shown, text):
        """Clicks as a person does: again where the step was refused because the conversation had changed meanwhile."""
        limit = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < limit:
            self.evaluate(f"document.querySelector({json.dumps(selector)})?.click()")
            if page.becomes(contains(shown, text), CLICK_SECONDS):
                return
        raise SystemExit(f"not within {WAIT_SECONDS} s: {text!r} in {shown} after clicks on {selector}")

    def write(self, selector, text):
        """Types into a field and presses Enter."""
        self.until(f"document.querySelector({json.dumps(selector)}) !== null", f"{selector} is there")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)
        self.press("Enter", 13)

    def press(self, key, code):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      text="\r" if key == "Enter" and kind == "keyDown" else "")

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def unnamed(self):
        """Controls that are shown and that a screen reader could not name."""
        return self.evaluate("""[...document.querySelectorAll('button, input, textarea, select, a')]
            .filter((n) => n.checkVisibility() && !(n.ariaLabel || n.labels?.length || n.innerText.trim() || n.title))
            .map((n) => n.outerHTML)""")

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
