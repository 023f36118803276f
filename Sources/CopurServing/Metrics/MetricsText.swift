internal import CopurFusionCenter

/// Builds Prometheus' text format, version 0.0.4: a family's HELP and TYPE, then its samples.
struct MetricsText {
  private(set) var text = ""
  private var names: Set<String> = []

  /// A label's name and value.
  typealias Label = (name: String, value: String)

  /// A family of counters.
  mutating func counter(_ name: String, _ help: String, _ samples: [(labels: [Label], value: Double)]) {
    family(name, help, "counter")
    for (labels, value) in samples { sample(name, labels, value) }
  }

  /// A family of gauges.
  mutating func gauge(_ name: String, _ help: String, _ samples: [(labels: [Label], value: Double)]) {
    family(name, help, "gauge")
    for (labels, value) in samples { sample(name, labels, value) }
  }

  /// A family of histograms.
  mutating func histogram(_ name: String, _ help: String, _ samples: [(labels: [Label], value: Histogram)]) {
    family(name, help, "histogram")
    for (labels, histogram) in samples {
      var cumulative = 0
      for (bound, count) in zip(histogram.bounds, histogram.counts) {
        cumulative += count
        sample("\(name)_bucket", labels + [("le", Self.number(bound))], Double(cumulative))
      }
      sample("\(name)_bucket", labels + [("le", "+Inf")], Double(histogram.count))
      sample("\(name)_sum", labels, histogram.sum)
      sample("\(name)_count", labels, Double(histogram.count))
    }
  }

  private mutating func family(_ name: String, _ help: String, _ type: String) {
    precondition(names.insert(name).inserted, "a family comes once: \(name)")
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  private mutating func sample(_ name: String, _ labels: [Label], _ value: Double) {
    text += name
    if !labels.isEmpty {
      text += "{" + labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
    }
    text += " \(Self.number(value))\n"
  }

  /// Whole numbers without a fraction.
  private static func number(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }

  private static func escaped(_ value: String) -> String {
    value.reduce(into: "") { text, character in
      switch character {
      case "\\": text += #"\\"#
      case "\"": text += #"\""#
      case "\n": text += #"\n"#
      default: text.append(character)
      }
    }
  }
}
