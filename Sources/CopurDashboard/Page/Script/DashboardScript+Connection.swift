extension DashboardScript {
  /// How the page gets its events: as EventSource does (WHATWG HTML, section 9.2), but with a token where the service wants
  /// one, and with a watch on connections that have gone quiet.
  static let connection = #"""
    let seen = null, token = null, wait = 1000;
    try { token = sessionStorage.getItem("copur-token"); } catch { /* Storage may be forbidden; the page works without. */ }

    function showPhase(phase, text) {
      $("phase").dataset.phase = phase;
      say($("phase"), text);
    }

    function took(id, name, data) {
      if (id) seen = id;
      wait = 1000;
      if (name === "snapshot") tookSnapshot(JSON.parse(data));
      if (name === "update") tookUpdate(JSON.parse(data));
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
      let watch = 0;
      const alive = () => {
        clearTimeout(watch);
        watch = setTimeout(() => abort.abort(), 10000);
      };
      try {
        const headers = { "Accept": "text/event-stream" };
        if (seen) headers["Last-Event-ID"] = seen;
        if (token) headers["Authorization"] = "Bearer " + token;
        const answer = await fetch("events", { headers, cache: "no-store", signal: abort.signal });
        if (answer.status === 401 || answer.status === 403) return askForToken(answer.status);
        if (!answer.ok) throw new Error("status " + answer.status);
        $("signin").hidden = true;
        alive();
        await read(answer.body, alive);
      } catch { /* Every end of a connection is alike: it is made again. */ } finally { clearTimeout(watch); }
      showPhase("lost", "connection lost, trying again");
      setTimeout(connect, wait);
      wait = Math.min(15000, wait * 1.6);
    }

    function askForToken(status) {
      showPhase("waiting", "not signed in");
      say($("refusal"), status === 401 ? "The service wants to know who watches."
        : "This token is none of a viewer or an administrator.");
      $("signin").hidden = false;
      $("token").focus();
    }

    $("signin").addEventListener("submit", (event) => {
      event.preventDefault();
      token = $("token").value;
      try { sessionStorage.setItem("copur-token", token); } catch { /* It is asked for again then. */ }
      connect();
    });

    """#
}
