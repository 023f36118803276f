internal import CopurCore
internal import CopurDatasets

extension CSVTable {
  /// The `dataset:` section of kind `csv`.
  init(parsing section: SchemaMapping) throws(ScenarioError) {
    try section.check(keys: ["kind", "file", "label", "classes", "train_rows", "agents"])
    let classes = try section.required("classes")
    var names: [String] = []
    for item in try classes.list(of: "classes") {
      let name = try item.string("a class, as it stands in the label's column")
      guard !names.contains(name) else { throw item.error("a class is named once (twice: \"\(name)\")") }
      names.append(name)
    }
    guard names.count >= 2 else { throw classes.error("there are at least two classes (actual: \(names.count))") }
    var agents: [Agent] = []
    for entry in try section.required("agents").mapping(of: "agents and their columns").entries {
      let agent: AgentID
      do { agent = try AgentID(entry.name) } catch { throw entry.key.error("\(error)") }
      var columns: [String] = []
      for column in try entry.value.list(of: "columns") { columns.append(try column.string("a column's name")) }
      agents.append(Agent(name: agent, columns: columns))
    }
    self.init(
      file: try section.required("file").string("a CSV file"), label: try section.required("label").string("a column"),
      classes: names, trainRows: try section.required("train_rows").integer(atLeast: 1), agents: agents)
  }
}
