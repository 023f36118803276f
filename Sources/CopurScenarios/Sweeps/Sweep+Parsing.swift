internal import CopurReports

extension Sweep {
  /// A document with a `sweep:`; every point is checked.
  ///
  /// - Parameters:
  ///   - root: The document, settings applied.
  ///   - section: Its sweep.
  /// - Throws: ``ScenarioError`` at the first value that breaks a rule, with the point's name if others do not.
  init(
    parsing root: SchemaMapping, section: SchemaNode, in document: ScenarioDocument, settings: [String]
  ) throws(ScenarioError) {
    let base = root.node.mapping(with: root.entries.filter { $0.name != "sweep" })
    let grid = try Grid(parsing: section)
    let labels = SweepPointName.labels(of: grid.axes.map(\.path))
    var points: [Point] = []
    for values in grid.points {
      let texts = values.map(\.text)
      let name = SweepPointName.name(labels, texts)
      var node = base
      do {
        for (axis, value) in zip(grid.axes, values) { node = try node.setting(axis.setting(value)) }
        var scenario = try Scenario(root: node.mapping(of: "a scenario"), in: document, settings: settings)
        scenario.point = name
        points.append(Point(name: name, values: texts, scenario: scenario))
      } catch {
        throw grid.points.count == 1 || Self.isWrong(base, as: error, in: document)
          ? error : error.happening(in: "point \(name)")
      }
    }
    guard let first = points.first else { throw section.error("a sweep has at least one point (actual: 0)") }
    self.name = first.scenario.name
    axes = zip(grid.axes, labels).map { axis, label in
      SweepRecord.Axis(key: axis.path.text, label: label, values: axis.values.map(\.text))
    }
    self.points = points
    source = first.scenario.source
    self.settings = settings
  }

  /// Whether a scenario without its sweep has a point's mistake, too, which is then none of the point.
  private static func isWrong(_ base: SchemaNode, as mistake: ScenarioError, in document: ScenarioDocument) -> Bool {
    do {
      _ = try Scenario(root: base.mapping(of: "a scenario"), in: document, settings: [])
      return false
    } catch {
      return error.description == mistake.description
    }
  }

  /// Axes, and a value of each for every point.
  private struct Grid {
    var axes: [SweepAxis] = []
    var points: [[SweepAxis.Value]] = []

    init(parsing section: SchemaNode) throws(ScenarioError) {
      if section.isList { try list(section) } else { try product(section) }
    }

    /// All values of every axis with all of the others.
    private mutating func product(_ section: SchemaNode) throws(ScenarioError) {
      for entry in try section.mapping(of: "a sweep: keys with lists of values").entries {
        try add(try SweepAxis(parsing: entry))
      }
      guard !axes.isEmpty else { throw section.error("a sweep has at least one key (actual: 0)") }
      // One by one, since the product of all counts may be no number.
      var count = 1
      for axis in axes where count <= Sweep.maximumPoints { count *= axis.values.count }
      guard count <= Sweep.maximumPoints else {
        throw section.error(
          "a sweep has at most \(Sweep.maximumPoints) points (actual: "
            + axes.map { "\($0.values.count)" }.joined(separator: " × ") + ")")
      }
      points = [[]]
      for axis in axes { points = points.flatMap { point in axis.values.map { point + [$0] } } }
    }

    /// Points that are given one by one, each with a value for every key.
    private mutating func list(_ section: SchemaNode) throws(ScenarioError) {
      var keys: [(path: SettingPath, key: SchemaNode)] = []
      for item in try section.list(of: "points") {
        let point = try item.mapping(of: "a point of a sweep")
        if keys.isEmpty {
          for entry in point.entries { keys.append((try SweepAxis.path(entry.key), entry.key)) }
          guard !keys.isEmpty else { throw item.error("a point has at least one key (actual: 0)") }
        }
        try point.check(keys: keys.map(\.path.text))
        var values: [SweepAxis.Value] = []
        for key in keys {
          let node = try point.required(key.path.text)
          values.append(SweepAxis.Value(node: node, text: try node.compactText))
        }
        let texts = values.map(\.text)
        guard !points.contains(where: { $0.map(\.text) == texts }) else {
          throw item.error("the points of a sweep differ (twice: \(texts.joined(separator: ", ")))")
        }
        points.append(values)
        guard points.count <= Sweep.maximumPoints else {
          throw section.error("a sweep has at most \(Sweep.maximumPoints) points")
        }
      }
      for (index, key) in keys.enumerated() {
        var seen: Set<String> = []
        try add(
          SweepAxis(
            path: key.path, key: key.key, values: points.map { $0[index] }.filter { seen.insert($0.text).inserted }))
      }
    }

    private mutating func add(_ axis: SweepAxis) throws(ScenarioError) {
      let names = axis.path.parts.map(\.name)
      for other in axes.map(\.path) {
        let others = other.parts.map(\.name)
        guard !names.starts(with: others), !others.starts(with: names) else {
          throw axis.key.error("the keys of a sweep are apart (\(other.text), \(axis.path.text))")
        }
      }
      axes.append(axis)
    }
  }
}

extension SchemaNode {
  /// The longest text of a value, which aliases of aliases could make of a short file.
  private static let longestText = 4096

  /// The value in a line, for names and tables: `copur+agent-vote` for a list.
  var compactText: String {
    get throws(ScenarioError) {
      let parts: [String]
      if isList {
        var texts: [String] = []
        for item in items { texts.append(try item.isList ? "[\(item.compactText)]" : item.compactText) }
        parts = texts
      } else if isMapping {
        var texts: [String] = []
        for entry in try mapping(of: "a value").entries { texts.append("\(entry.name):\(try entry.value.compactText)") }
        parts = ["{\(texts.joined(separator: "+"))}"]
      } else {
        parts = [scalar ?? "none"]
      }
      let text = parts.joined(separator: "+")
      guard text.utf8.count <= Self.longestText else {
        throw error("a value of a sweep has at most \(Self.longestText) bytes")
      }
      return text
    }
  }
}
