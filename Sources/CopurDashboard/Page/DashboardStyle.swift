/// How the page looks: on a second screen and on a phone, light and dark.
enum DashboardStyle {
  static let sheet =
    """
    :root { \(light) }
    @media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { \(dark) } }
    :root[data-theme="dark"] { \(dark) }

    """ + base + header + figures + map + lists + narrow

  // Blue is what is measured and orange what is suspect, which everybody tells apart; states have a shape as well.
  private static let light = """
    color-scheme: light;
    --page: #f7f8f9; --panel: #fff; --ink: #14202b; --quiet: #5a6875; --rule: #dde2e7; --faint: #eceff2;
    --accent: #0b5d9e; --suspect: #c2500a; --good: #0b6e54; --curve: #2b6ca6; --curve-fill: #dbe8f3;
    --r0: #e6edf3; --r1: #b6cfe2; --r2: #6fa3cc; --r3: #2b6ca6; --r4: #08305c; --none: #b9c3cc;
    """

  private static let dark = """
    color-scheme: dark;
    --page: #0d1218; --panel: #131a22; --ink: #e3e9ee; --quiet: #8b9aa8; --rule: #25303b; --faint: #1a232c;
    --accent: #6db6ee; --suspect: #ff8a3d; --good: #4fc7a2; --curve: #4f9bd6; --curve-fill: #17304a;
    --r0: #18222d; --r1: #1f4266; --r2: #2f78b0; --r3: #7fb8e0; --r4: #eaf5fc; --none: #4a5866;
    """

  private static let base = """
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0 auto; max-width: 110rem; padding: 1.1rem 1.6rem 2rem; background: var(--page); color: var(--ink);
      font: 0.9375rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
      font-variant-numeric: tabular-nums;
    }
    p, ol { margin: 0; padding: 0; }
    h2 { margin: 0 0 0.5rem; font-size: 0.8125rem; font-weight: 600; color: var(--quiet); }
    section { margin-top: 1.5rem; min-width: 0; }
    [hidden] { display: none !important; }
    .hidden, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .skip:focus { position: absolute; padding: 0.4rem 0.8rem; background: var(--panel); color: var(--accent); z-index: 2; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
    button {
      font: inherit; color: inherit; background: none; border: 1px solid var(--rule); border-radius: 4px;
      padding: 0.2rem 0.65rem; min-height: 2rem;
    }
    button { cursor: pointer; }
    button:hover { border-color: var(--quiet); }
    button[aria-pressed="true"] { background: var(--ink); border-color: var(--ink); color: var(--page); }
    table { border-collapse: collapse; width: 100%; }
    th { font-weight: 500; color: var(--quiet); text-align: left; font-size: 0.8125rem; }
    td, th { padding: 0 0.9rem 0 0; vertical-align: middle; }
    td:last-child, th:last-child { padding-right: 0; }
    .number { text-align: right; }
    .noscript { margin-top: 2rem; }

    """

  private static let header = """
    header {
      display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 1.2rem; padding-bottom: 0.9rem;
      border-bottom: 1px solid var(--rule);
    }
    h1 {
      display: flex; align-items: center; gap: 0.55rem; margin: 0; font-size: 1.15rem; font-weight: 650;
      letter-spacing: -0.005em; overflow-wrap: anywhere;
    }
    .mark { width: 1.4rem; height: 1.4rem; flex: none; }
    .mark path { stroke: var(--curve); stroke-width: 1.6; }
    .mark circle { fill: var(--suspect); }
    .meta { color: var(--quiet); font-size: 0.8125rem; }
    .phase { display: flex; align-items: center; gap: 0.45rem; font-weight: 550; color: var(--quiet); }
    .phase::before { content: ""; width: 0.6rem; height: 0.6rem; border-radius: 50%; background: var(--none); }
    .phase[data-phase="serving"] { color: var(--good); }
    .phase[data-phase="serving"]::before { background: var(--good); }
    .phase[data-phase="failed"], .phase[data-phase="lost"] { color: var(--suspect); }
    .phase[data-phase="failed"]::before, .phase[data-phase="lost"]::before {
      border-radius: 0; background: var(--suspect); transform: rotate(45deg);
    }
    .phase[data-phase="draining"]::before { border-radius: 0; background: var(--ink); }
    .tools { display: flex; gap: 0.5rem; margin-left: auto; font-size: 0.8125rem; }

    """

  private static let figures = """
    .now {
      display: grid; grid-template-columns: repeat(4, 1fr); margin-top: 0; border-bottom: 1px solid var(--rule);
    }
    .figure { padding: 1rem 1.6rem 0.9rem; min-width: 0; display: flex; flex-direction: column; }
    .figure + .figure { border-left: 1px solid var(--rule); }
    .figure:first-child { padding-left: 0; }
    .figure:last-child { padding-right: 0; }
    .figure h2 { margin: 0; }
    .value { font-size: 2.35rem; line-height: 1.15; font-weight: 600; letter-spacing: -0.02em; white-space: nowrap; }
    .unit { margin-left: 0.25rem; font-size: 1rem; font-weight: 500; letter-spacing: 0; color: var(--quiet); }
    .under { min-height: 1.2rem; color: var(--quiet); font-size: 0.8125rem; margin-top: auto; }
    .curve { width: 100%; height: 2rem; margin: 0.15rem 0 0.3rem; overflow: visible; }
    .curve .area { fill: var(--curve-fill); }
    .curve .line { fill: none; stroke: var(--curve); stroke-width: 1.4; vector-effect: non-scaling-stroke; }
    .meter { height: 0.4rem; margin: 0.95rem 0 1rem; background: var(--faint); border-radius: 2px; overflow: hidden; }
    .meter i { display: block; height: 100%; width: 0; background: var(--curve); }
    .names {
      min-height: 2.2rem; margin: 0.1rem 0 0.3rem; font-weight: 600; color: var(--suspect); overflow: hidden;
      display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; line-height: 1.2; overflow-wrap: anywhere;
    }

    """

