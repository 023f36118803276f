package import CopurCore

/// A bound of a benchmark's figure, preferably of a ratio: times differ from machine to machine.
///
/// As JSON, with `over` for a figure that is divided by the same one of another line:
///
/// ```json
/// {
///   "name": "one sample, beside the paper's schedule",
///   "where": { "engine": "copur", "code": 150, "batch": 1 },
///   "measure": "seconds_per_sample", "over": { "engine": "copur-paper-schedule" }, "at_most": 0.3
/// }
/// ```
package struct BenchThreshold: Hashable, Sendable {
  /// The bound in words.
  package var name: String
  /// The members that a line has, and their values, for the bound to be about it; `--json` and the command's options name
  /// them.
  package var conditions: [String: JSONValue]
  /// The figure: a member of the line, or members inside each other with a dot between, such as
  /// `times_faster_than.grpcio`.
  package var measure: String
  /// The members in which the line differs whose figure this one is divided by; nil for the figure itself.
  package var base: [String: JSONValue]?
  /// The least that the figure may be.
  package var least: Double?
  /// The most that the figure may be.
  package var most: Double?

  /// - Parameters:
  ///   - least: The least that the figure may be.
  ///   - most: The most that it may be; one of both is given.
  package init(
    name: String, where conditions: [String: JSONValue] = [:], measure: String, over base: [String: JSONValue]? = nil,
    least: Double? = nil, most: Double? = nil
  ) {
    self.name = name
    self.conditions = conditions
    self.measure = measure
    self.base = base
    self.least = least
    self.most = most
  }

  /// The figures of all lines that the bound is about, as far as they were measured.
  package func figures(in lines: [JSONValue]) -> [Double] {
    lines.filter { matches($0, conditions) }.compactMap { line in
      guard let figure = line.figure(at: measure) else { return nil }
      guard let base else { return figure }
      let wanted = conditions.merging(base) { $1 }
      return lines.lazy.filter { matches($0, wanted) }.compactMap { $0.figure(at: measure) }.first.map { figure / $0 }
    }
  }

  /// Whether a figure keeps within the bound; one that is no number does not.
  package func allows(_ figure: Double) -> Bool { figure >= least ?? figure && figure <= most ?? figure }

  private func matches(_ line: JSONValue, _ conditions: [String: JSONValue]) -> Bool {
    guard case .object(let members) = line else { return false }
    return conditions.allSatisfy { members[$0.key] == $0.value }
  }
}

extension BenchThreshold: Decodable {
  private enum Key: String, CodingKey, CaseIterable {
    case name, measure, over
    case conditions = "where"
    case least = "at_least"
    case most = "at_most"
  }

  /// - Throws: `DecodingError` also of a member that there is not, and where no bound is given.
  package init(from decoder: any Decoder) throws {
    for member in try [String: JSONValue](from: decoder).keys.sorted() where Key(rawValue: member) == nil {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "a threshold has the members "
            + Key.allCases.map(\.rawValue).sorted().joined(separator: ", ") + " (actual: \(member))"))
    }
    let members = try decoder.container(keyedBy: Key.self)
    self.init(
      name: try members.decode(String.self, forKey: .name),
      where: try members.decodeIfPresent([String: JSONValue].self, forKey: .conditions) ?? [:],
      measure: try members.decode(String.self, forKey: .measure),
      over: try members.decodeIfPresent([String: JSONValue].self, forKey: .over),
      least: try members.decodeIfPresent(Double.self, forKey: .least),
      most: try members.decodeIfPresent(Double.self, forKey: .most))
    if least == nil && most == nil {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath, debugDescription: "a threshold has at_least or at_most (actual: neither)"))
    }
  }
}

extension JSONValue {
  /// The number at members inside each other, with a dot between.
  fileprivate func figure(at path: String) -> Double? {
    var value = self
    for name in path.split(separator: ".") {
      guard case .object(let members) = value, let member = members[String(name)] else { return nil }
      value = member
    }
    if case .number(let number) = value { return number }
    return nil
  }
}
