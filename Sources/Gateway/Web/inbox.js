// The agent's side: lists, one conversation, its steps; live.
import { call, clock, element, follow, fragment, newID, sendOnEnter, tellTyping, toast } from "/api.js";

const $ = (id) => document.getElementById(id);
const views = [
  ["INBOX_VIEW_QUEUE", "In Queue"], ["INBOX_VIEW_OPEN", "Open"], ["INBOX_VIEW_YOURS", "Yours"], ["INBOX_VIEW_PENDING", "Pending"],
  ["INBOX_VIEW_EXPIRED", "Expired"], ["INBOX_VIEW_AUTOMATED", "Automated"], ["INBOX_VIEW_CLOSED", "Closed"],
];
const channelIcon = {
  CHANNEL_KIND_WHATSAPP: "WhatsApp", CHANNEL_KIND_FACEBOOK: "Messenger", CHANNEL_KIND_INSTAGRAM: "Instagram",
  CHANNEL_KIND_WEBCHAT: "Web chat", CHANNEL_KIND_EMAIL: "E-mail",
  CHANNEL_KIND_OTHER: "Other",
};

let token = fragment.get("token") || sessionStorage.getItem("switchboard.token") || "";
let me;
let view = "INBOX_VIEW_QUEUE";
let rows = new Map();
let counts = [];
let nextPageToken = "";
let current; // {conversation, contact, warnings, messages: Map}
let typing = new Map(); // by actor's kind and id: {name, timer}, in the open conversation
let stop = new AbortController();

if (token) signIn();
$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  token = $("token").value.trim();
  signIn();
});
$("sign-out").addEventListener("click", () => {
  sessionStorage.removeItem("switchboard.token");
  location.hash = "";
  location.reload();
});

async function signIn() {
  try {
    me = await call("GET", "/v1/me", { token });
  } catch (problem) {
    $("sign-in-error").textContent = problem.message;
    return;
  }
  sessionStorage.setItem("switchboard.token", token);
  $("agent-name").textContent = `${me.displayName} · ${me.roles.join(", ")}`;
  $("sign-in").hidden = true;
  for (const id of ["views", "list-column", "conversation", "live", "sign-out"]) $(id).hidden = false;
  drawConversation();
  await load();
  follow({
    request: async () => ({ path: "/v1/stream", headers: { Authorization: `Bearer ${token}` } }),
    onEvent,
    onState: (connected) => {
      $("live").textContent = connected ? "live" : "reconnecting…";
      $("live").classList.toggle("off", !connected);
    },
    onRefused: (status) => {
      if (status === 401) {
        toast("Your token has ended. Sign in again.");
        stop.abort();
      }
    },
    signal: stop.signal,
  });
}

// MARK: - Lists

async function load({ more = false } = {}) {
  const query = new URLSearchParams({ view, pageSize: 50 });
  if ($("order").value) query.set("orderBy", $("order").value);
  if (more) query.set("pageToken", nextPageToken);
  const asked = view;
  try {
    const inbox = await call("GET", `/v1/inbox?${query}`, { token });
    if (asked !== view) return;
    if (!more) rows = new Map();
    for (const row of inbox.conversations) rows.set(row.conversation.conversationId, row);
    counts = inbox.counts || counts;
    nextPageToken = inbox.nextPageToken;
    for (const warning of inbox.warnings || []) toast(`${warning.service} did not answer: names may be missing`);
  } catch (problem) {
    toast(problem.message);
  }
  drawList();
}

let loading;
/** After news: once for many. */
function loadSoon() {
  loading ??= setTimeout(() => {
    loading = undefined;
    load();
  }, 120);
}

