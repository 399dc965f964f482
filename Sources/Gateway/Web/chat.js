// The customer's side: a web chat (widget API).
import { call, clock, element, follow, fragment, newID, sendOnEnter, tellTyping, toast } from "/api.js";

const $ = (id) => document.getElementById(id);
const memory = {
  get: (name) => localStorage.getItem(`switchboard.${name}`) || "",
  set: (name, value) => localStorage.setItem(`switchboard.${name}`, value),
};

let widgetKey = fragment.get("widget") || memory.get("widget");
let session;
let renewAt = 0;
const messages = new Map(); // by message id, or by the client's own id while on its way
let lastSeq = 0;
const stop = new AbortController();

if (widgetKey) start();
$("widget-form").addEventListener("submit", (event) => {
  event.preventDefault();
  widgetKey = $("widget-key").value.trim();
  start();
});

async function start() {
  try {
    await openSession();
  } catch (problem) {
    toast(problem.message);
    return;
  }
  memory.set("widget", widgetKey);
  $("widget-form").hidden = true;
  $("chat-messages").hidden = $("chat-form").hidden = false;
  $("chat-title").textContent = session.config?.displayName || "Chat with us";
  $("chat-avatar").textContent = $("chat-title").textContent.slice(0, 1);
  await fillGap();
  follow({
    request: async () => ({ path: "/widget/v1/events", headers: { Authorization: `Bearer ${await token()}` } }),
    onEvent,
    onState: (connected) => {
      showStatus(connected);
      if (connected) fillGap();
    },
    onRefused: openSession,
    signal: stop.signal,
  });
}

async function openSession() {
  session = await call("POST", "/widget/v1/sessions", {
    body: {
      widgetKey,
      visitorToken: memory.get("visitor"),
      page: { url: location.origin + location.pathname, title: document.title, referrer: document.referrer },
      locale: navigator.language,
    },
  });
  memory.set("visitor", session.visitorToken);
  renewAt = Date.parse(session.accessTokenExpireTime) - 60_000 || Date.now() + 10 * 60_000;
  take(session.conversation);
}

async function token() {
  if (Date.now() > renewAt) await openSession();
  return session.accessToken;
}

let conversation;
let connected = false;
let typing; // the timer after which an agent types no more
function take(next) {
  if (!next) return;
  if (conversation && next.conversationId !== conversation.conversationId) lastSeq = 0;
  conversation = next;
  $("chat-end").hidden = next.state === "VISITOR_CONVERSATION_STATE_ENDED";
  showStatus(connected);
}

const stateText = {
  VISITOR_CONVERSATION_STATE_WAITING: "We'll be with you in a moment",
  VISITOR_CONVERSATION_STATE_UNAVAILABLE: "Nobody is available right now",
  VISITOR_CONVERSATION_STATE_ENDED: "This conversation has ended; write to start a new one",
};
function showStatus(now) {
  connected = now;
  const name = conversation?.agentName;
  const state = conversation?.state;
  $("chat-status").textContent = !connected ? "reconnecting…"
    : typing ? `${name || "Somebody"} is typing…`
    : state === "VISITOR_CONVERSATION_STATE_ACTIVE" ? (name ? `${name} is here` : "You're in good hands")
    : stateText[state] || "Write us, we answer right here";
}

async function fillGap() {
  try {
    let page;
    do {
      const query = new URLSearchParams({ afterSeq: lastSeq, pageSize: 100 });
      if (page?.nextPageToken) query.set("pageToken", page.nextPageToken);
      page = await call("GET", `/widget/v1/messages?${query}`, { token: await token() });
      take(page.conversation);
      page.messages.forEach(show);
    } while (page.nextPageToken);
    lastSeq = Math.max(lastSeq, ...[...messages.values()].filter((m) => m.conversationId === conversation?.conversationId).map((m) => m.seq || 0));
    draw();
  } catch (problem) {
    if (problem.status !== 404) console.warn(problem.message);
  }
}

async function onEvent(name, data) {
  if (name === "session_expired" || name === "reset") return openSession();
  if (name === "typing") return showTyping(data);
  take(data.conversation);
  if (data.message) {
    show(data.message);
    draw();
    if (data.message.author !== "ACTOR_KIND_CUSTOMER") {
      call("POST", "/widget/v1/read", {
        token: await token(),
        body: { conversationId: data.message.conversationId, upToSeq: data.message.seq },
      }).catch(() => {});
    }
  }
}

function showTyping(data) {
  clearTimeout(typing);
  typing = data.typing && data.conversationId === conversation?.conversationId
    ? setTimeout(() => showTyping({}), 15_000) : undefined;
  showStatus(connected);
}

function show(message) {
  if (message.clientMessageId) messages.delete(message.clientMessageId);
  messages.set(message.messageId, message);
}

function draw() {
  const box = $("chat-messages");
  const stored = [...messages.values()].filter((m) => !m.waiting)
    .sort((a, b) => a.createTime < b.createTime ? -1 : a.createTime > b.createTime ? 1 : a.seq - b.seq);
  const waiting = [...messages.values()].filter((m) => m.waiting);
  box.replaceChildren(...[...stored, ...waiting].map((message) => {
    const own = message.waiting || message.author === "ACTOR_KIND_CUSTOMER";
    const kind = message.author === "ACTOR_KIND_SYSTEM" ? "system" : own ? "own" : "other";
    const seen = own && conversation && message.conversationId === conversation.conversationId && message.seq <= conversation.agentReadSeq;
    const meta = message.failed ? message.failed : message.waiting ? "sending…" : [own ? "" : message.authorName, clock(message.createTime), seen ? "seen" : ""].filter(Boolean).join(" · ");
    return element("li", { class: `${kind}${message.failed ? " failed" : message.waiting ? " waiting" : ""}` },
      element("span", { class: "bubble" }, message.text || message.attachments?.map((a) => `📎 ${a.fileName}`).join("\n") || ""),
      element("span", { class: "meta" }, meta));
  }));
  box.scrollTop = box.scrollHeight;
}

const form = $("chat-form");
const stopTyping = tellTyping($("chat-text"), async (typing) => {
  if (conversation) call("POST", "/widget/v1/typing", { token: await token(), body: { typing }, attempts: 1 }).catch(() => {});
});
sendOnEnter($("chat-text"), form);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("chat-text").value.trim();
  if (!text) return;
  $("chat-text").value = "";
  stopTyping();
  const clientMessageId = newID();
  const waiting = { text, waiting: true };
  messages.set(clientMessageId, waiting);
  draw();
  try {
    const message = await call("POST", "/widget/v1/messages", {
      token: await token(), body: { clientMessageId, text }, attempts: 20,
    });
    if (message.conversationId !== conversation?.conversationId) await fillGap();
    show({ ...message, clientMessageId });
  } catch (problem) {
    waiting.failed = `not sent: ${problem.message}`;
  }
  draw();
});

$("chat-end").addEventListener("click", async () => {
  try {
    take((await call("POST", "/widget/v1/end", { token: await token(), body: {}, key: newID() })).conversation);
  } catch (problem) {
    toast(problem.message);
  }
});