  private static let map = """
    .head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.2rem 2rem; }
    .legend { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.6rem; color: var(--quiet); font-size: 0.8125rem; }
    .legend canvas { width: 120px; height: 10px; border-radius: 2px; }
    .key { display: inline-flex; align-items: center; gap: 0.35rem; margin-left: 0.7rem; }
    .key i { width: 10px; height: 14px; background: var(--r1); }
    .key .key-suspect { background: linear-gradient(var(--r3) 62%, var(--suspect) 62%); }
    .key .key-missing { background: none; border: 1px solid var(--none); height: 8px; }
    .key .key-none { background: var(--none); height: 3px; }
    #map { margin: 0 -0.3rem; padding: 0 0.3rem; }
    #map table { table-layout: fixed; }
    #map th:first-child { width: 8.5rem; }
    #map .state { width: 7rem; }
    #map .number { width: 5.2rem; }
    #map th.cells { vertical-align: bottom; }
    #map tbody tr { height: 1.9rem; }
    #map tbody th { color: var(--ink); font-size: 0.9375rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    #map tbody tr[data-cursor] th { text-decoration: underline; text-underline-offset: 0.25em; }
    .cells canvas { display: block; width: 100%; height: 1.5rem; }
    #ruler { height: 1.15rem; }
    td.state { color: var(--quiet); font-size: 0.8125rem; white-space: nowrap; }
    td.state::before {
      content: ""; display: inline-block; width: 0.55rem; height: 0.55rem; margin-right: 0.5rem; border-radius: 50%;
      background: var(--curve);
    }
    [data-state="silent"] td.state::before { background: none; border: 1.5px solid var(--quiet); }
    [data-state="away"] td.state::before { background: none; border: 1.5px dotted var(--quiet); }
    [data-state="suspect"] td.state::before {
      background: var(--suspect); border-radius: 0; clip-path: polygon(50% 0, 100% 100%, 0 100%); width: 0.65rem;
    }
    #map tr[data-state="suspect"] th, [data-state="suspect"] td.state { color: var(--suspect); font-weight: 600; }
    [data-state="silent"] th, [data-state="away"] th { color: var(--quiet) !important; }
    .readout { min-height: 1.45rem; margin-top: 0.35rem; font-size: 0.8125rem; color: var(--quiet); overflow-wrap: anywhere; }

    """

  private static let lists = """
    .columns { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 0 3rem; }
    .scroll { overflow-x: auto; }
    .list td, .list th { padding: 0.2rem 0.9rem 0.2rem 0; white-space: nowrap; border-bottom: 1px solid var(--faint); }
    .list td:last-child, .list th:last-child { padding-right: 0; }
    .list td { font-size: 0.875rem; }
    .list .name { max-width: 11rem; overflow: hidden; text-overflow: ellipsis; }
    .list .accused { color: var(--suspect); font-weight: 600; max-width: 15rem; overflow: hidden; text-overflow: ellipsis; }
    .list .omega { letter-spacing: 0.06em; font-family: ui-monospace, Menlo, Consolas, "Liberation Mono", monospace; }
    .list .wrong { color: var(--suspect); }
    .list .rightly { color: var(--good); }
    .quiet { color: var(--quiet); }
    .alarms { list-style: none; max-height: 15rem; overflow-y: auto; }
    .alarms li { display: grid; grid-template-columns: 4.6rem 1fr; gap: 0.2rem 0.6rem; padding: 0.2rem 0;
      border-bottom: 1px solid var(--faint); font-size: 0.875rem; overflow-wrap: anywhere; }
    .alarms time { color: var(--quiet); }
    .alarms [data-level="warning"] span, .alarms [data-level="critical"] span { color: var(--suspect); }
    .alarms [data-level="critical"] span { font-weight: 700; }
    .alarms .new { animation: arrive 1.2s ease-out; }
    @keyframes arrive { from { background: var(--faint); } to { background: transparent; } }

    """

  private static let narrow = """
    @media (max-width: 64rem) {
      #map .wide { display: none; }
      #map :is(td, th):nth-child(4) { padding-right: 0; }
      .columns { grid-template-columns: minmax(0, 1fr); }
    }
    @media (max-width: 46rem) {
      body { padding: 0.8rem 0.9rem 2rem; font-size: 0.875rem; }
      header { gap: 0.3rem 0.9rem; }
      .meta { order: 3; }
      .tools { margin-left: 0; order: 4; }
      .tools button { min-height: 2.4rem; }
      .now { grid-template-columns: 1fr 1fr; }
      .figure { padding: 0.7rem 0.8rem; }
      .figure:nth-child(odd) { padding-left: 0; border-left: 0; }
      .figure:nth-child(even) { padding-right: 0; }
      .figure:nth-child(n+3) { border-top: 1px solid var(--rule); }
      .value { font-size: 1.8rem; }
      #map th:first-child { width: 6.2rem; }
      #map .state { width: 1.2rem; padding-right: 0.5rem; font-size: 0; }
      #map .number { width: 3.4rem; }
      .key { margin-left: 0; }
    }
    @media (prefers-reduced-motion: reduce) {
      * { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
    }
    @media (forced-colors: active) {
      td.state::before, .phase::before { forced-color-adjust: none; }
    }

    """
}
