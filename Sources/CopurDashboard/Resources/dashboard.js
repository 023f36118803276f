import {
  $, counts, draw, drawAlarms, drawCurve, element, number, open, palette, percent, say, showPhase, sized,
} from "./page.js";

let model = null, rounds = [], alarms = [], now = null, dirty = false, frozen = null;

function tookSnapshot(snapshot) {
  model = snapshot;
  rounds = snapshot.rounds;
  alarms = snapshot.alarms;
  now = snapshot.now;
  frozen = null;
  $("name").textContent = snapshot.name;
  buildAgents();
  const findings = snapshot.training?.findings ?? [];
  $("promises").hidden = !findings.length;
  $("findings").replaceChildren(...findings.map((text) => element("li", "", text)));
  dirty = true;
}

function tookUpdate(update) {
  if (!model) return;
  rounds.push(...update.rounds);
  if (rounds.length > model.capacity) rounds.splice(0, rounds.length - model.capacity);
  alarms.push(...update.alarms);
  if (alarms.length > 100) alarms.splice(0, alarms.length - 100);
  now = update.now;
  dirty = true;
}

// What map and list show: what there is, or what there was when they were stopped.
const view = () => frozen ?? rounds;

const className = (label) => label === null || label === undefined ? "none"
  : (model.classes[label] ?? "class " + label);
const cell = 6, gap = 1;
let rows = [], cursor = null;

function buildAgents() {
  const body = $("agents");
  body.replaceChildren();
  rows = model.agents.map((name, index) => {
    const row = element("tr");
    const head = element("th", "", name);
    head.scope = "row";
    head.title = name;
    const state = element("td", "state"), cells = element("td", "cells"), canvas = element("canvas");
    canvas.setAttribute("role", "img");
    cells.append(canvas);
    const values = ["number", "number wide", "number wide"].map((kind) => element("td", kind));
    row.append(head, state, cells, ...values);
    body.append(row);
    canvas.addEventListener("pointermove", (event) => pointed(event, index));
    canvas.addEventListener("pointerleave", () => { cursor = null; dirty = true; });
    return { row, state, canvas, values, name };
  });
  cursor = null;
}

// The scale is logarithmic and the same for all agents: from the residuals of most rounds to the largest.
function scale() {
  const values = [];
  for (const round of view()) for (const value of round.residuals) if (value > 0) values.push(value);
  if (!values.length) return null;
  values.sort((a, b) => a - b);
  const round = (value, up) => {
    const power = 10 ** Math.floor(Math.log10(value));
    const steps = up ? [1, 2, 5, 10] : [5, 2, 1];
    return power * (up ? steps.find((step) => step * power >= value * 0.999) ?? 10
      : steps.find((step) => step * power <= value * 1.001) ?? 1);
  };
  const low = round(values[Math.floor(values.length * 0.1)], false);
  const high = Math.max(round(values[values.length - 1], true), low * 10);
  return { low, high, span: Math.log(high / low) };
}

function colorOf(value, range) {
  const share = value <= 0 ? 0 : Math.log(value / range.low) / range.span;
  return palette.steps[Math.round(63 * Math.max(0, Math.min(1, share)))];
}

const columns = (width) => Math.max(1, Math.floor((width + gap) / cell));
const shown = () => rows.length ? view().slice(-columns(rows[0].canvas.clientWidth)) : [];

