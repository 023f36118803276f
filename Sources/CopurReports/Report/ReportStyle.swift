/// How a report looks: on screens wide and narrow, light and dark, and on paper.
enum ReportStyle {
  static let sheet = base + text + tables + figures + narrow + print

  // Series have Okabe and Ito's colours (2008); yellow, which a white page swallows, is replaced by a brown.
  private static let base = """

    :root {
      color-scheme: light dark;
      --page: #fff; --ink: #1b1f24; --quiet: #5b6470; --rule: #d5d9df; --faint: #eceff2; --accent: #00598f;
      --better: #00598f; --worse: #a84300;
      --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #cc79a7; --s4: #56b4e9; --s5: #e69f00; --s6: #1b1f24;
      --s7: #8a6d3b;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14171b; --ink: #e6e9ed; --quiet: #9aa4b0; --rule: #3a4149; --faint: #23282e; --accent: #7cc4f2;
        --better: #7cc4f2; --worse: #f59a5b;
        --s0: #4ba3dc; --s1: #ee7b22; --s2: #2bbd91; --s3: #dd97bd; --s4: #8fd0f7; --s5: #f0b429; --s6: #e6e9ed;
        --s7: #c4a46b;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0 auto; max-width: 80rem; padding: 2.5rem 2rem 4rem; background: var(--page); color: var(--ink);
      font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
    }

    """

  private static let text = """
    h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; }
    h1, h2, h3, h4, li, dd, .meta { overflow-wrap: anywhere; }
    h2 { margin: 0 0 0.75rem; font-size: 1.3rem; line-height: 1.3; font-weight: 650; }
    h3, h4 { margin: 1.75rem 0 0.4rem; font-size: 1.02rem; font-weight: 650; }
    p { margin: 0 0 0.9rem; max-width: 46rem; }
    a { color: var(--accent); }
    section { margin-top: 3.25rem; }
    .meta { margin-top: 0.35rem; color: var(--quiet); }
    .lead { margin: 1.1rem 0 1.5rem; font-size: 1.15rem; line-height: 1.5; }
    .note, figcaption { color: var(--quiet); font-size: 0.875rem; }
    .warning { border-left: 3px solid var(--worse); padding-left: 0.9rem; }
    nav { margin-top: 1.75rem; border-top: 1px solid var(--rule); padding-top: 0.9rem; font-size: 0.9rem; }
    nav ul { display: flex; flex-wrap: wrap; gap: 0.3rem 1.4rem; margin: 0; padding: 0; list-style: none; }
    nav a { text-decoration: none; }
    nav a:hover { text-decoration: underline; }
    code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.85em; }
    pre {
      margin: 0.6rem 0 0; padding: 1rem 1.1rem; overflow-x: auto; background: var(--faint); border-radius: 4px;
      line-height: 1.5;
    }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1.6rem; margin: 0 0 1.25rem; }
    dt { color: var(--quiet); }
    dd { margin: 0; font-variant-numeric: tabular-nums; }
    details { margin-top: 0.6rem; font-size: 0.925rem; }
    summary { cursor: pointer; color: var(--accent); width: max-content; max-width: 100%; }
    sub { line-height: 0; }

    """

  private static let tables = """
    .scroll { overflow-x: auto; margin: 0.75rem 0 0.9rem; }
    .scroll:focus-visible, pre:focus-visible, summary:focus-visible, a:focus-visible {
      outline: 2px solid var(--accent); outline-offset: 2px;
    }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.95rem; line-height: 1.4; }
    caption { caption-side: top; text-align: left; color: var(--quiet); font-size: 0.875rem; padding-bottom: 0.5rem; }
    th, td { padding: 0.42rem 0 0.42rem 1.6rem; text-align: right; vertical-align: baseline; white-space: nowrap; }
    th:first-child { padding-left: 0; text-align: left; position: sticky; left: 0; background: var(--page); }
    thead .groups th { border-bottom: 1px solid var(--rule); text-align: center; }
    thead tr:last-child th { border-bottom: 1px solid var(--ink); font-weight: 600; vertical-align: bottom; white-space: normal; }
    tbody th { font-weight: 450; white-space: normal; min-width: 10rem; max-width: 19rem; }
    tbody tr + tr > * { border-top: 1px solid var(--faint); }
    tbody tr:last-child > * { border-bottom: 1px solid var(--rule); }
    tbody tr:hover > * { background: var(--faint); }
    .dense { font-size: 0.78rem; }
    .dense th, .dense td { padding-left: 0.5rem; }
    .dense th:first-child { padding-left: 0; }
    .dense thead tr:last-child th { font-size: 0.72rem; line-height: 1.25; }
    .dense tbody th { min-width: 7rem; max-width: 8.5rem; }
    .under { display: block; color: var(--quiet); font-size: 0.83em; font-weight: 400; }
    .best { font-weight: 700; }
    .low { color: var(--worse); }
    .better, .under.better { color: var(--better); }
    .worse, .under.worse { color: var(--worse); }

    """

