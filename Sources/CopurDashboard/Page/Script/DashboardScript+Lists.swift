extension DashboardScript {
  /// Figures, rounds, sessions and alarms.
  static let lists = #"""
    function drawCurve(id, values) {
      const numbers = values.map((value) => value ?? 0), high = Math.max(1e-9, ...numbers);
      const [area, line] = $(id).children, count = 120;
      $(id).setAttribute("viewBox", "0 0 " + (count - 1) + " 100");
      if (numbers.length < 2) return;
      const from = count - numbers.length;
      const points = numbers.map((value, index) => (from + index) + " " + (98 - 94 * value / high).toFixed(1));
      line.setAttribute("d", "M" + points.join(" L"));
      area.setAttribute("d", "M" + from + " 100 L" + points.join(" L") + " L" + (count - 1) + " 100");
    }

    function drawFigures() {
      say($("rate"), number(now.rate));
      say($("total"), counts.format(now.rounds) + " since the start"
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

    function drawPhase() {
      const words = {
        serving: "ready", draining: "shutting down", failed: "not ready: " + (now.reason ?? ""), stopped: "stopped",
      };
      showPhase(now.phase, words[now.phase] ?? now.phase);
      say($("model"), now.model || "–");
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
          + (known ? round.truth === round.label ? " ✓" : " ✗ " + className(round.truth) : "");
        const made = row([
          ["name", round.session], ["number", String(round.sample)], ["omega", omega], ["accused", accused],
          [!known ? "" : round.truth === round.label ? "rightly" : "wrong", verdict],
          ["number", round.latency === null || round.latency === undefined ? "–" : number(round.latency) + " ms"],
        ]);
        made.children[2].title = heard + " of " + model.agents.length + " contributed";
        if (round.trace) made.children[1].title = "trace " + round.trace;
        return made;
      }));
    }

    function drawSessions() {
      $("sessions").replaceChildren(...[...now.sessions].reverse().map((session) => row([
        ["name", session.session], ["number", counts.format(session.rounds)],
        ["number", percent(session.rounds ? session.accused / session.rounds : null)],
        ["number", session.labelled ? (100 * session.right / session.labelled).toFixed(1) + " %" : "–"],
      ])));
    }

    let newestAlarm = 0;
    function drawAlarms() {
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

    """#

  /// Buttons, themes, and when to draw.
  static let controls = #"""
    const themes = ["system", "light", "dark"];
    function setTheme(theme) {
      if (theme === "system") delete root.dataset.theme; else root.dataset.theme = theme;
      say($("theme"), "Theme: " + theme);
      try { localStorage.setItem("copur-theme", theme); } catch { /* The choice lasts as long as the page. */ }
      readPalette();
      dirty = true;
    }
    let theme = "system";
    try { theme = localStorage.getItem("copur-theme") ?? "system"; } catch { /* As if nothing had been chosen. */ }
    setTheme(themes.includes(theme) ? theme : "system");
    $("theme").addEventListener("click", () => {
      setTheme(themes[(themes.indexOf($("theme").textContent.slice(7)) + 1) % themes.length]);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readPalette(); dirty = true; });
    addEventListener("resize", () => { dirty = true; });
    $("pause").addEventListener("click", () => {
      frozen = frozen ? null : rounds.slice();
      $("pause").setAttribute("aria-pressed", String(frozen !== null));
      dirty = true;
    });

    // At most four times a second, whatever comes; once a second where motion is not wanted.
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    let drawnAt = 0;
    function draw(time) {
      requestAnimationFrame(draw);
      if (!dirty || !model || time - drawnAt < (cursor ? 30 : calm.matches ? 1000 : 240)) return;
      drawnAt = time;
      dirty = false;
      drawPhase();
      drawMap();
      drawFigures();
      drawRounds();
      drawSessions();
      drawAlarms();
    }
    requestAnimationFrame(draw);
    connect();

    """#
}
