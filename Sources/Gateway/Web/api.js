// Calls and streams of the gateway. Everything from the network is data: the page shows it by textContent only.

/** An id for one intention: repeating it repeats the answer and not the effect. */
export function newID() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export class Problem extends Error {
  constructor(body) {
    super(body.detail || body.title || "The request failed");
    this.status = body.status || 0;
    this.reason = body.reason || "";
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One call. Gives up on refusals; repeats while the gateway cannot be reached, as the same request. */
export async function call(method, path, { token, body, key, etag, attempts = 8 } = {}) {
  const headers = { Accept: "application/json, application/problem+json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (key) headers["Idempotency-Key"] = `"${key}"`;
  if (etag) headers["If-Match"] = etag;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  for (let attempt = 1; ; attempt++) {
    let response;
    try {
      response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    } catch (error) {
      if (attempt >= attempts) throw new Problem({ detail: "The gateway cannot be reached." });
    }
    if (response && (response.status !== 503 || attempt >= attempts)) {
      const text = await response.text();
      const value = text ? JSON.parse(text) : {};
      if (!response.ok) throw new Problem(value);
      return value;
    }
    await pause(Math.min(3000, 200 * 2 ** attempt) * (0.5 + Math.random() / 2));
  }
}

/**
 * Follows an event stream for as long as the page lives: reconnects by itself and resumes after the last event seen.
 * `request` answers {path, headers} of an attempt; `onEvent(name, data)`; `onState(connected)`.
 */
export async function follow({ request, onEvent, onState, onRefused, signal }) {
  let lastID = "";
  for (let failures = 0; !signal.aborted;) {
    try {
      const { path, headers } = await request();
      if (lastID) headers["Last-Event-ID"] = lastID;
      const response = await fetch(path, { headers: { Accept: "text/event-stream", ...headers }, signal, cache: "no-store" });
      if (response.status === 204) return;
      if (!response.ok) {
        if (response.status === 400) lastID = "";
        if ([401, 403].includes(response.status) && onRefused) await onRefused(response.status);
        throw new Error(`stream refused: ${response.status}`);
      }
      onState(true);
      failures = 0;
      for await (const event of events(response.body)) {
        if (event.id) lastID = event.id;
        if (event.name === "reset") lastID = "";
        // A position alone: it moved past what is not ours to see.
        if (event.data) await onEvent(event.name, JSON.parse(event.data));
      }
    } catch (error) {
      if (signal.aborted) return;
    }
    onState(false);
    failures++;
    await pause(Math.min(5000, 200 * 2 ** failures) * (0.5 + Math.random() / 2));
  }
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const event = { id: "", name: "message", data: "" };
      for (const line of text.slice(0, end).split("\n")) {
        const at = line.indexOf(": ");
        if (at <= 0) continue;
        const field = line.slice(0, at), rest = line.slice(at + 2);
        if (field === "id") event.id = rest;
        else if (field === "event") event.name = rest;
        else if (field === "data") event.data += (event.data ? "\n" : "") + rest;
      }
      if (event.data || event.id) yield event;
    }
  }
}

// MARK: - Drawing

/** An element with attributes, listeners and children; strings become text, never markup. */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

export function clock(time) {
  if (!time) return "";
  const date = new Date(time), today = new Date();
  const sameDay = date.toDateString() === today.toDateString();
  return date.toLocaleString([], sameDay ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

export function toast(text) {
  const node = element("div", { class: "toast" }, text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), 5000);
}

/** Enter sends, Shift+Enter makes a line. */
export function sendOnEnter(textarea, form) {
  textarea.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

/**
 * Says through `say(typing)` that somebody types in a field in `box`: at once and every few seconds while he does, and once that
 * he has stopped. Answers the function that stops it.
 */
export function tellTyping(box, say) {
  let told = 0, idle;
  const stop = () => {
    clearTimeout(idle);
    if (told) say(false);
    told = 0;
  };
  box.addEventListener("input", ({ target }) => {
    // What begins so is for colleagues, and nobody's to hear of before it is there.
    if (!target.value || target.value.startsWith("/")) return stop();
    if (Date.now() - told > 4000) {
      told = Date.now();
      say(true);
    }
    clearTimeout(idle);
    idle = setTimeout(stop, 5000);
  });
  return stop;
}

/** What the address carries behind "#": never sent to a server. */
export const fragment = new URLSearchParams(location.hash.slice(1));