function drawList() {
  keepingFocus($("views"), () => $("views").replaceChildren(...views.map(([id, name]) => {
    const count = counts.find((count) => count.view === id);
    return element("button", { "data-view": id, "aria-current": id === view ? "true" : "false", onclick: () => choose(id) }, name,
      element("span", { class: "count" }, count ? (count.truncated ? "1000+" : String(count.count)) : ""));
  })));
  $("list-title").textContent = views.find(([id]) => id === view)[1];
  $("more").hidden = !nextPageToken;
  const items = [...rows.values()].map(({ conversation: c, contact }) => {
    const name = nameOf(c, contact);
    return element("li", {}, element("button", {
      class: c.inactive ? "inactive" : "", "data-id": c.conversationId,
      "aria-current": current?.conversation.conversationId === c.conversationId ? "true" : "false",
      onclick: () => open(c.conversationId),
    },
      element("span", { class: "avatar", "aria-hidden": "true" }, name.slice(0, 1)),
      element("span", { class: "name" }, name),
      element("time", { class: "end" }, clock(view === "INBOX_VIEW_QUEUE" ? c.arrivalTime : c.lastMessageTime)),
      element("span", { class: "line" }, c.lastLine || c.firstLine || "no message yet"),
      element("span", { class: "end" }, c.badge ? element("span", { class: "badge", title: "unread" }, String(c.badge)) : "")));
  });
  keepingFocus($("list"), () =>
    $("list").replaceChildren(...(items.length ? items : [element("li", { class: "empty" }, "Nothing here.")])));
}

/** Draws anew without taking the keyboard's place away. */
function keepingFocus(box, draw) {
  const { id, view } = (box.contains(document.activeElement) && document.activeElement.dataset) || {};
  draw();
  [...box.querySelectorAll("button")].find((node) => (id && node.dataset.id === id) || (view && node.dataset.view === view))?.focus();
}

function nameOf(conversation, contact) {
  return contact?.displayName || conversation.customerName || "Visitor";
}

function choose(id) {
  view = id;
  rows = new Map();
  load();
}
$("order").addEventListener("change", () => load());
$("more").addEventListener("click", () => load({ more: true }));

// MARK: - One conversation

async function open(id) {
  try {
    const details = await call("GET", `/v1/conversations/${encodeURIComponent(id)}/details`, { token });
    stopTyping();
    for (const { timer } of typing.values()) clearTimeout(timer);
    typing = new Map();
    current = { ...details, messages: new Map() };
    await fill();
  } catch (problem) {
    toast(problem.message);
    return;
  }
  drawList();
  drawConversation();
  markRead();
}

/** Reads the messages after the last one we have. */
async function fill() {
  const id = current.conversation.conversationId;
  let page;
  do {
    const query = new URLSearchParams({ pageSize: 100, afterSeq: page ? afterSeq : (afterSeq = Math.max(0, ...[...current.messages.keys()])) });
    if (page?.nextPageToken) query.set("pageToken", page.nextPageToken);
    page = await call("GET", `/v1/conversations/${encodeURIComponent(id)}/messages?${query}`, { token });
    if (current?.conversation.conversationId !== id) return;
    for (const message of page.messages) current.messages.set(message.seq, message);
  } while (page.nextPageToken);
}
let afterSeq = 0;

async function refresh() {
  const id = current.conversation.conversationId;
  try {
    const details = await call("GET", `/v1/conversations/${encodeURIComponent(id)}/details`, { token });
    if (current?.conversation.conversationId !== id) return;
    Object.assign(current, details);
    drawConversation();
  } catch (problem) {
    if (problem.status === 403 || problem.status === 404) {
      current = undefined;
      drawConversation();
    }
  }
}

async function markRead() {
  const c = current?.conversation;
  if (!c || c.assigneeId !== me.agentId || !c.badge || document.hidden) return;
  await call("POST", `/v1/conversations/${encodeURIComponent(c.conversationId)}:markRead`, { token, body: { upToSeq: c.lastSeq }, key: newID() }).catch(() => {});
}
document.addEventListener("visibilitychange", () => markRead());

const stateName = (c) => c.state.replace("CONVERSATION_STATE_", "").toLowerCase();
const allowed = (name) => current.conversation.actions?.find((action) => action.action === name);