function drawMap() {
  if (!rows.length) return;
  const range = scale(), list = shown(), width = rows[0].canvas.clientWidth;
  const left = width - list.length * cell + gap;
  const at = cursor ? list.findIndex((round) => round.number === cursor.round) : -1;
  if (cursor && at < 0) cursor = null;
  rows.forEach(({ row, canvas, state, values, name }, index) => {
    const { context, height } = sized(canvas);
    list.forEach((round, column) => {
      const x = left + column * cell, outcome = round.outcomes[index], value = round.residuals[index];
      if (outcome === "-") {
        context.strokeStyle = palette.none;
        context.lineWidth = 1;
        context.strokeRect(x + 0.5, height / 2 - 3.5, cell - gap - 1, 8);
        return;
      }
      if (value === null) {
        context.fillStyle = palette.none;
        context.fillRect(x, height / 2 - 1, cell - gap, 3);
      } else {
        context.fillStyle = colorOf(value, range);
        context.fillRect(x, 1, cell - gap, height - 2);
      }
      if (outcome === "!") {
        context.fillStyle = palette.suspect;
        context.fillRect(x, height - 9, cell - gap, 8);
      }
    });
    if (at >= 0) {
      context.strokeStyle = palette.ink;
      context.lineWidth = cursor.agent === index ? 2 : 1;
      context.globalAlpha = cursor.agent === index ? 1 : 0.35;
      context.strokeRect(left + at * cell - 1, 1, cell + 1, height - 2);
      context.globalAlpha = 1;
    }
    const agent = now.agents[index];
    row.dataset.state = agent.state;
    row.toggleAttribute("data-cursor", cursor !== null && cursor.agent === index);
    say(state, agent.state);
    [number(agent.residual), percent(agent.suspect), percent(agent.missing)].forEach((text, place) => {
      say(values[place], text);
    });
    canvas.setAttribute("aria-label", name + ": " + agent.state + ", residual " + number(agent.residual)
      + ", suspect in " + percent(agent.suspect) + " and missing in " + percent(agent.missing) + " of its last rounds");
  });
  drawRuler(list, left);
  drawTimes(list, left);
  drawLegend(range);
  drawReadout(list, at);
}

// Where a session begins, and its name as far as there is room.
function drawRuler(list, left) {
  const { context, width, height } = sized($("ruler"));
  context.font = "500 11.5px system-ui, sans-serif";
  context.textBaseline = "middle";
  let start = 0;
  for (let column = 1; column <= list.length; column += 1) {
    if (column < list.length && list[column].session === list[start].session) continue;
    const from = left + start * cell, room = (column - start) * cell - 10;
    context.fillStyle = palette.rule;
    context.fillRect(from, 2, 1, height - 2);
    context.fillStyle = palette.quiet;
    if (room > 24) context.fillText(fitted(context, list[start].session, room), from + 6, height / 2 + 1);
    start = column;
  }
  if (!list.length) {
    context.fillStyle = palette.quiet;
    context.fillText("no round has closed yet", 0, height / 2 + 1, width);
  }
}

// When rounds closed, as often as there is room.
function drawTimes(list, left) {
  const { context, width, height } = sized($("times"));
  context.font = "500 11.5px system-ui, sans-serif";
  context.textBaseline = "middle";
  const words = list.map((round) => new Date(round.at).toLocaleTimeString("en-GB"));
  const room = context.measureText("00:00:00").width + 26;
  let free = -Infinity;
  list.forEach((_, column) => {
    const x = left + column * cell;
    if (x < free || x + room - 18 > width || column > 0 && words[column] === words[column - 1]) return;
    context.fillStyle = palette.rule;
    context.fillRect(x, 0, 1, height - 4);
    context.fillStyle = palette.quiet;
    context.fillText(words[column], x + 5, height / 2 + 1);
    free = x + room;
  });
}

function fitted(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  // The end of a session's name tells it from its neighbours.
  let kept = text;
  while (kept.length > 1 && context.measureText("…" + kept).width > room) kept = kept.slice(1);
  return "…" + kept;
}

function drawLegend(range) {
  $("legend").hidden = !model;
  for (const id of ["low", "high", "ramp"]) $(id).hidden = !range;
  if (!range) return;
  const text = (value) => String(Number(value.toPrecision(2)));
  say($("low"), text(range.low));
  say($("high"), text(range.high));
  const { context, width, height } = sized($("ramp"));
  for (let x = 0; x < width; x += 1) {
    context.fillStyle = palette.steps[Math.floor(63 * x / (width - 1))];
    context.fillRect(x, 0, 1, height);
  }
}

