import { $, counts, draw, drawAlarms, element, number, open, palette, say, showPhase, sized } from "./page.js";

// A curve is what is known of a joint training's loss: [seconds, loss] by time.
const pointsPerCurve = 800;
let model = null, curves = [], alarms = [], now = null, dirty = false;

function tookSnapshot(snapshot) {
  model = snapshot;
  curves = snapshot.curves;
  alarms = snapshot.alarms;
  now = snapshot.now;
  say($("name"), snapshot.name);
  say($("kind"), snapshot.kind);
  dirty = true;
}

function tookUpdate(update) {
  if (!model) return;
  for (const { job, seconds, loss } of update.points) {
    while (curves.length <= job) curves.push([]);
    curves[job].push([seconds, loss]);
    if (curves[job].length > pointsPerCurve) curves[job] = curves[job].filter((_, index) => index % 2);
  }
  alarms.push(...update.alarms);
  if (alarms.length > 100) alarms.splice(0, alarms.length - 100);
  now = update.now;
  dirty = true;
}

const isOver = () => now !== null && (now.phase === "finished" || now.phase === "failed");

function time(seconds) {
  if (seconds < 100) return Math.ceil(seconds) + " s";
  return seconds < 6000 ? Math.round(seconds / 60) + " min" : (seconds / 3600).toFixed(1) + " h";
}

function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let step = 0;
  for (; count >= 1000 && step < 4; step += 1) count /= 1000;
  return (step === 0 || count >= 100 ? count.toFixed(0) : number(count)) + "\u00a0" + units[step];
}

const loss = (value) => value === null || value === undefined ? "–" : value.toFixed(4);

function drawPhase() {
  const away = now.agents.flatMap((agent, index) => agent.state === "away" ? [model.agents[index]] : []);
  const words = {
    waiting: "waits for " + away.join(", "), training: now.stage || "training",
    finished: "trained: model " + now.model, failed: now.reason,
  };
  const phases = { waiting: "draining", training: "serving", finished: "serving", failed: "failed" };
  showPhase(phases[now.phase], words[now.phase]);
  document.title = (now.share === null || now.share === undefined || isOver() ? ""
    : Math.floor(100 * now.share) + " % · ") + model.name;
}

function drawFigures() {
  say($("left"), isOver() ? "none" : now.left === undefined ? "–" : time(now.left));
  $("share-bar").style.width = (100 * (now.share ?? 0)).toFixed(1) + "%";
  const over = now.jobs.filter((job) => job.isOver).length;
  say($("share"), over + " of " + model.jointTrainings + " joint trainings over; " + number(now.rate) + " batches a second");
  const running = now.jobs.filter((job) => !job.isOver), shown = running[0] ?? now.jobs[now.jobs.length - 1];
  say($("loss"), shown ? loss(shown.loss) : "–");
  say($("epoch"), !shown ? "" : "epoch " + counts.format(shown.epoch) + " of " + counts.format(shown.epochs) + ", "
    + shown.name + (running.length > 1 ? ", and " + (running.length - 1) + " more at a time" : ""));
  say($("score"), now.score === undefined ? "–" : (100 * now.score).toFixed(1) + " %");
  say($("score-note"), !model.holdsOut ? "not computed: no training rows are held out"
    : now.score === undefined ? "comes with the end of each training without some rows"
    : "balanced accuracy without a defence, on rows that were not trained on");
  const there = now.agents.filter((agent) => agent.state === "connected" || agent.state === "late").length;
  say($("present"), there + " of " + model.agents.length);
  const named = (state) => model.agents.filter((_, index) => now.agents[index].state === state);
  say($("missing"), ["late", "away", "left out"].filter((state) => !isOver() && named(state).length)
    .map((state) => state + ": " + named(state).join(", ")).join("; "));
  say($("traffic"), bytes(now.received) + " received, " + bytes(now.sent) + " sent");
}

// Round numbers that divide a range into about so many parts.
function ticks(high, parts) {
  const rough = high / parts, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const list = [];
  for (let index = 0; index * step <= high * 1.0001; index += 1) list.push(index * step);
  return list;
}

function drawCurves() {
  const { context, width, height } = sized($("curves"));
  const points = curves.flat(), left = 46, bottom = 24, top = 8, right = 10;
  context.font = "500 11.5px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.fillStyle = palette.quiet;
  if (!points.length) {
    context.fillText("no epoch is over yet", left, height / 2);
    $("curves").setAttribute("aria-label", "No epoch is over yet.");
    return;
  }
  const latest = Math.max(...points.map((point) => point[0]), 1e-3);
  const high = Math.max(...points.map((point) => point[1]), 1e-9);
  const x = (seconds) => left + (width - left - right) * seconds / latest;
  const y = (value) => top + (height - top - bottom) * (1 - value / high);
  for (const value of ticks(high, 4)) {
    context.fillStyle = palette.rule;
    context.fillRect(left, Math.round(y(value)), width - left - right, 1);
    context.fillStyle = palette.quiet;
    context.textAlign = "right";
    context.fillText(String(Number(value.toPrecision(3))), left - 7, y(value));
  }
  context.textAlign = "center";
  for (const value of ticks(latest, width > 600 ? 8 : 4)) {
    context.fillText(value === 0 ? "0" : value < 100 ? Number(value.toPrecision(3)) + " s" : time(value),
      Math.min(x(value), width - 18), height - 9);
  }
  context.textAlign = "left";
  context.lineJoin = "round";
  curves.forEach((curve, index) => {
    const isDone = now.jobs[index]?.isOver ?? true;
    context.strokeStyle = isDone ? palette.ramp[2] : palette.curve;
    context.lineWidth = isDone ? 1 : 2;
    context.beginPath();
    curve.forEach(([seconds, value], place) => {
      if (place === 0) context.moveTo(x(seconds), y(value)); else context.lineTo(x(seconds), y(value));
    });
    context.stroke();
  });
  $("curves").setAttribute("aria-label", "The loss of " + curves.length + " joint trainings in "
    + time(latest) + ", at most " + high.toFixed(3) + "; the newest is " + loss(now.jobs[now.jobs.length - 1]?.loss));
}

function row(cells, state) {
  const made = element("tr");
  if (state) made.dataset.state = state;
  cells.forEach(([kind, text], place) => {
    const cell = element(place === 0 && state ? "th" : "td", kind, text);
    if (place === 0) cell.title = text;
    if (place === 0 && state) cell.scope = "row";
    made.append(cell);
  });
  return made;
}

function drawTables() {
  $("agents").replaceChildren(...now.agents.map((agent, index) => row([
    ["name", model.agents[index]], ["state", agent.state],
    ["number", agent.answer === undefined ? "–" : number(agent.answer) + " ms"], ["number", bytes(agent.received)],
    ["number", bytes(agent.sent)], ["number roomy", agent.rows === undefined ? "–" : counts.format(agent.rows)],
    ["number roomy", agent.features === undefined ? "–" : counts.format(agent.features)],
  ], agent.state)));
  $("jobs").replaceChildren(...[...now.jobs].reverse().map((job) => row([
    ["name", job.name], ["number", counts.format(job.epoch) + "/" + counts.format(job.epochs)],
    ["number", loss(job.loss)], ["number roomy", counts.format(job.batches)],
  ])));
}

open({ snapshot: tookSnapshot, update: tookUpdate, redraw: () => { dirty = true; }, isOver });
draw({
  isDue: () => dirty && model !== null,
  isUrgent: () => false,
  parts: () => {
    dirty = false;
    for (const part of [drawPhase, drawFigures, drawCurves, drawTables]) part();
    drawAlarms(alarms);
  },
});