function drawConversation() {
  const box = $("conversation");
  if (!current) {
    box.replaceChildren(element("p", { class: "empty" }, "Choose a conversation. Looking at one changes nothing."));
    return;
  }
  const c = current.conversation;
  const draft = box.querySelector("textarea")?.value || "";
  const focused = box.contains(document.activeElement) && document.activeElement.tagName === "TEXTAREA";
  const step = (name, label, attributes = {}, body = {}) => {
    const action = allowed(name);
    if (!action?.allowed) return undefined;
    return element("button", { "data-action": name, onclick: () => act(name, body), ...attributes }, label);
  };
  const waiting = ["queued", "offered"].includes(stateName(c));
  const form = element("form", { class: "composer", onsubmit: reply },
    element("textarea", {
      rows: "1", "aria-label": "Reply", id: "reply",
      placeholder: stateName(c) === "closed" ? "Closed. A note is still possible: begin with /note" : waiting ? "Reply to accept and answer…" : "Reply…  (/note for an internal note)",
    }),
    element("button", { class: "primary send", "aria-label": "Send" }, "➤"));
  const messages = element("ol", { class: "messages", id: "messages", "aria-live": "polite" },
    ...[...current.messages.values()].sort((a, b) => a.seq - b.seq).map(drawMessage));
  box.replaceChildren(
    element("div", { class: "conversation-head" },
      element("span", { class: "avatar" }, nameOf(c, current.contact).slice(0, 1)),
      element("span", { class: "name" }, nameOf(c, current.contact)),
      waiting ? step("accept", "✓ Accept", { class: "accept", title: "Accept" }) : undefined,
      element("span", { class: `chip ${stateName(c)}` }, stateName(c)),
      element("span", { class: "grow" }),
      c.assigneeId === me.agentId ? undefined : step("take", "Take"), step("intervene", "Step in"), step("setPending", "Pause"), step("resume", "Resume"), step("close", "Close")),
    element("div", { class: "facts" },
      fact("Channel", channelIcon[c.channel] || "?"), fact("Department", c.departmentName || "all"),
      fact("Agent", c.assigneeName || "nobody"), fact("Started", clock(c.startTime) || "not yet"),
      ...ticketFacts(),
      ...(current.warnings || []).map((warning) => element("span", { class: "warning" }, `${warning.service} did not answer`))),
    messages, element("p", { class: "typing", id: "typing", role: "status" }), form);
  drawTyping();
  const textarea = form.querySelector("textarea");
  textarea.value = draft;
  sendOnEnter(textarea, form);
  if (focused) textarea.focus();
  messages.scrollTop = messages.scrollHeight;
}

const stopTyping = tellTyping($("conversation"), (typing) => {
  const id = current?.conversation.conversationId;
  if (id) call("POST", `/v1/conversations/${encodeURIComponent(id)}:sendTyping`, { token, body: { typing }, attempts: 1 }).catch(() => {});
});

/** Who else types here, until he stops or nothing more is heard of him. */
function hearTyping(data) {
  if (data.conversationId !== current?.conversation.conversationId) return;
  const who = `${data.actor?.kind}/${data.actor?.actorId}`;
  clearTimeout(typing.get(who)?.timer);
  typing.delete(who);
  if (data.typing) {
    const name = data.actor?.kind === "ACTOR_KIND_CUSTOMER" ? nameOf(current.conversation, current.contact) : data.actor?.displayName;
    typing.set(who, { name: name || "Somebody", timer: setTimeout(() => hearTyping({ ...data, typing: false }), 15_000) });
  }
  drawTyping();
}

function drawTyping() {
  const names = [...typing.values()].map(({ name }) => name);
  if ($("typing")) $("typing").textContent = names.length ? `${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing…` : "";
}

/** The ticket's number, and when its next clock runs out. */
function ticketFacts() {
  const { ticket, ticketPending } = current;
  if (!ticket) return [fact("Ticket", ticketPending ? "being made…" : "none")];
  const due = ticket.clocks.map((one) => one.state === "CLOCK_STATE_RUNNING" && one.dueTime).filter(Boolean).sort()[0];
  const breached = ticket.clocks.some((one) => one.breachTime);
  return [
    fact("Ticket", ticket.number),
    ...(due || breached ? [fact("Due", breached ? "overdue" : clock(due))] : []),
  ];
}

