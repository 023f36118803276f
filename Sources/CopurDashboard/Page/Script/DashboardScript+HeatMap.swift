extension DashboardScript {
  /// Agents by rounds: a canvas an agent, the newest round at the right.
  static let heatMap = #"""
    const cell = 6, gap = 1;
    let rows = [], palette = {}, cursor = null;

    function readPalette() {
      const style = getComputedStyle(root);
      const color = (name) => style.getPropertyValue(name).trim();
      palette = {
        ramp: [0, 1, 2, 3, 4].map((step) => color("--r" + step)), suspect: color("--suspect"), none: color("--none"),
        ink: color("--ink"), quiet: color("--quiet"), rule: color("--rule"),
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

    function sized(canvas) {
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
      say($("readout"), model.agents[cursor.agent] + " in " + round.session + ", sample " + round.sample + ": " + part
        + ". " + verdictOf(round) + ", " + round.defense + (round.trace ? ", trace " + round.trace : ""));
    }

    function verdictOf(round) {
      if (round.label === null || round.label === undefined) return "No verdict: too few blocks";
      const known = round.truth === null || round.truth === undefined ? ""
        : round.truth === round.label ? ", right" : ", wrong: it is " + className(round.truth);
      return className(round.label) + known;
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

    """#
}