function drawReadout(list, at) {
  if (at < 0) {
    say($("readout"), list.length ? "The last " + list.length + " of " + counts.format(now.rounds)
      + " rounds. Point at a cell, or use the arrow keys, to read it." : "");
    return;
  }
  const round = list[at], outcome = round.outcomes[cursor.agent];
  const part = outcome === "-" ? "missing" : round.residuals[cursor.agent] === null ? "contributed"
    : "residual " + number(round.residuals[cursor.agent]) + (outcome === "!" ? ", suspect" : "");
  say($("readout"), model.agents[cursor.agent] + " in " + round.session + ", sample " + round.sample + ", at "
    + new Date(round.at).toLocaleTimeString("en-GB") + ": " + part
    + ". " + verdictOf(round) + ", " + round.defense + (round.trace ? ", trace " + round.trace : ""));
}

function verdictOf(round) {
  if (round.label === null || round.label === undefined) return "No verdict: too few blocks";
  const known = round.truth === null || round.truth === undefined ? ""
    : round.truth === round.label ? ", right" : ", wrong: it is " + className(round.truth);
  return className(round.label) + known + (standing(round) ? ", " + standing(round) : "");
}

// What the verdict withstands, for those that say.
function standing(round) {
  if (round.certified === null || round.certified === undefined) return "";
  if (round.certified === 0) return "one agent could change it";
  const words = ["", "any one agent does", "any two agents do", "any three agents do"];
  return "stands whatever " + (words[round.certified] ?? "any " + round.certified + " agents do");
}

function pointed(event, agent) {
  const list = shown(), width = rows[0].canvas.clientWidth, left = width - list.length * cell + gap;
  const column = Math.floor((event.offsetX - left) / cell);
  cursor = list[column] ? { round: list[column].number, agent } : null;
  dirty = true;
}

$("map").addEventListener("keydown", (event) => {
  const list = shown();
  if (!list.length) return;
  let column = cursor ? list.findIndex((round) => round.number === cursor.round) : list.length;
  let agent = cursor ? cursor.agent : 0;
  switch (event.key) {
    case "ArrowLeft": column -= 1; break;
    case "ArrowRight": column += 1; break;
    case "ArrowUp": agent -= cursor ? 1 : 0; break;
    case "ArrowDown": agent += cursor ? 1 : 0; break;
    case "Home": column = 0; break;
    case "End": column = list.length - 1; break;
    case "Escape": cursor = null; dirty = true; return;
    default: return;
  }
  event.preventDefault();
  column = Math.max(0, Math.min(list.length - 1, column));
  cursor = { round: list[column].number, agent: Math.max(0, Math.min(rows.length - 1, agent)) };
  dirty = true;
});
function drawFigures() {
  say($("rate"), number(now.rate));
  say($("total"), "in the last two minutes; " + counts.format(now.rounds) + " since the start"
    + (now.undecided ? ", " + counts.format(now.undecided) + " without a verdict" : "")
    + (now.openRounds ? ", " + counts.format(now.openRounds) + " open" : ""));
  drawCurve("rate-curve", now.rates);
  say($("median"), number(now.median));
  say($("tail"), now.tail === undefined || now.tail === null ? "median of the last seconds"
    : "median; one in a hundred over " + number(now.tail) + " ms");
  drawCurve("median-curve", now.medians);
  const share = now.labelled ? now.right / now.labelled : 0;
  say($("accuracy"), now.labelled ? (100 * share).toFixed(1) + " %" : "–");
  $("accuracy-bar").style.width = (100 * share).toFixed(1) + "%";
  const majority = now.labelled ? now.majority / now.labelled : 0;
  say($("majority"), now.labelled ? "a constant guess: " + (100 * majority).toFixed(1) + "\u00a0%" : "");
  $("majority-mark").hidden = !now.labelled;
  $("majority-mark").style.left = (100 * majority).toFixed(1) + "%";
  drawCertified();
  say($("accuracy-note"), !model.labels ? "no labels: start the service with --labels"
    : "of the last " + now.labelled + " rounds; labels: " + model.labels);
  const named = (state) => model.agents.filter((_, index) => now.agents[index].state === state);
  const [suspects, silent, away] = ["suspect", "silent", "away"].map(named);
  say($("heard"), (model.agents.length - silent.length - away.length) + " of " + model.agents.length);
  say($("suspects"), suspects.length ? "suspect: " + suspects.join(", ") : "");
  say($("silent"), silent.length + away.length ? "not heard: " + [...silent, ...away].join(", ")
    : suspects.length ? "" : "none suspect, none silent");
  document.title = (suspects.length ? suspects.length + " suspect · " : "") + model.name;
}

