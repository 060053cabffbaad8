"use strict";
const { reports, claims } = JSON.parse(document.getElementById("data").textContent);
const SIGNS = { passed: "✓", failed: "✗", warned: "!", skipped: "–", error: "⚡", known: "≈", stale: "✗" };
const WORDS = {
  passed: "passed", failed: "a MUST does not hold", warned: "a SHOULD does not hold", skipped: "not claimed",
  error: "the suite is at fault", known: "fails as known", stale: "passes, though known to fail",
};
const WORST = ["error", "failed", "stale", "warned", "known", "passed", "skipped"];
const SHOWN = ["passed", "known", "warned", "failed", "stale", "error", "skipped"];
const NAMED = ["report", "fault", "exit"]; // what tells what a passage is that is neither an event nor HTTP
const RUN = 4; // events of one type in a row that are folded into one line
const $ = (id) => document.getElementById(id);

/** Make an element; every text goes in as text. */
function make(tag, { text, className, title, on, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  if (title) element.title = title;
  if (on) element.addEventListener("click", on);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An element whose text has `names` in it. */
function marked(tag, text, attributes) {
  const parts = text.split("`").map((part, index) => (index % 2 ? make("code", { text: part }) : part));
  return make(tag, attributes, ...parts);
}

const outcome = (report, check) =>
  check.known ? "known" : check.verdict === "passed" && report.stale.includes(check.id) ? "stale" : check.verdict;
const worst = (outcomes) => WORST.find((one) => outcomes.includes(one)) ?? "skipped";

// What judges a stream is asked in every case, and says something of this one only where it does not pass.
const isQuiet = (one, check) => !check.id.startsWith(`${one.id}.`) && check.verdict === "passed";

// The cases of all agents, by id.
const rows = new Map();
reports.forEach((report, agent) => {
  for (const one of report.cases) {
    const row = rows.get(one.id) ?? { id: one.id, title: one.title, cells: [] };
    const outcomes = one.checks.map((check) => outcome(report, check));
    const telling = one.checks.filter((check) => !isQuiet(one, check) && check.verdict !== "skipped");
    const passed = telling.filter((check) => outcome(report, check) === "passed").length;
    row.cells[agent] = { one, agent, state: one.error ? "error" : worst(outcomes), passed, judged: telling.length };
    rows.set(one.id, row);
  }
});
const ordered = [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
for (const row of ordered) {
  const own = row.cells.flatMap((cell) => cell.one.checks.map((check) => check.id)).filter((id) => id.startsWith(row.id));
  row.text = `${row.title} ${row.id} ${[...new Set(own)].join(" ")}`.toLowerCase();
}
let visible = ordered;

function showAgents() {
  $("suite").textContent = `of ${[...new Set(reports.map((report) => report.suite))].join(" and ")}s`;
  for (const report of reports) {
    const counts = {};
    const checks = new Map();
    for (const check of report.cases.flatMap((one) => one.checks)) {
      checks.set(check.id, worst([outcome(report, check), checks.get(check.id) ?? "skipped"]));
    }
    for (const state of checks.values()) counts[state] = (counts[state] ?? 0) + 1;
    const present = SHOWN.filter((state) => counts[state]);
    const bar = make("div", { className: "bar", "aria-hidden": "true" });
    for (const state of present) bar.append(make("i", { className: state, style: `flex: ${counts[state]}` }));
    const told = make("div", { className: "counts" });
    for (const state of present) told.append(make("span", { className: state, text: `${counts[state]} ${state}` }));
    $("agents").append(make("section", { className: "agent" }, make("strong", { text: report.agent }), bar, told, facts(report)));
  }
}

function facts(report) {
  const list = make("dl");
  const all = { cases: report.cases.length, started: report.started, ...report.about };
  if (report.missing.length) all.interrupted = `${report.missing.length} cases were not run`;
  if (report.stale.length) all.stale = report.stale.join(", ");
  for (const [name, value] of Object.entries(all)) list.append(make("dt", { text: name }), make("dd", { text: value }));
  return make("details", {}, make("summary", { text: "this run" }), list);
}

function showLegend() {
  const present = new Set(ordered.flatMap((row) => row.cells.map((cell) => cell?.state)));
  for (const state of SHOWN) {
    if (present.has(state)) $("legend").append(make("span", { className: state }, make("b", { text: SIGNS[state] }), ` ${WORDS[state]}`));
  }
}

function showMatrix() {
  const wanted = document.querySelector("input[name=shown]:checked").value;
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  visible = ordered.filter((row) => isWanted(row, wanted) && words.every((word) => row.text.includes(word)));
  const head = make("tr", {}, make("th", { text: `${visible.length} cases` }));
  for (const report of reports) head.append(make("th", { className: "of-agent", text: report.agent, scope: "col" }));
  const bodies = Map.groupBy ? Map.groupBy(visible, areaOf) : grouped(visible, areaOf);
  $("matrix").replaceChildren(make("thead", {}, head), ...[...bodies].map(([area, some]) => areaBody(area, some)));
  $("none").hidden = visible.length > 0;
}

const areaOf = (row) => row.id.split("-")[0];

function grouped(values, key) {
  const groups = new Map();
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return groups;
}

function isWanted(row, wanted) {
  const states = reports.map((_, agent) => row.cells[agent]?.state ?? "skipped");
  if (wanted === "failing") return states.some((state) => state !== "passed" && state !== "skipped");
  return wanted === "all" || new Set(states).size > 1;
}

function areaBody(area, some) {
  const head = make("tr", { className: "area" }, make("th", { text: area, scope: "rowgroup" }));
  reports.forEach((_, agent) => {
    const cells = some.map((row) => row.cells[agent]).filter((cell) => cell?.judged);
    const fine = cells.filter((cell) => cell.state === "passed").length;
    head.append(make("td", { text: cells.length ? `${fine}/${cells.length}` : "", title: "cases in which every check passed" }));
  });
  return make("tbody", {}, head, ...some.map(caseRow));
}

function caseRow(row) {
  const line = make("tr", {}, make("th", { scope: "row" }, make("span", { className: "id", text: row.id }), row.title));
  reports.forEach((report, agent) => {
    const cell = row.cells[agent];
    line.append(make("td", {}, cell ? cellButton(row, cell, report) : ""));
  });
  return line;
}

function cellButton(row, cell, report) {
  const share = cell.judged ? `${cell.passed}/${cell.judged}` : "";
  const label = `${row.id}, ${report.agent}: ${WORDS[cell.state]}, ${cell.passed} of ${cell.judged} checks passed`;
  return make(
    "button",
    { className: `cell ${cell.state}`, type: "button", "aria-label": label, title: WORDS[cell.state], on: () => go(row.id, cell.agent) },
    make("b", { text: SIGNS[cell.state] }), share,
  );
}

// What is open stands in the address, so that it can be linked: #RESP-002@1
const go = (id, agent) => { location.hash = `${id}@${agent + 1}`; };

function followAddress() {
  const [id, agent] = location.hash.slice(1).split("@");
  const cell = rows.get(id)?.cells[(Number(agent) || 1) - 1];
  if (cell) open(cell);
  else $("detail").close();
}

function open(cell) {
  const { one, agent } = cell;
  const report = reports[agent];
  $("detail-agent").textContent = `${report.agent}: ${WORDS[cell.state]}, ${one.seconds.toFixed(2)} s`;
  $("detail-title").textContent = `${one.id} ${one.title}`;
  const marks = new Map();
  for (const check of one.checks) {
    if (check.at >= 0 && check.verdict !== "passed") marks.set(check.at, [...(marks.get(check.at) ?? []), check.id]);
  }
  $("detail-body").replaceChildren(
    one.error ? make("pre", { className: "trace", text: one.error }) : "",
    make("h3", { text: "Checks" }), ...checkLists(report, one),
    make("h3", { text: "Journal" }), one.transcript.length ? journal(one, marks) : make("p", { className: "quiet", text: "Nothing passed." }),
  );
  const here = stepsFrom(cell);
  $("previous").disabled = !here.previous;
  $("next").disabled = !here.next;
  if (!$("detail").open) $("detail").showModal();
  $("detail-body").scrollTop = 0;
  $("detail-body").focus();
}

function stepsFrom(cell) {
  const column = visible.filter((row) => row.cells[cell.agent]);
  const place = column.findIndex((row) => row.id === cell.one.id);
  return { previous: place > 0 ? column[place - 1] : null, next: place >= 0 ? column[place + 1] : null };
}

function step(direction) {
  const [id, agent] = location.hash.slice(1).split("@");
  const cell = rows.get(id)?.cells[Number(agent) - 1];
  const row = cell && stepsFrom(cell)[direction];
  if (row) go(row.id, cell.agent);
}

function checkLists(report, one) {
  const isFine = (check) => ["passed", "skipped"].includes(outcome(report, check));
  const told = one.checks.filter((check) => !isQuiet(one, check)).sort((a, b) => isFine(a) - isFine(b));
  const quiet = one.checks.filter((check) => isQuiet(one, check));
  const list = (checks) => make("ul", { className: "checks" }, ...alike(report, checks).map((some) => checkItem(report, some)));
  if (!quiet.length) return [list(told)];
  const summary = make("summary", { text: `${quiet.length} of what every stream must be passed` });
  return [list(told), make("details", { className: "quiet" }, summary, list(quiet))];
}

/** Checks in a row that are fine and show one claim, together; each other by itself. */
function alike(report, checks) {
  const groups = [];
  for (const check of checks) {
    const last = groups.at(-1)?.[0];
    const isAlike = last && claims[check.id] && claims[last.id]?.id === claims[check.id].id && !("expected" in check);
    if (isAlike && outcome(report, last) === outcome(report, check)) groups.at(-1).push(check);
    else groups.push([check]);
  }
  return groups;
}

function checkItem(report, checks) {
  const [check] = checks;
  const state = outcome(report, check);
  const claim = claims[check.id];
  const body = make("div", {}, ...checks.flatMap((one) => [make("span", { className: "id", text: one.id }), " "]));
  if (claim) body.append(make("span", { className: "tag", text: claim.level }));
  if (!["passed", "failed", "warned"].includes(state)) body.append(make("span", { className: "tag", text: WORDS[state] }));
  if (claim) body.append(marked("p", claim.text, { className: "claim" }));
  if (state === "known" && report.known[check.id]) body.append(make("p", { className: "source", text: `known: ${report.known[check.id]}` }));
  if ("expected" in check) body.append(...seen(check, claim));
  return make("li", { className: `check ${state}` }, make("b", { text: SIGNS[state], "aria-label": WORDS[state] }), body);
}

function seen(check, claim) {
  const list = make("dl", { className: "seen" });
  const add = (name, value) => list.append(make("dt", { text: name }), make("dd", { text: value }));
  add("expected", shown(check.expected));
  add("actual", shown(check.actual));
  if (check.differs) add("differs", `at ${check.differs.path}: ${check.differs.expected} expected, ${check.differs.actual} came`);
  if (check.note) add("note", check.note);
  const sources = Object.entries(claim?.evidence ?? {}).map(([kind, text]) => marked("p", `${kind}: ${text}`, { className: "source" }));
  const jump = check.at >= 0 ? make("button", { className: "jump", type: "button", text: `in the journal at ${check.at}`, on: () => reveal(check.at) }) : null;
  return [list, ...sources, ...(jump ? [jump] : [])];
}

const shown = (value) => (typeof value === "string" && (value.includes(" ") || value === "nothing") ? value : JSON.stringify(value));

function reveal(number) {
  const entry = document.querySelector(`[data-number="${number}"]`);
  for (let up = entry?.parentElement; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  if (entry) { entry.open = true; entry.scrollIntoView({ block: "center" }); }
}

/** What passed, a line each; runs of one type are folded, whole events open on a click. */
function journal({ transcript, channels }, marks) {
  const entries = transcript.map((passage, number) => ({ passage, number, ...parts(passage, channels[passage.channel]) }));
  const list = make("div", { className: "journal" });
  for (let start = 0; start < entries.length;) {
    let end = start + 1;
    const isSame = (entry) => entry.kind === entries[start].kind && entry.passage.direction === entries[start].passage.direction && !marks.has(entry.number);
    if (!marks.has(start)) while (end < entries.length && isSame(entries[end])) end += 1;
    const run = entries.slice(start, end);
    if (run.length >= RUN) list.append(group(run));
    else list.append(...run.map((entry) => line(entry, marks.get(entry.number))));
    start = end;
  }
  return list;
}

function parts({ data, wrong }, label) {
  const where = label ? `${label} ` : "";
  const tail = wrong ? " (wrong on purpose)" : "";
  if (data === null || typeof data !== "object") return { kind: `${where}message${tail}`, rest: data };
  const { type, event_id, method, path, status, ...rest } = data;
  if (type !== undefined) return { kind: `${where}${type}${tail}`, rest: status === undefined ? rest : { status, ...rest } };
  if (method !== undefined) return { kind: `${where}${method} ${path}${tail}`, rest };
  if (status !== undefined) return { kind: `${where}HTTP ${status}${tail}`, rest };
  const named = NAMED.find((key) => key in data);
  if (named) delete rest[named];
  return { kind: `${where}${named ? `${named} ${data[named]}` : "message"}${tail}`, rest };
}

function columns(entry, kind, rest) {
  const { passage, number } = entry;
  return make(
    "summary", {},
    make("span", { className: "number", text: number }), make("span", { className: "time", text: passage.at.toFixed(3) }),
    make("span", { className: "arrow", text: passage.direction === "sent" ? "→" : "←", title: passage.direction === "sent" ? "sent by the suite" : "received" }),
    make("span", { className: "kind", text: kind }), make("span", { className: "rest", text: rest }),
  );
}

function line(entry, marks) {
  const { passage, number, kind, rest } = entry;
  const summary = columns(entry, kind, JSON.stringify(rest) ?? "");
  if (marks) summary.append(make("span", { className: "marks", text: marks.join(", ") }));
  const details = make("details", { className: `${passage.direction}${marks ? " marked" : ""}`, "data-number": number }, summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(make("pre", { text: JSON.stringify(passage.data, null, 2) }));
  });
  return details;
}

function group(run) {
  const summary = columns(run[0], `${run[0].kind} × ${run.length}`, `up to ${run.at(-1).passage.at.toFixed(3)}`);
  const inner = make("div", { className: "journal" }, ...run.map((entry) => line(entry)));
  return make("details", { className: `group ${run[0].passage.direction}` }, summary, inner);
}

showAgents();
showLegend();
if (reports.length < 2) document.querySelector("input[value=differing]").parentElement.remove();
showMatrix();
$("shown").addEventListener("change", showMatrix);
$("search").addEventListener("input", showMatrix);
$("previous").addEventListener("click", () => step("previous"));
$("next").addEventListener("click", () => step("next"));
$("close").addEventListener("click", () => $("detail").close());
$("detail").addEventListener("close", () => history.replaceState(null, "", location.pathname + location.search));
$("detail").addEventListener("click", (event) => { if (event.target === $("detail")) $("detail").close(); });
$("detail").addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") step("previous");
  if (event.key === "ArrowRight") step("next");
});
addEventListener("hashchange", followAddress);
followAddress();
