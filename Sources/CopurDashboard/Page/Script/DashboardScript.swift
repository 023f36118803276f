/// The page's script. What the service says is put into the page as text alone, never as markup.
enum DashboardScript {
  static let source = "\"use strict\";\n(() => {\n" + state + connection + heatMap + lists + controls + "})();\n"

  /// What the page knows, and what it does with news.
  private static let state = #"""
    const $ = (id) => document.getElementById(id);
    const root = document.documentElement;
    let model = null, rounds = [], alarms = [], now = null, dirty = false, frozen = null;

    function tookSnapshot(snapshot) {
      model = snapshot;
      rounds = snapshot.rounds;
      alarms = snapshot.alarms;
      now = snapshot.now;
      frozen = null;
      newestAlarm = 0;
      $("name").textContent = snapshot.name;
      buildAgents();
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

    function element(name, className, text) {
      const made = document.createElement(name);
      if (className) made.className = className;
      if (text !== undefined) made.textContent = text;
      return made;
    }

    // Writes only what changed, so that screen readers and selections are left alone.
    function say(target, text) { if (target.textContent !== text) target.textContent = text; }

    const counts = new Intl.NumberFormat("en");
    function number(value) {
      if (value === null || value === undefined) return "–";
      const size = Math.abs(value);
      if (size >= 1000) return counts.format(Math.round(value));
      return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2);
    }
    const percent = (share) => share === null || share === undefined ? "–" : (100 * share).toFixed(0) + " %";
    const className = (label) => label === null || label === undefined ? "none"
      : (model.classes[label] ?? "class " + label);

    """#
}
