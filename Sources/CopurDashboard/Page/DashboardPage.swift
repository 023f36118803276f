/// The page's markup: all of its words that do not come from the service, and none of what does.
enum DashboardPage {
  static let markup = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>copur</title>
    <link rel="icon" href="dashboard.svg" type="image/svg+xml">
    <link rel="stylesheet" href="dashboard.css">
    <script src="dashboard.js" defer></script>
    </head>
    <body>
    <a class="skip" href="#map">Skip to the agents</a>
    <header>
      <h1><svg class="mark" viewBox="0 0 20 20" aria-hidden="true"><path d="M2 5h5M2 10h5M2 15h5M13 10h5"/>\
    <circle cx="10" cy="10" r="3.1"/></svg><span id="name">copur</span></h1>
      <p id="phase" class="phase" data-phase="waiting" role="status">connecting</p>
      <p class="meta">model <span id="model">–</span></p>
      <div class="tools">
        <button id="pause" type="button" aria-pressed="false">Pause</button>
        <button id="theme" type="button">Theme: system</button>
      </div>
    </header>
    <noscript><p class="noscript">The dashboard is drawn by its script.</p></noscript>
    <main>
    <section class="now" aria-label="Now">
      <div class="figure"><h2>Rounds a second</h2><p class="value" id="rate">–</p>
        <svg class="curve" id="rate-curve" preserveAspectRatio="none" aria-hidden="true"><path class="area"/><path class="line"/></svg>
        <p class="under" id="total"></p></div>
      <div class="figure"><h2>Latency</h2><p class="value"><span id="median">–</span><span class="unit">ms</span></p>
        <svg class="curve" id="median-curve" preserveAspectRatio="none" aria-hidden="true"><path class="area"/><path class="line"/></svg>
        <p class="under" id="tail"></p></div>
      <div class="figure"><h2>Accuracy</h2><p class="value"><span id="accuracy">–</span></p>
        <div class="meter" aria-hidden="true"><i id="accuracy-bar"></i></div>
        <p class="under" id="accuracy-note"></p></div>
      <div class="figure" id="trust"><h2>Agents</h2><p class="value"><span id="heard">–</span></p>
        <p class="names" id="suspects"></p>
        <p class="under" id="silent"></p></div>
    </section>

    <section aria-labelledby="map-title">
      <div class="head">
        <h2 id="map-title">Residuals, agents by rounds</h2>
        <div class="legend" id="legend" hidden>
          <span id="low"></span><canvas id="ramp" width="120" height="10" aria-hidden="true"></canvas><span id="high"></span>
          <span class="key"><i class="key-suspect"></i>suspect</span>
          <span class="key"><i class="key-missing"></i>missing</span>
          <span class="key"><i class="key-none"></i>no residual</span>
        </div>
      </div>
      <div id="map" tabindex="0" role="group"
        aria-label="Heat map of residuals. Arrow keys move from round to round and from agent to agent.">
        <table>
          <thead><tr><th scope="col">Agent</th><th scope="col" class="state">State</th>
            <th scope="col" class="cells"><canvas id="ruler" aria-hidden="true"></canvas>
            <span class="hidden">Residual of each round</span></th>
            <th scope="col" class="number">Residual</th><th scope="col" class="number wide">Suspect</th>
            <th scope="col" class="number wide">Missing</th></tr></thead>
          <tbody id="agents"></tbody>
        </table>
      </div>
      <p id="readout" class="readout" aria-live="polite"></p>
    </section>

    <div class="columns">
    <section aria-labelledby="rounds-title">
      <h2 id="rounds-title">Rounds as they close</h2>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="rounds-title">
      <table class="list"><thead><tr><th scope="col">Session</th><th scope="col" class="number">Sample</th>
        <th scope="col">Ω</th><th scope="col">Suspects</th><th scope="col">Verdict</th>
        <th scope="col" class="number">Latency</th></tr></thead><tbody id="rounds"></tbody></table>
      </div>
    </section>
    <div>
    <section aria-labelledby="sessions-title">
      <h2 id="sessions-title">Sessions</h2>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="sessions-title">
      <table class="list"><thead><tr><th scope="col">Session</th><th scope="col" class="number">Rounds</th>
        <th scope="col" class="number">Suspects in</th><th scope="col" class="number">Accuracy</th></tr></thead>
        <tbody id="sessions"></tbody></table>
      </div>
    </section>
    <section aria-labelledby="alarms-title">
      <h2 id="alarms-title">Alarms</h2>
      <ol id="alarms" class="alarms" tabindex="0" role="log" aria-labelledby="alarms-title"></ol>
    </section>
    </div>
    </div>
    </main>
    </body>
    </html>

    """

  static let icon = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><rect width="20" height="20" rx="4" fill="#12212f"/>\
    <path d="M3 5h5M3 10h5M3 15h5M12 10h5" stroke="#7fb8e0" stroke-width="1.6"/>\
    <circle cx="10" cy="10" r="3" fill="#ff8a3d"/></svg>

    """
}
