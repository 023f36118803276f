internal import CopurCore
internal import CopurDatasets

/// Settings of a kind, read from a mapping of a scenario.
extension SchemaMapping: SettingSource {
  var keys: Set<String> { Set(entries.map(\.name)) }

  func value(of setting: SettingDescription, in context: KindContext) throws -> SettingValue? {
    try self[setting.key].map { try $0.value(of: setting.type, in: context) }
  }

  func error(_ message: String, at key: String?) -> any Error {
    (key.flatMap { self[$0] } ?? node).error(message)
  }

  func missing(_ key: String) -> any Error {
    node.error("\(what) has the key \"\(key)\" (actual: it is missing)")
  }

  /// One of the kinds of a registry, with the settings that this mapping gives.
  ///
  /// - Parameters:
  ///   - registry: The kinds, of which the caller has checked that `name` is one.
  ///   - others: Keys that the mapping may have besides the kind's own.
  func kind<Family>(
    _ name: String, in registry: KindRegistry<Family>, besides others: [String], context: KindContext
  ) throws(ScenarioError) -> Family {
    guard let entry = registry[name] else { throw node.error("\(what): no kind is named \"\(name)\"") }
    try check(keys: others + entry.settings.map(\.key))
    return try scenarioError { try entry.make(from: self, in: context) }
  }

  /// A value with what this mapping gives, whose keys the caller has checked.
  func settings<Value: Kind>(of value: Value, context: KindContext) throws(ScenarioError) -> Value {
    try scenarioError { try value.reading(from: self, in: context) }
  }

  /// The value that a reader of settings makes of this mapping, whose keys the caller has checked.
  func settings<Value>(_ read: (any SettingSource) throws -> Value) throws(ScenarioError) -> Value {
    try scenarioError { try read(self) }
  }

  private func scenarioError<Result>(_ body: () throws -> Result) throws(ScenarioError) -> Result {
    do {
      return try body()
    } catch let error as ScenarioError {
      throw error
    } catch {
      throw node.error("\(error)")
    }
  }
}

extension SchemaNode {
  /// This value, checked by a rule.
  func value(of type: SettingType, in context: KindContext) throws(ScenarioError) -> SettingValue {
    switch type {
    case .integer(let range):
      return .integer(try integer(atLeast: range.lowerBound, atMost: range.upperBound))
    case .number(.any): return .number(try number())
    case .number(.positive): return .number(try positiveNumber())
    case .number(.nonNegative): return .number(try nonNegativeNumber())
    case .number(.fraction): return .number(try fraction())
    case .number(.underOne): return .number(try probabilityUnderOne())
    case .number(.positiveFraction): return .number(try positiveFraction())
    case .boolean: return .boolean(try bool())
    case .choice(let what, let names): return .text(try choice(of: what, from: names))
    case .choiceOrInteger(_, let names, let range):
      let rule = names.joined(separator: ", ") + " or a whole number"
      let text = try string(rule)
      if names.contains(text) { return .text(text) }
      guard !isQuoted, Int(text) != nil else {
        throw error("expected \(rule) (actual: \"\(text)\")" + Suggestion.clause(for: text, in: names))
      }
      return .integer(try integer(atLeast: range.lowerBound, atMost: range.upperBound))
    case .choiceOrNumber(_, let names, let rule):
      let text = try string(rule.rawValue)
      if names.contains(text) { return .text(text) }
      guard !isQuoted, let number = Float(text), rule.allows(number) else {
        throw error(
          "expected \(names.joined(separator: ", ")) or \(rule.rawValue) (actual: \"\(text)\")"
            + (Float(text) == nil ? Suggestion.clause(for: text, in: names) : ""))
      }
      return .number(number)
    case .text(let what): return .text(try string(what))
    case .className: return .integer(try className(context.classNames))
    case .choiceWithSettings(let what, let choices):
      let names = choices.map(\.name)
      guard isMapping else { return .text(try choice(of: what, from: names)) }
      let mapping = try mapping(of: what)
      let name = try mapping.required("kind").choice(of: what, from: names)
      guard let chosen = choices.first(where: { $0.name == name }) else { throw error("\(what) has a kind") }
      return try value(of: .mapping(of: "\(what) of kind \(name)", chosen.keys), in: context)
    case .mapping(let what, let settings):
      let section = try mapping(of: what, keys: settings.map(\.key))
      var members: [SettingValue.Member] = []
      for setting in settings {
        if let value = section[setting.key] {
          members.append(.init(setting.key, try value.value(of: setting.type, in: context)))
        } else if setting.isRequired {
          _ = try section.required(setting.key)
        }
      }
      return .mapping(members)
    case .texts(let what, let least):
      return .texts(try texts(what, atLeast: least))
    case .words:
      return .texts(try words())
    case .textsByAgent(let what):
      var members: [SettingValue.Member] = []
      for entry in try mapping(of: what).entries {
        do { _ = try AgentID(entry.name) } catch { throw entry.key.error("\(error)") }
        members.append(.init(entry.name, .texts(try entry.value.texts("columns", atLeast: 1))))
      }
      return .mapping(members)
    }
  }

  private func texts(_ what: String, atLeast least: Int) throws(ScenarioError) -> [String] {
    var texts: [String] = []
    for item in try list(of: what) {
      let text = try item.string(what)
      guard !texts.contains(text) else { throw item.error("\(what) are given once each (twice: \"\(text)\")") }
      texts.append(text)
    }
    guard texts.count >= least else { throw error("there are at least \(least) \(what) (actual: \(texts.count))") }
    return texts
  }

  private func words() throws(ScenarioError) -> [String] {
    var words: [String] = []
    for item in try list(of: "words") {
      guard let word = item.scalar, !word.isEmpty || item.isQuoted else { throw item.mismatch("a word") }
      words.append(word)
    }
    guard words.first?.isEmpty == false else {
      throw error("a command begins with its program (actual: \(words.isEmpty ? "no words" : "an empty word"))")
    }
    return words
  }

  private func className(_ classNames: [String]) throws(ScenarioError) -> Int {
    let text = try string("a class's name or number")
    if let index = classNames.firstIndex(of: text) { return index }
    if !isQuoted, let index = Int(text), classNames.indices.contains(index) { return index }
    throw error(
      "a target is a class: \(classNames.joined(separator: ", ")), or 0 to \(classNames.count - 1) (actual: \"\(text)\")"
        + Suggestion.clause(for: text, in: classNames))
  }
}
