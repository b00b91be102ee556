// The buttons and forms. This file is the last of the script: it starts the page.
function expand(open) {
  $("transfer").hidden = !open;
  document.querySelector(".acts [data-act=transfer]").setAttribute("aria-expanded", String(open));
}
const actions = {
  answer: (root) => api(`/${root.id}`, { state: "active" }),
  reject: (root) => api(`/${root.id}`, { state: "rejected" }),
  "hang-up": (root) => api(`/${root.id}`, { state: "completed" }),
  record: (root) => api(`/${root.id}`, { recordingEnabled: !root.recording_enabled }),
  "far-answers": (root, leg) => admin("POST", `calls/${leg.id}/answer`),
  "caller-hangs-up": (root) => admin("POST", `calls/${root.id}/hang-up`),
  "party-hangs-up": (root, leg) => admin("POST", `calls/${leg.id}/hang-up`),
};
document.addEventListener("click", (event) => {
  const call = event.target.closest("[data-call]"), button = event.target.closest("[data-act]");
  if (call) choose(call.dataset.call);
  if (!button) return;
  if (button.dataset.act === "transfer") {
    expand($("transfer").hidden);
    ($("transfer").hidden ? document.querySelector(".acts [data-act=transfer]") : $("transfer").elements.transferTo).focus();
    return;
  }
  const root = rootOf(calls.get(chosen));
  act(() => actions[button.dataset.act](root, currentOf(chainOf(root))));
});
$("place").addEventListener("submit", (event) => {
  event.preventDefault();
  const call = Object.fromEntries(new FormData(event.target));
  // A change may report the call before or after the response names its ID.
  act(async () => { wanted = (await admin("POST", "incoming-calls", call)).id; show(); }, $("place-error"));
});
$("transfer").addEventListener("submit", (event) => {
  event.preventDefault();
  const leg = currentOf(chainOf(rootOf(calls.get(chosen))));
  const given = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value !== ""));
  const { sentence, ...body } = given;
  if (sentence) body.whisperAudio = { sentence };
  act(async () => {
    await api(`/${leg.id}`, { state: "transferring", ...body });
    expand(false);
    $("call-title").focus();
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("transfer").hidden) {
    expand(false);
    document.querySelector(".acts [data-act=transfer]").focus();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], here = event.target.closest?.("#calls li");
  if (!step || !here) return;
  event.preventDefault();
  const next = step > 0 ? here.nextElementSibling : here.previousElementSibling;
  next?.querySelector("button").focus();
});
$("older").addEventListener("click", () => {
  const first = shownCalls;
  shownCalls += MORE_CALLS;
  show();
  $("calls").children[first].querySelector("button").focus();
});
$("clock").addEventListener("change", () => act(() => admin("POST", "clock", { mode: $("clock").value }), $("place-error")));
$("later").addEventListener("click", () => act(() => admin("POST", "clock", { advance_ms: 2000 }), $("place-error")));
new ResizeObserver(() => { if (chosen && calls.has(chosen)) ladder(); }).observe($("figure"));
$("address").textContent = location.origin;
follow();
