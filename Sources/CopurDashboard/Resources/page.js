// What every page has: words and elements, the service's events, the theme, and when to draw.

export const $ = (id) => document.getElementById(id);
const root = document.documentElement;
// What the page does with its events.
let page = null;

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Writes only what changed, so that screen readers and selections are left alone.
export function say(target, text) { if (target.textContent !== text) target.textContent = text; }

export const counts = new Intl.NumberFormat("en");
export function number(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size >= 1000) return counts.format(Math.round(value));
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2);
}
export const percent = (share) => share === null || share === undefined ? "–" : (100 * share).toFixed(0) + " %";

let seen = null, wait = 1000;

export function showPhase(phase, text) {
  $("phase").dataset.phase = phase;
  say($("phase"), text);
}

function took(id, name, data) {
  if (id) seen = id;
  wait = 1000;
  if (name === "snapshot") {
    newestAlarm = 0;
    page.snapshot(JSON.parse(data));
  }
  if (name === "update") page.update(JSON.parse(data));
}

async function read(body, alive) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      let id = "", name = "message", data = [];
      for (const line of block.split("\n")) {
        if (line.startsWith("id: ")) id = line.slice(4);
        else if (line.startsWith("event: ")) name = line.slice(7);
        else if (line.startsWith("data: ")) data.push(line.slice(6));
      }
      if (data.length) took(id, name, data.join("\n"));
    }
  }
}

async function connect() {
  const abort = new AbortController();
  let watch = 0, reason = "connection lost";
  const alive = () => {
    clearTimeout(watch);
    watch = setTimeout(() => abort.abort(), 10000);
  };
  try {
    const headers = { "Accept": "text/event-stream" };
    if (seen) headers["Last-Event-ID"] = seen;
    const answer = await fetch("events", { headers, cache: "no-store", signal: abort.signal });
    if (!answer.ok) {
      reason = answer.status === 401 || answer.status === 403 ? "a viewer's certificate or token is needed"
        : "the service answers " + answer.status;
      throw new Error(reason);
    }
    alive();
    await read(answer.body, alive);
  } catch { /* Every end of a connection is alike: it is made again. */ } finally { clearTimeout(watch); }
  if (!page.isOver?.()) showPhase("lost", reason + ", trying again");
  setTimeout(connect, wait);
  wait = Math.min(15000, wait * 1.6);
}

// The style sheet's colours, for what is drawn.
export let palette = {};
function readPalette() {
  const style = getComputedStyle(root);
  const color = (name) => style.getPropertyValue(name).trim();
  palette = {
    ramp: [0, 1, 2, 3, 4].map((step) => color("--r" + step)), suspect: color("--suspect"), none: color("--none"),
    curve: color("--curve"), ink: color("--ink"), quiet: color("--quiet"), rule: color("--rule"),
  };
  palette.steps = [];
  for (let step = 0; step < 64; step += 1) palette.steps.push(mixed(step / 63));
}

function mixed(share) {
  const at = Math.min(3.999, share * 4), from = Math.floor(at), part = at - from;
  const channels = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  const [a, b] = [channels(palette.ramp[from]), channels(palette.ramp[from + 1])];
  return "rgb(" + a.map((value, index) => Math.round(value + (b[index] - value) * part)).join(" ") + ")";
}

export function sized(canvas) {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

// A curve of values, one a second, the newest at the right.
export function drawCurve(id, values) {
  const numbers = values.map((value) => value ?? 0), high = Math.max(1e-9, ...numbers);
  const [area, line] = $(id).children, count = 120;
  $(id).setAttribute("viewBox", "0 0 " + (count - 1) + " 100");
  if (numbers.length < 2) return;
  const from = count - numbers.length;
  const points = numbers.map((value, index) => (from + index) + " " + (98 - 94 * value / high).toFixed(1));
  line.setAttribute("d", "M" + points.join(" L"));
  area.setAttribute("d", "M" + from + " 100 L" + points.join(" L") + " L" + (count - 1) + " 100");
}

let newestAlarm = 0;
export function drawAlarms(alarms) {
  const list = $("alarms"), newest = alarms.length ? alarms[alarms.length - 1].number : 0;
  if (newest === newestAlarm && list.children.length) return;
  const isFirst = newestAlarm === 0;
  list.replaceChildren(...[...alarms].reverse().map((alarm) => {
    const item = element("li", !isFirst && alarm.number > newestAlarm ? "new" : "");
    item.dataset.level = alarm.level;
    const time = element("time", "", new Date(alarm.at).toLocaleTimeString("en-GB"));
    time.dateTime = new Date(alarm.at).toISOString();
    item.append(time, element("span", "", alarm.text));
    return item;
  }));
  if (!alarms.length) list.append(element("li", "quiet", "none"));
  newestAlarm = newest;
}

const themes = ["system", "light", "dark"];
function setTheme(theme) {
  if (theme === "system") delete root.dataset.theme; else root.dataset.theme = theme;
  say($("theme"), "Theme: " + theme);
  try { localStorage.setItem("copur-theme", theme); } catch { /* The choice lasts as long as the page. */ }
  readPalette();
  page?.redraw();
}
let theme = "system";
try { theme = localStorage.getItem("copur-theme") ?? "system"; } catch { /* As if nothing had been chosen. */ }
setTheme(themes.includes(theme) ? theme : "system");
$("theme").addEventListener("click", () => {
  setTheme(themes[(themes.indexOf($("theme").textContent.slice(7)) + 1) % themes.length]);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readPalette(); page.redraw(); });

// Shows a service's events: snapshot and update take them, redraw is told of what changes otherwise, and isOver says whether
// an end of the connection is no loss.
export function open(handlers) {
  page = handlers;
  addEventListener("resize", page.redraw);
  connect();
}

// Draws at most four times a second, whatever comes; once a second where motion is not wanted.
export function draw({ isDue, isUrgent, parts }) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let drawnAt = 0;
  const frame = (time) => {
    requestAnimationFrame(frame);
    if (!isDue() || time - drawnAt < (isUrgent() ? 30 : calm.matches ? 1000 : 240)) return;
    drawnAt = time;
    parts();
  };
  requestAnimationFrame(frame);
}
