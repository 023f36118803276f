extension DashboardScript {
  /// How the page gets its events: as EventSource does (WHATWG HTML, section 9.2), but it says why it is not let in, and it
  /// gives up connections that have gone quiet.
  static let connection = #"""
    let seen = null, wait = 1000;

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
      showPhase("lost", reason + ", trying again");
      setTimeout(connect, wait);
      wait = Math.min(15000, wait * 1.6);
    }

    """#
}
