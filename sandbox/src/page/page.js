"use strict";
// The state of the page, the list of calls and the chosen call. The files of the page are one script: this one is first.
// Everything that comes from the sandbox goes through textContent or an attribute: none of it becomes HTML.
const MORE_CALLS = 200; // The list shows this many calls, and this many more after each press of its button.
const KEPT = 10000; // The sandbox keeps no more either.
const $ = (id) => document.getElementById(id);
const calls = new Map(), requests = new Map(), callbacks = new Map(), buttons = new Map();
let account = null, version = 0, shownCalls = MORE_CALLS, chosen = null, wanted = null, drawn = "";

function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}
function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}
function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

// Requests to the sandbox.
async function admin(method, path, body) {
  return checked(await fetch(`/_sandbox/${path}`, { method, body: body && JSON.stringify(body), cache: "no-store" }));
}
async function api(path, body) {
  const basic = btoa(String.fromCharCode(...new TextEncoder().encode(`${account.token}:${account.secret}`)));
  const headers = { Authorization: `Basic ${basic}`, "Content-Type": "application/json" };
  const target = `/v1/users/${account.user_id}/calls${path}`;
  return checked(await fetch(target, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store" }));
}
async function checked(response) {
  const text = await response.text();
  let value = null;
  try { value = text ? JSON.parse(text) : null; } catch { /* a scripted reply may be anything */ }
  if (!response.ok) throw new Error(value?.message ? `${response.status}: ${value.message}` : `${response.status}: refused`);
  return value;
}
async function act(action, output = $("call-error")) {
  for (const old of document.querySelectorAll(".error")) old.textContent = "";
  try { await action(); } catch (error) { output.textContent = error.message; }
}

// Reads changes, and shows them.
async function follow() {
  for (;;) {
    try {
      account ??= await admin("GET", "account");
      const update = await admin("GET", `changes?since=${version}&wait_ms=${version ? 20000 : 0}`);
      if (update.version < version) { // Another sandbox has taken this port.
        version = 0; account = null; chosen = null;
        for (const map of [calls, requests, callbacks]) map.clear();
        continue;
      }
      version = update.version;
      for (const call of update.calls) calls.set(call.id, call);
      for (const request of update.requests) requests.set(request.number, request);
      for (const callback of update.callbacks) callbacks.set(callback.number, callback);
      const clock = await admin("GET", "clock");
      if (document.activeElement !== $("clock")) $("clock").value = clock.mode;
      forget(requests);
      forget(callbacks);
      forget(calls, (call) => !isOpen(call));
      live("live");
      show();
    } catch (error) {
      live("the sandbox does not respond");
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}
// Removes the oldest entries, as the sandbox does.
function forget(map, mayLeave = () => true) {
  const old = [...map].filter(([, it]) => mayLeave(it));
  for (const [key] of old.slice(0, Math.max(0, old.length - KEPT))) map.delete(key);
}
function live(word) {
  if ($("live").textContent !== word) $("live").textContent = word;
  $("live").classList.toggle("lost", word !== "live");
}

// A call that was transferred and the legs of its transfers belong together.
function rootOf(call) {
  while (call.transferred_from && calls.has(call.transferred_from)) call = calls.get(call.transferred_from);
  return call;
}
function chainOf(root) {
  const chain = [root];
  for (const call of chain) chain.push(...legsOf(call)); // The loop reaches the legs that it adds.
  return chain;
}
function legsOf(call) {
  // Most calls were never transferred: the search over all calls is only for the others.
  return call.transferred_to ? [...calls.values()].filter((leg) => leg.transferred_from === call.id) : [];
}
const isOpen = (call) => ["started", "active", "transferring"].includes(call.state);
// The newest leg that has not ended, or else the call itself.
const currentOf = (chain) => chain.findLast((call) => isOpen(call)) ?? chain[0];
const nameOf = (chain, call) => {
  const index = chain.indexOf(call);
  if (!index) return call.direction === "in" ? "caller" : "called party";
  return chain.length > 2 ? `new party ${index}` : "new party";
};
const clockTime = (iso) => iso.slice(11, 23);
const otherParty = (root) => (root.direction === "in" ? root.from : root.to);
const ourNumber = (root) => (root.direction === "in" ? root.to : root.from);
const stateWord = { started: "ringing", active: "active", transferring: "transferred", completed: "ended", rejected: "rejected" };

function show() {
  const roots = [...calls.values()].filter((call) => !call.transferred_from || !calls.has(call.transferred_from));
  // Newest first: the Map has the calls in the order in which they were first received.
  roots.sort((a, b) => (a.start_time < b.start_time ? 1 : a.start_time > b.start_time ? -1 : 0));
  $("first").hidden = roots.length > 0;
  $("list").hidden = $("call").hidden = roots.length === 0;
  $("exports").textContent = account ? [
    `export BANDWIDTH_USER_ID=${account.user_id} BANDWIDTH_API_TOKEN=${account.token} BANDWIDTH_API_SECRET=${account.secret}`,
    `export CALLTRANSFER_BASE_URL=${location.origin}`].join("\n") : "";
  if (!roots.length) return;
  if (calls.has(wanted)) [chosen, wanted] = [wanted, null];
  if (!calls.has(chosen)) chosen = roots[0].id;
  const shown = roots.slice(0, shownCalls);
  const kept = new Set(shown.map((root) => root.id));
  for (const [id, item] of buttons) if (!kept.has(id)) { item.remove(); buttons.delete(id); }
  shown.forEach((root, place) => {
    const item = buttons.get(root.id) ?? newItem(root);
    const [number, state, when, button] = item.parts;
    const way = [`${root.direction === "in" ? "" : "to "}${otherParty(root)}`];
    for (let leg = root; (leg = calls.get(leg.transferred_to));) way.push(leg.to);
    number.textContent = way.join(" → ");
    state.textContent = stateWord[root.state] ?? root.state;
    state.className = `state ${root.state}`;
    when.textContent = `${clockTime(root.start_time)} · ${root.id}`;
    button.setAttribute("aria-current", String(root.id === chosen));
    if ($("calls").children[place] !== item) $("calls").insertBefore(item, $("calls").children[place] ?? null);
  });
  $("older").hidden = roots.length <= shownCalls;
  $("older").textContent = `Show more of ${roots.length - shownCalls} older calls`;
  detail();
}
function newItem(root) {
  const parts = [make("span", { class: "number" }), make("span", { class: "state" }), make("span", { class: "when" })];
  const button = make("button", { "data-call": root.id }, ...parts);
  const item = make("li", {}, button);
  item.parts = [...parts, button];
  buttons.set(root.id, item);
  return item;
}
function choose(id) {
  chosen = id;
  $("call-error").textContent = "";
  expand(false);
  show();
}

function detail() {
  const root = rootOf(calls.get(chosen)), chain = chainOf(root), leg = currentOf(chain);
  const words = {
    answer: root.direction === "in" && root.state === "started", reject: root.direction === "in" && root.state === "started",
    transfer: leg.state === "active", record: isOpen(root), "hang-up": isOpen(root),
    "far-answers": leg.state === "started" && leg.direction === "out", "caller-hangs-up": isOpen(root), "party-hangs-up": leg !== root,
  };
  const active = document.activeElement;
  for (const button of document.querySelectorAll(".acts button")) {
    const possible = words[button.dataset.act];
    if (!possible && button === active) $("call-title").focus();
    button.disabled = !possible;
  }
  const set = (act, text) => { const button = document.querySelector(`.acts [data-act=${act}]`); if (button.textContent !== text) button.textContent = text; };
  set("record", root.recording_enabled ? "Stop recording" : "Record");
  set("caller-hangs-up", root.direction === "in" ? "Caller hangs up" : "Called party hangs up");
  set("far-answers", root.direction === "in" || leg !== root ? "New party answers" : "Called party answers");
  if (!words.transfer) expand(false);
  const title = `${otherParty(root)} ${root.direction === "in" ? "calls" : "is called by"} ${ourNumber(root)}`;
  const state = stateWord[root.state] ?? root.state;
  if ($("call-title").textContent !== `${title}: ${state}`) {
    $("call-title").textContent = `${title}: ${state}`;
    $("announced").textContent = `${title}: ${state}`;
  }
  ladder();
}
