// The ladder: a lane for each party, a row for each step.
function ladder(again = false) {
  const root = rootOf(calls.get(chosen)), chain = chainOf(root), steps = stepsOf(chain);
  const incoming = root.direction === "in";
  const lanes = [["Your program", "the API's client"], [incoming ? "Caller" : "Called party", otherParty(root)], ["Our number", ourNumber(root)],
    ...chain.slice(1).map((leg) => [nameOf(chain, leg).replace("new", "New"), leg.to])];
  const room = $("figure").clientWidth, narrow = room < 560, gutter = narrow ? 62 : 92, lane = Math.max(narrow ? 94 : 136, (room - gutter) / lanes.length);
  const width = Math.max(room, gutter + lane * lanes.length);
  const signature = JSON.stringify([steps, lanes, Math.round(room)]);
  if (signature === drawn && !again) return;
  drawn = signature;
  const x = (index) => gutter + lane * (index + 0.5);
  const top = 62, rows = [];
  let y = top + 34;
  const ends = new Map();
  let url = "";
  for (const step of steps) {
    let more = (step.more ?? []).filter(Boolean);
    if (step.kind.startsWith("callback")) { // The URL is shown once, and for each callback that failed.
      if (more[0] === url && step.kind === "callback") more = []; else url = more[0];
    }
    rows.push([step, more, y]);
    if (step.over !== undefined) ends.set(step.over, y);
    y += 40 + more.length * 16;
  }
  const height = y + 4;
  const svg = draw("svg", { class: narrow ? "narrow" : "", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Ladder diagram with ${steps.length} steps; the list below says the same in words` });
  lanes.forEach(([role, who], index) => {
    const end = ends.get(index) ?? height;
    svg.append(draw("line", { class: "life", x1: x(index), x2: x(index), y1: top - 8, y2: end }));
    if (end < height) svg.append(draw("line", { class: "life over", x1: x(index), x2: x(index), y1: end, y2: height }));
    const box = draw("g", { class: "lane" }, draw("rect", { class: "head", x: x(index) - lane / 2 + 3, y: 10, width: lane - 6, height: 44, rx: 8 }));
    box.append(text(role, x(index), 29, "role", lane - 4), text(who, x(index), 46, "who", lane - 4));
    svg.append(box);
  });
  $("figure").replaceChildren(svg);
  for (const [step, more, row] of rows) {
    const group = draw("g", { class: `step ${step.kind}`, "data-from": step.from, "data-to": step.to });
    svg.append(group);
    group.append(text(narrow ? clockTime(step.time).slice(3, 11) : clockTime(step.time), 8, row + 4, "time", gutter, "start"));
    const [a, b] = [x(step.from), x(step.to)];
    let middle = (a + b) / 2, above = row - 8;
    if (step.kind === "end") group.append(draw("path", { d: `M${a - 6} ${row - 6}l12 12m0 -12l-12 12` }));
    else if (a === b) group.append(draw("circle", { class: "tip", cx: a, cy: row, r: 4 }));
    else {
      const way = Math.sign(b - a), both = step.kind === "connected";
      group.append(draw("path", { d: `M${a + way * (both ? 12 : 3)} ${row}H${b - way * 10}` }), tip(b - way * 2, row, way, both));
      if (both) group.append(tip(a + way * 2, row, -way, both));
    }
    // The label of a point is beside it, the label of an arrow above it.
    const beside = a === b, space = beside ? width - a - 20 : width - gutter;
    const label = beside && a > width - lane ? text(step.label, a - 12, row + 4, "label", a - gutter - 12, "end")
      : beside ? text(step.label, a + 12, row + 4, "label", space, "start") : text(step.label, middle, above, "label", space);
    group.append(label);
    keepInside(label, width, gutter);
    more.forEach((line, index) => {
      const under = text(line, middle, row + 16 + index * 16, "more", width - gutter);
      group.append(under);
      keepInside(under, width, gutter);
    });
  }
  $("steps").replaceChildren(...steps.map((step) => make("li", {},
    `${clockTime(step.time)} ${subjectOf(step, lanes)}${step.label}${(step.more ?? []).filter(Boolean).map((line) => `; ${line}`).join("")}`)));
  const own = [...requests.values()].filter((it) => chain.some((call) => call.id === it.call_id || call.id === it.new_call_id));
  $("requests").replaceChildren(...own.map((it) => make("li", {}, make("span", { class: "mono" }, `${it.method} ${it.path} → ${it.status}`),
    it.body ? make("pre", {}, bodyOf(it) ? JSON.stringify(bodyOf(it), null, 2) : it.body) : null)));
}
function subjectOf(step, lanes) {
  const kind = step.kind.split(" ")[0];
  if (kind === "request") return "Your program sends: ";
  if (kind === "callback") return "Your program receives: ";
  if (kind === "whisper") return `To ${lanes[step.to][0].toLowerCase()} alone: `;
  return kind === "call" || kind === "answer" && step.from === 2 ? `${lanes[step.from][0]} ` : "";
}
function tip(at, row, way, wide) {
  const size = wide ? 7 : 5;
  return draw("path", { class: "tip", d: `M${at} ${row}l${-way * size * 2} ${-size}v${size * 2}z` });
}
function text(value, at, row, kind, room, where = "middle") {
  const characters = Math.max(6, Math.floor(room / 6.7)), whole = String(value);
  const cut = whole.length > characters ? `${whole.slice(0, characters - 1)}…` : whole;
  return draw("text", { class: kind, x: at, y: row, "text-anchor": where }, cut, cut === whole ? null : draw("title", {}, whole));
}
function keepInside(node, width, gutter) {
  const box = node.getBBox(), left = gutter + 2, right = width - 6;
  const shift = box.x + box.width > right ? right - box.x - box.width : box.x < left ? left - box.x : 0;
  if (shift) node.setAttribute("x", Number(node.getAttribute("x")) + Math.max(shift, left - box.x));
}
