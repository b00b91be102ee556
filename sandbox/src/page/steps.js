// The steps of a call, in order: {kind, from, to, label, more, time} between lanes.
function stepsOf(chain) {
  const root = chain[0], steps = [], anchored = new Map(), LAST = Number.MAX_SAFE_INTEGER;
  const incoming = root.direction === "in";
  const PROGRAM = 0, CALLER = 1, OURS = 2;
  const anchor = (number, time) => { if (number && !(anchored.get(number) <= time)) anchored.set(number, time); };
  // Steps of the same millisecond are ordered by the request that caused them, then by cause and effect.
  const add = (time, epoch, rank, step) => steps.push({ time, epoch, rank, order: steps.length, ...step });
  chain.forEach((call, index) => {
    const far = index ? OURS + index : CALLER;
    const name = nameOf(chain, call), parent = calls.get(call.transferred_from);
    const making = [...requests.values()].find((request) => request.new_call_id === call.id);
    if (making) anchor(making.number, call.start_time);
    let epoch = making?.number ?? 0;
    if (!index && incoming) add(call.start_time, epoch, 1, { kind: "call", from: CALLER, to: OURS, label: `calls ${call.to}`, more: call.diversion.map((it) => `Diversion: ${it.header}`) });
    else add(call.start_time, epoch, 1, { kind: "call", from: OURS, to: far, label: `calls; shows ${call.from}`, more: call.diversion.map((it) => `Diversion: ${it.header}`) });
    call.events.forEach((event, place) => {
      anchor(event.request, event.time);
      epoch = event.eventType === "hangup" ? event.request ?? LAST : Math.max(epoch, event.request ?? 0);
      const rank = 2 + place / 1000;
      const say = (step) => add(event.time, epoch, rank, step);
      for (const number of call.callbacks) {
        const callback = callbacks.get(number), sent = callback?.event;
        if (sent && sent.eventType === event.eventType && sent.time === event.time && sent.status === event.status)
          add(event.time, epoch, rank + 0.0005, callbackStep(callback));
      }
      if (event.eventType === "answer") say(!index && incoming
        ? { kind: "answer", from: OURS, to: CALLER, label: "answers" }
        : { kind: "answer", from: far, to: OURS, label: `${name} answers` });
      else if (event.eventType === "speak" && event.status === "started")
        say({ kind: "whisper", from: OURS, to: far, label: `whispers “${call.whisper_audio?.sentence ?? ""}”`, more: [voiceOf(call.whisper_audio)] });
      else if (event.eventType === "playback" && event.status === "started")
        say({ kind: "whisper", from: OURS, to: far, label: "plays a file", more: [call.whisper_audio?.fileUrl ?? ""] });
      else if (event.eventType === "speak" || event.eventType === "playback")
        say({ kind: "note", from: far, to: far, label: "whisper heard" });
      else if (event.eventType === "timeout") say({ kind: "end", from: far, to: far, label: "no answer in time" });
      else if (event.eventType === "recording") say({ kind: "note", from: OURS, to: OURS, label: "recording complete" });
      else if (event.eventType === "hangup") say({ kind: "end", from: far, to: far, over: far, label: `${name}: ${event.cause}` });
    });
    if (index && call.connected_time)
      add(call.connected_time, making?.number ?? 0, 4, {
        kind: "connected", from: OURS + chain.indexOf(parent) - (parent === root ? 1 : 0), to: far, label: `${nameOf(chain, parent)} and ${name} are connected`,
      });
  });
  let before = "", after = "9999";
  const byNumber = [...requests.values()].sort((a, b) => a.number - b.number);
  // The two clocks may differ by a moment: no request is placed after what a later request caused.
  const latest = new Map();
  for (const { number } of byNumber.toReversed()) {
    latest.set(number, after);
    if (anchored.get(number) < after) after = anchored.get(number);
  }
  for (const request of byNumber) {
    const ours = chain.some((call) => call.id === request.call_id || call.id === request.new_call_id);
    if (!ours || request.method === "GET") continue;
    const about = chain.findIndex((call) => call.id === request.call_id);
    // Requests have the time of the wall clock, calls the sandbox's own: what a request caused gives its place.
    const own = request.time < latest.get(request.number) ? request.time : latest.get(request.number);
    const time = anchored.get(request.number) ?? (own > before ? own : before);
    before = time;
    add(time, request.number, anchored.has(request.number) ? 0 : 5, {
      kind: request.status >= 200 && request.status < 300 ? "request" : "request refused", from: PROGRAM, to: OURS,
      label: `${describe(request)}${about > 0 ? ` (leg ${about})` : ""} → ${request.status || "no response"}${request.scripted ? ", scripted" : ""}`,
    });
  }
  return steps.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.epoch - b.epoch || a.rank - b.rank || a.order - b.order));
}
function callbackStep(callback) {
  const last = callback.attempts.at(-1), result = callback.state === "delivered" ? last.status : callback.state;
  return {
    kind: callback.state === "failed" ? "callback refused" : "callback", from: 2, to: 0,
    label: `event ${callback.event.eventType} → ${result}`, more: [`${callback.method} ${callback.url}`],
  };
}
function describe(request) {
  if (/\/bxml$/.test(request.path)) return /<Transfer[\s/>]/.test(request.body) ? "transfer (v2)" : "document (v2)";
  const body = bodyOf(request);
  const words = { active: "answer", completed: "hang up", rejected: "reject", transferring: "transfer" };
  if (body && typeof body === "object") {
    if (typeof body.state === "string") return words[body.state] ?? body.state;
    if ("recordingEnabled" in body) return body.recordingEnabled ? "record" : "stop recording";
    if (!request.call_id) return "create a call";
  }
  return request.method;
}
function bodyOf(request) {
  try { return JSON.parse(request.body); } catch { return null; }
}
function voiceOf(whisper) {
  return ["voice", "gender", "locale"].map((name) => whisper?.[name]).filter(Boolean).join(", ");
}
