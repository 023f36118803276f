extension TrainingSettings {
  /// An extractor's name, or its kind with the settings of that kind.
  static var extractorSetting: Setting<TrainingSettings> {
    Setting(
      SettingDescription(
        "extractor", .choiceWithSettings(of: "an extractor", extractorChoices),
        "what an agent's local model is; as `{ kind: convolutional }` with the keys of that kind")
    ) { settings in
      settings.extractorValue
    } write: { settings, value in
      var (name, given) = ("", [SettingValue.Member]())
      if case .text(let text) = value { name = text }
      if case .mapping(let members) = value {
        given = members.filter { $0.key != "kind" }
        if case .text(let text)? = members.first(where: { $0.key == "kind" })?.value { name = text }
      }
      settings.setExtractor(name, given: given)
    }
  }

  /// Those that are trained, by their names, and the given ones that are registered.
  private static var extractorChoices: [SettingType.Choice] {
    Extractor.allCases.flatMap { extractor -> [SettingType.Choice] in
      switch extractor {
      case .linear: [.init(extractor.rawValue, [])]
      case .convolutional: [.init(extractor.rawValue, ConvolutionSettings.settings.map(\.description))]
      case .voters: [.init(extractor.rawValue, VoterSettings.settings.map(\.description))]
      case .given: KindRegistry.extractors.entries.map { .init($0.name, $0.settings) }
      }
    }
  }

  private var extractorValue: SettingValue {
    switch extractor {
    case .linear, .voters: .text(extractor.rawValue)
    case .convolutional:
      .mapping(
        [.init("kind", .text(extractor.rawValue))]
          + ConvolutionSettings.settings.compactMap { $0.member(of: givenConvolution) })
    case .given: .mapping(given?.members ?? [])
    }
  }

  private mutating func setExtractor(_ name: String, given members: [SettingValue.Member]) {
    given = nil
    switch Extractor(rawValue: name) {
    case .linear: extractor = .linear
    case .convolutional:
      extractor = .convolutional
      Setting.apply(members, of: ConvolutionSettings.settings, to: &givenConvolution)
    case .voters:
      extractor = .voters
      if !members.isEmpty { Setting.apply(members, of: VoterSettings.settings, to: &givenVoters) }
    case .given, nil:
      extractor = .given
      given = ExtractorSpec(
        name, settings: Dictionary(members.map { ($0.key, JSONValue($0.value)) }) { $1 })
    }
  }

  /// Checks an extractor that is given.
  ///
  /// - Parameter keys: Those that were given.
  /// - Throws: ``SettingError`` at the key to blame.
  func validateGiven(given keys: Set<String>) throws(SettingError) {
    guard extractor == .given else { return }
    guard let given else { throw SettingError("a given extractor has a kind", at: "extractor") }
    do { _ = try given.kind() } catch {
      throw SettingError((error as? CopurError)?.message ?? "\(error)", at: "extractor")
    }
    let joint: [(key: String, isGiven: Bool)] = [
      ("extractor_start", extractorStart != .glorot), ("agent_dropout", agentDropout > 0), ("agent_heads", agentHeads),
      ("exchange", exchange != nil), ("attack", attack != nil),
    ]
    if let (key, _) = joint.first(where: \.isGiven) {
      throw SettingError("\(key) is about joint training, and an extractor that is given is not trained", at: key)
    }
    guard given.bringsModels else { return }
    let own: [(key: String, isGiven: Bool)] = [
      ("embedding", keys.contains("embedding")), ("equal_energy", equalEnergy),
    ]
    if let (key, _) = own.first(where: \.isGiven) {
      throw SettingError(
        "\"\(key)\" is about extractors that are trained here, and \(given.name) ones are taken as they are: leave it out",
        at: key)
    }
  }
}

extension ExtractorSpec {
  /// The name under `kind`, and the settings that the kind knows.
  fileprivate var members: [SettingValue.Member] {
    let known = KindRegistry.extractors[name]?.settings ?? []
    let source = JSONSettings(settings)
    let context = KindContext(agents: [], classNames: [])
    return [.init("kind", .text(name))]
      + known.compactMap { setting in
        (try? source.value(of: setting, in: context)).map { .init(setting.key, $0) }
      }
  }
}