function drawCertified() {
  const certified = now.certified;
  if (!certified) { say($("certified"), "verdicts carry no certificate"); return; }
  const share = (count) => percent(count / certified.verdicts);
  say($("certified"), "certified: " + share(certified.one) + " stand whatever any one agent does"
    + (certified.two ? ", " + share(certified.two) + " any two" : ""));
}

function drawPhase() {
  const words = {
    serving: "ready", draining: "shutting down", failed: "not ready: " + (now.reason ?? ""), stopped: "stopped",
  };
  showPhase(now.phase, words[now.phase] ?? now.phase);
  say($("model"), now.model || "–");
  const isTrained = model.training && (!now.model || now.model === model.training.version);
  say($("training"), isTrained ? ", " + model.training.words : "");
  $("promises").hidden = !isTrained || !model.training.findings.length;
}

function row(cells) {
  const made = element("tr");
  for (const [kind, text] of cells) {
    const cell = element("td", kind, text);
    if (kind.startsWith("name") || kind.startsWith("accused")) cell.title = text;
    made.append(cell);
  }
  return made;
}

function drawRounds() {
  $("rounds").replaceChildren(...view().slice(-14).reverse().map((round) => {
    const accused = model.agents.filter((_, index) => round.outcomes[index] === "!").join(", ");
    const heard = [...round.outcomes].filter((outcome) => outcome !== "-").length;
    const known = round.truth !== null && round.truth !== undefined;
    const omega = model.agents.length <= 16 ? [...round.outcomes].map((o) => o === "-" ? "○" : o === "!" ? "▲" : "●")
      .join("") : heard + "/" + model.agents.length;
    const verdict = round.label === null || round.label === undefined ? "none: too few blocks" : className(round.label)
      + (round.probability === null || round.probability === undefined ? "" : " " + percent(round.probability))
      + (known ? round.truth === round.label ? " ✓" : " ✗ " + className(round.truth) : "")
      + (round.certified > 0 ? " · " + round.certified + " may lie" : "");
    const made = row([
      ["name roomy", round.session], ["number", String(round.sample)], ["omega roomy", omega],
      ["verdict " + (!known ? "" : round.truth === round.label ? "rightly" : "wrong"), verdict], ["accused", accused],
      ["number", round.latency === null || round.latency === undefined ? "–" : number(round.latency) + " ms"],
    ]);
    made.children[3].title = standing(round);
    made.children[2].title = heard + " of " + model.agents.length + " contributed";
    if (round.trace) made.children[1].title = "trace " + round.trace;
    return made;
  }));
}

function drawSessions() {
  $("sessions").replaceChildren(...[...now.sessions].reverse().map((session) => row([
    ["name", session.session], ["number", counts.format(session.rounds)],
    ["number roomy", percent(session.rounds ? session.accused / session.rounds : null)],
    ["number", session.labelled ? (100 * session.right / session.labelled).toFixed(1) + " %" : "–"],
  ])));
}

$("pause").addEventListener("click", () => {
  frozen = frozen ? null : rounds.slice();
  $("pause").setAttribute("aria-pressed", String(frozen !== null));
  dirty = true;
});

open({ snapshot: tookSnapshot, update: tookUpdate, redraw: () => { dirty = true; } });
draw({
  isDue: () => dirty && model !== null,
  isUrgent: () => cursor !== null,
  parts: () => {
    dirty = false;
    for (const part of [drawPhase, drawMap, drawFigures, drawRounds, drawSessions]) part();
    drawAlarms(alarms);
  },
});
