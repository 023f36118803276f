public import CopurCore
public import CopurDefenses
public import CopurNumerics
internal import CopurWire
internal import Synchronization

/// A defence in a program of its own, in any language.
///
/// It is held to the rules of all defences: what is missing is 0 and cannot be told from any other 0, probabilities sum to 1,
/// and a sample is decided alike in any batch, which is checked at the first one.
public final class ExternalDefense: Defense, Fallible {
  /// The kind, as scenarios spell it.
  public static let name = "external"
  public let name: String
  public let layout: BlockLayout
  private let classes: Int
  /// The model that answers the program's questions.
  private let model: FusionModel
  private let program: PluginProgram
  private let isChecked = Mutex(false)

  /// - Throws: ``CopurError`` of code `.unavailable` if the program cannot be started or does not answer.
  init(name: String, bundle: ModelBundle, location: ProgramLocation) throws {
    self.name = name
    layout = bundle.roster.layout
    classes = bundle.manifest.classes.count
    model = bundle.jointModel
    program = try PluginProgram(
      location, Copur_V1_PluginOpen(.defense, roster: bundle.roster, classes: bundle.manifest.classes))
  }

  public var failure: CopurError? { program.failure }

  public func decide(_ observation: Observation) -> [Decision] {
    do {
      let decisions = try asked(observation)
      let isFirst = isChecked.withLock { isChecked in
        defer { isChecked = isChecked || observation.samples > 1 }
        return !isChecked && observation.samples > 1
      }
      if isFirst, !Self.areAlike(try asked(observation.selecting([0]))[0], decisions[0]) {
        throw program.unexpected("that a sample is decided alike alone and in a batch of \(observation.samples)")
      }
      return decisions
    } catch {
      // Whoever uses it asks for the failure; these are not looked at.
      _ = program.fail(error)
      let uniform = [Float](repeating: 1 / Float(classes), count: classes)
      return [Decision](repeating: Decision(label: 0, probabilities: uniform), count: observation.samples)
    }
  }

  /// Whether two decisions are the same but for rounding: libraries add in another order in a batch of another size.
  private static func areAlike(_ one: Decision, _ other: Decision) -> Bool {
    one.label == other.label && one.suspects == other.suspects
      && zip(one.probabilities, other.probabilities).allSatisfy { abs($0 - $1) < 1e-4 }
  }

  private func asked(_ observation: Observation) throws -> [Decision] {
    var request = Copur_V1_PluginRequest()
    request.decide = Copur_V1_PluginBlocks(observation)
    let reply = try program.ask(request) { question in
      try question.answer(of: model, layout: layout, hasGradients: true)
    }
    guard case .decisions(let decided) = reply else { throw program.unexpected("decisions") }
    let (n, agents) = (observation.samples, layout.count)
    guard decided.probabilities.count == n * classes, decided.suspects.isEmpty || decided.suspects.count == n * agents
    else {
      throw program.unexpected(
        "\(classes) probabilities a sample, and \(agents) flags of suspects or none (samples: \(n), probabilities: "
          + "\(decided.probabilities.count), flags: \(decided.suspects.count))")
    }
    return try (0..<n).map { sample in
      let probabilities = Array(decided.probabilities[sample * classes..<(sample + 1) * classes])
      guard probabilities.allSatisfy({ $0 >= 0 && $0.isFinite }), abs(probabilities.reduce(0, +) - 1) < 1e-3 else {
        throw program.unexpected("probabilities of 0 or more that sum to 1 (sample \(sample): \(probabilities))")
      }
      let suspects =
        decided.suspects.isEmpty
        ? nil
        : (0..<agents).map { decided.suspects[sample * agents + $0] && observation.isObserved(block: $0, of: sample) }
      return Decision(
        label: probabilities.firstIndex(of: probabilities.max() ?? 0) ?? 0, probabilities: probabilities,
        suspects: suspects)
    }
  }
}

extension ExternalDefense {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        ExternalDefense.name, "A defence in a program of its own, in any language (Protocols/copur/v1/plugin.proto).",
        Settings())
    }
    public static var settings: [Setting<Settings>] { ProgramLocation.settings(at: \.location) }
    public var kind: String { ExternalDefense.name }
    /// The program.
    public var location = ProgramLocation()

    /// No program yet.
    public init() {}

    public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
      try location.validate()
    }

    public func make(named name: String, from bundle: ModelBundle) throws -> any Defense {
      try ExternalDefense(name: name, bundle: bundle, location: location)
    }
  }
}