  private static let figures = """
    figure { margin: 0 0 2.25rem; }
    figure.narrow svg[role] { max-width: 27rem; }
    figcaption { max-width: 46rem; }
    .panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19.5rem), 1fr)); gap: 1.4rem 2rem; }
    figure svg[role] { display: block; width: 100%; height: auto; overflow: visible; }
    .legend {
      display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; margin: 0.7rem 0; padding: 0; list-style: none;
      font-size: 0.9rem;
    }
    .legend svg { vertical-align: -1px; }
    svg text { fill: var(--ink); font: 10.5px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
    svg .heading { font-size: 12.5px; font-weight: 600; }
    svg .row { font-size: 11.5px; }
    svg .tick, svg .note { fill: var(--quiet); font-variant-numeric: tabular-nums; }
    svg .label { fill: var(--quiet); font-size: 11px; }
    svg .absent { fill: var(--quiet); font-size: 14px; }
    svg .strong { fill: var(--ink); font-weight: 700; }
    svg .grid { stroke: var(--faint); }
    svg .axis { stroke: var(--quiet); }
    svg .reference { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 4 3; opacity: 0.75; }
    svg .highlight { stroke: var(--quiet); stroke-dasharray: 1 3; }
    svg .line { fill: none; stroke: var(--c); stroke-width: 1.8; stroke-linejoin: round; }
    svg .bar { stroke: var(--c); stroke-width: 1.2; opacity: 0.7; }
    svg .spread { stroke: var(--c); stroke-width: 4; stroke-linecap: round; opacity: 0.45; }
    svg .mark { fill: var(--c); stroke: var(--page); stroke-width: 0.8; }
    svg .clean { stroke: var(--ink); stroke-width: 1.3; opacity: 0.7; }
    .c0, .honest { --c: var(--s0); } .c1, .liar { --c: var(--s1); } .c2 { --c: var(--s2); } .c3 { --c: var(--s3); }
    .c4 { --c: var(--s4); } .c5 { --c: var(--s5); } .c6 { --c: var(--s6); } .c7 { --c: var(--s7); }

    """

  private static let narrow = """
    @media (max-width: 40rem) {
      body { padding: 1.4rem 1rem 3rem; }
      h1 { font-size: 1.5rem; }
      .lead { font-size: 1.05rem; }
      section { margin-top: 2.5rem; }
      th, td { padding-left: 1.1rem; }
      tbody th { min-width: 7.5rem; max-width: 9rem; }
      caption { max-width: calc(100vw - 2rem); }
      dl { grid-template-columns: 1fr; gap: 0; }
      dd { margin-bottom: 0.5rem; }
    }

    """

  private static let print = """
    @media print {
      :root {
        color-scheme: light;
        --page: #fff; --ink: #000; --quiet: #444; --rule: #bbb; --faint: #e6e6e6; --accent: #000; --better: #00598f;
        --worse: #a84300;
        --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #cc79a7; --s4: #56b4e9; --s5: #e69f00; --s6: #000;
        --s7: #8a6d3b;
      }
      @page { size: A4; margin: 16mm 14mm; }
      body { max-width: none; padding: 0; font-size: 9.5pt; }
      nav, summary { display: none; }
      section { margin-top: 1.6rem; }
      h2, h3, h4, caption { break-after: avoid; }
      tr, figure svg, pre { break-inside: avoid; }
      tbody tr:nth-child(-n+2) { break-before: avoid; }
      details.numbers { display: none; }
      pre { white-space: pre-wrap; border: 1px solid var(--rule); background: none; }
      .scroll { overflow: visible; }
      table { font-size: 8.5pt; }
      th, td { padding-left: 0.9rem; }
      .dense { width: 100%; table-layout: fixed; font-size: 6pt; }
      .dense th, .dense td { padding-left: 0.2rem; white-space: normal; }
      .dense th { overflow-wrap: anywhere; }
      .dense thead th { font-size: 5.2pt; }
      .dense thead th:first-child { width: 13%; }
      .dense .under { font-size: 5.2pt; }
      .panels { grid-template-columns: repeat(2, 1fr); gap: 0.8rem 1.4rem; }
      th:first-child { position: static; }
      details::details-content { content-visibility: visible; }
    }

    """
}