function fact(name, value) {
  return element("span", {}, element("b", {}, name), value);
}

const ticks = {
  DELIVERY_STATUS_ACCEPTED: "✓", DELIVERY_STATUS_SENT: "✓", DELIVERY_STATUS_DELIVERED: "✓✓", DELIVERY_STATUS_READ: "✓✓ read",
  DELIVERY_STATUS_FAILED: "not delivered",
};

// Whoever has read a message has read those before it.
function deliveryStatus(message) {
  const read = "DELIVERY_STATUS_READ";
  const isRead = ["DELIVERY_STATUS_ACCEPTED", "DELIVERY_STATUS_SENT", "DELIVERY_STATUS_DELIVERED"].includes(message.deliveryStatus)
    && [...current.messages.values()].some((later) => later.seq > message.seq && later.deliveryStatus === read);
  return isRead ? read : message.deliveryStatus;
}

function drawMessage(message) {
  const kind = { MESSAGE_DIRECTION_INBOUND: "other", MESSAGE_DIRECTION_OUTBOUND: "own", MESSAGE_DIRECTION_INTERNAL: "note" }[message.direction] || "system";
  const text = message.text || message.attachments?.map((a) => `📎 ${a.fileName}`).join("\n") || "";
  const meta = [kind === "note" ? "note" : "", message.author?.displayName, clock(message.createTime), ticks[deliveryStatus(message)]];
  return element("li", { class: `${kind}${message.deliveryStatus === "DELIVERY_STATUS_FAILED" ? " failed" : ""}` },
    element("span", { class: "bubble" }, text), element("span", { class: "meta" }, meta.filter(Boolean).join(" · ")));
}

async function act(name, body) {
  const c = current.conversation;
  try {
    await call("POST", `/v1/conversations/${encodeURIComponent(c.conversationId)}:${name}`, { token, body: { etag: c.etag, ...body }, key: newID() });
    if (name === "accept" || name === "take") choose("INBOX_VIEW_YOURS");
  } catch (problem) {
    toast(problem.message);
  }
  await refresh();
  loadSoon();
}

async function reply(event) {
  event.preventDefault();
  const textarea = $("reply");
  const text = textarea.value.trim();
  if (!text) return;
  const c = current.conversation;
  const path = `/v1/conversations/${encodeURIComponent(c.conversationId)}`;
  const isNote = text.startsWith("/note ");
  textarea.value = "";
  stopTyping();
  try {
    const message = isNote
      ? await call("POST", `${path}/notes`, { token, body: { text: text.slice(6) }, key: newID(), attempts: 20 })
      : await call("POST", `${path}/messages`, {
          token, key: newID(), attempts: 20,
          body: { text, accept: ["queued", "offered"].includes(stateName(c)) },
        });
    if (current?.conversation.conversationId === c.conversationId) current.messages.set(message.seq, message);
  } catch (problem) {
    textarea.value = text;
    toast(problem.message);
  }
  await refresh();
  loadSoon();
}

// MARK: - News

async function onEvent(name, data) {
  const open = current?.conversation.conversationId;
  if (name === "reset" || name === "ready" || name === "stale") {
    loadSoon();
    if (open) {
      await fill();
      await refresh();
    }
    return;
  }
  if (name === "typing") return hearTyping(data);
  // Who of the colleagues is here is nothing that this page shows.
  if (name.startsWith("routing_")) return;
  loadSoon();
  if (name.startsWith("ticket_")) {
    if (open && [data.ticketId, data.conversationId].some((id) => id && [open, current.conversation.ticketId].includes(id))) await refresh();
    return;
  }
  if (open && data.contactId && data.contactId === current.conversation.contactId) await refresh();
  if (!open || data.conversationId !== open) return;
  if (name === "conversation_removed") {
    current = undefined;
    drawConversation();
    toast("This conversation went to somebody else.");
    return;
  }
  if (data.message) {
    current.messages.set(data.message.seq, data.message);
    drawConversation();
  }
  await refresh();
  markRead();
}
