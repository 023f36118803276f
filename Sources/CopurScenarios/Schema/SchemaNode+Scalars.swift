internal import CopurCore
internal import CopurDatasets

extension SchemaNode {
  /// Text.
  func string(_ what: String) throws(ScenarioError) -> String {
    guard let text = scalar, !text.isEmpty else { throw mismatch(what) }
    return text
  }

  /// A whole number of at least some value.
  func integer(atLeast minimum: Int, atMost maximum: Int = 1 << 40) throws(ScenarioError) -> Int {
    guard let text = scalar, !isQuoted, let value = Int(text) else { throw mismatch("a whole number") }
    guard value >= minimum else { throw error("expected at least \(minimum) (actual: \(value))") }
    guard value <= maximum else { throw error("expected at most \(maximum) (actual: \(value))") }
    return value
  }

  /// A finite number.
  func number() throws(ScenarioError) -> Float {
    guard let text = scalar, !isQuoted, let value = DecimalNumber.parse(Array(text.utf8)[...]), Float(value).isFinite
    else { throw mismatch("a number") }
    return Float(value)
  }

  /// A finite number over 0.
  func positiveNumber() throws(ScenarioError) -> Float {
    let value = try number()
    guard value > 0 else { throw error("expected a number over 0 (actual: \(scalar ?? ""))") }
    return value
  }

  /// A finite number from 0 on.
  func nonNegativeNumber() throws(ScenarioError) -> Float {
    let value = try number()
    guard value >= 0 else { throw error("expected a number from 0 on (actual: \(scalar ?? ""))") }
    return value
  }

  /// A number from 0 to 1.
  func fraction() throws(ScenarioError) -> Float {
    let value = try number()
    guard (0...1).contains(value) else { throw error("expected a number from 0 to 1 (actual: \(scalar ?? ""))") }
    return value
  }

  /// A number over 0, at most 1.
  func positiveFraction() throws(ScenarioError) -> Float {
    let value = try number()
    guard value > 0, value <= 1 else {
      throw error("expected a number over 0, at most 1 (actual: \(scalar ?? ""))")
    }
    return value
  }

  /// A number from 0 to under 1.
  func probabilityUnderOne() throws(ScenarioError) -> Float {
    let value = try number()
    guard (0..<1).contains(value) else {
      throw error("expected a number from 0 to under 1 (actual: \(scalar ?? ""))")
    }
    return value
  }

  /// `true` or `false`.
  func bool() throws(ScenarioError) -> Bool {
    switch isQuoted ? nil : scalar {
    case "true": return true
    case "false": return false
    default: throw mismatch("true or false")
    }
  }

  /// One of some names.
  ///
  /// - Parameter what: What is named, with its article, such as "a defense".
  func choice(of what: String, from names: [String]) throws(ScenarioError) -> String {
    let text = try string("\(what): \(names.joined(separator: ", "))")
    guard names.contains(text) else {
      throw error(
        "\(what) is one of \(names.joined(separator: ", ")) (actual: \"\(text)\")"
          + Suggestion.clause(for: text, in: names))
    }
    return text
  }

  /// One of the cases of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(
    of what: String, as type: Choice.Type
  ) throws(ScenarioError) -> Choice where Choice.RawValue == String {
    let name = try choice(of: what, from: Choice.allCases.map(\.rawValue))
    guard let choice = Choice(rawValue: name) else { throw mismatch(what) }
    return choice
  }

  /// A time such as `250ms`, `1.5s` or `2m`; over 0, at most an hour.
  func duration() throws(ScenarioError) -> Duration {
    let rule = "a duration with a unit: ms, s or m"
    let text = try string(rule)
    guard let seconds = DurationText.seconds(text, units: [.milliseconds, .seconds, .minutes]) else {
      throw mismatch(rule)
    }
    let milliseconds = (seconds * 1000).rounded()
    guard milliseconds >= 1, milliseconds <= 3_600_000 else {
      throw error("expected a duration from 1ms to 60m (actual: \(text))")
    }
    return .milliseconds(Int(milliseconds))
  }

  /// A list of names, no two equal, each one of those known.
  ///
  /// - Parameters:
  ///   - what: What is named, in the plural, such as "agents".
  ///   - single: The same in the singular with its article, such as "an agent".
  func names(_ what: String, single: String, from known: [String]) throws(ScenarioError) -> [String] {
    var names: [String] = []
    for item in try list(of: what) {
      let name = try item.choice(of: single, from: known)
      guard !names.contains(name) else { throw item.error("\(single) is named once (twice: \"\(name)\")") }
      names.append(name)
    }
    return names
  }

  /// A list of agents, no two equal, each one of those known.
  func agents(from known: [AgentID]) throws(ScenarioError) -> [AgentID] {
    let names = try names("agents", single: "an agent", from: known.map(\.name))
    return names.compactMap { name in known.first { $0.name == name } }
  }
}
