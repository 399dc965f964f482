"""A customer and an agent, each in a browser of his own, before a running stack. The message appears without a reload; the gateway
is killed and started again between two messages; nothing is missing and nothing is there twice.

--restart is a command that kills the gateway with SIGKILL and starts it again on the same port.
"""

import argparse
import subprocess
import uuid

from browser import Browser


def play(base, token, widget_key, restart, screenshots):
    mark = uuid.uuid4().hex[:6]
    with Browser() as first, Browser() as second:
        customer = first.open(f"{base}/#widget={widget_key}")
        agent = second.open(f"{base}/#token={token}")
        agent.shows("#live", "live")
        customer.shows("#chat-status", "Write us")

        question = f"Hello, where is my parcel? <b>{mark}</b>"
        customer.write("#chat-text", question)
        agent.shows("#list .line", question)
        print("the customer's message is in the agent's queue, without a reload")
        # By keyboard: the row has the focus, and Enter opens it.
        agent.evaluate(f"[...document.querySelectorAll('#list button')].find(n => n.innerText.includes('{mark}')).focus()")
        agent.press("Enter", 13)
        agent.shows("#messages .other .bubble", question)
        if screenshots:
            agent.screenshot(f"{screenshots}/queue.png")
        agent.click_until("[data-action=accept]", agent, ".chip", "open")
        agent.write("#reply", f"On its way! {mark}")
        customer.shows("#chat-messages .other .bubble", f"On its way! {mark}")
        print("the agent has accepted and answered; the customer sees it")

        if restart:
            subprocess.run(restart, shell=True, check=True)
            print("the gateway was killed and started again")
        agent.write("#reply", f"It arrives today. {mark}")
        customer.write("#chat-text", f"Thank you! {mark}")
        customer.shows("#chat-messages .other .bubble", f"It arrives today. {mark}")
        agent.shows("#messages .other .bubble", f"Thank you! {mark}")
        agent.shows("#live", "live")

        expected = [question, f"On its way! {mark}"]
        later = {f"It arrives today. {mark}", f"Thank you! {mark}"}
        for page, selector in ((agent, "#messages .bubble"), (customer, "#chat-messages .bubble")):
            seen = [text for text in page.texts(selector) if mark in text]
            assert seen[:2] == expected and len(seen) == 4 and set(seen[2:]) == later, seen
        assert customer.evaluate("document.querySelectorAll('#chat-messages b').length") == 0, "markup was not escaped"
        print("both sides have all four messages, each once")
        for page in (agent, customer):
            assert page.unnamed() == [], page.unnamed()
            for width, height in ((390, 844), (1440, 900)):
                page.size(width, height)
                overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert overflow <= 0, f"{overflow} px too wide at {width}"
                if screenshots:
                    page.screenshot(f"{screenshots}/{'agent' if page is agent else 'customer'}-{width}.png")
        agent.click_until("[data-action=close]", customer, "#chat-status", "ended")
        agent.click("[data-view=INBOX_VIEW_CLOSED]")
        agent.shows("#list .line", mark)
        print("the agent has closed it; both sides know")
        assert first.errors + second.errors == [], first.errors + second.errors


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--widget-key", required=True)
    parser.add_argument("--restart")
    parser.add_argument("--screenshots")
    arguments = parser.parse_args()
    play(arguments.base, arguments.token, arguments.widget_key, arguments.restart, arguments.screenshots)
