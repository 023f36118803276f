public import CopurAttacks
public import CopurCore
internal import CopurNumerics
internal import CopurWire

/// An attack in a program of its own, in any language.
public struct ExternalAttack: AttackKind, Fallible {
  public static var entry: KindEntry<any AttackKind> {
    KindEntry(
      "external", "An attack in a program of its own, in any language (Protocols/copur/v1/plugin.proto).",
      ExternalAttack())
  }
  public static var settings: [Setting<ExternalAttack>] {
    ProgramLocation.settings(at: \.location) + [
      .choice(
        "knowledge", \.knowledge, of: "what the attacker knows",
        "what the program may ask: `nothing`; `model`: probabilities, losses and gradients of the fusion model; `decisions`: "
          + "probabilities of the defence; `defense`: losses and gradients of the defence, too")
    ]
  }

  /// The program.
  public var location = ProgramLocation()
  public var knowledge = AttackKnowledge.nothing

  /// No program yet.
  public init() {}

  public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
    try location.validate()
  }

  public var failure: CopurError? { Self.programs.failure(of: self) }

  /// Ends the programs of all attacks; the next attack starts its own anew.
  public static func endPrograms() { programs.endAll() }

  public func craft(_ situation: AttackSituation) -> Proposal {
    let layout = situation.observation.layout
    do {
      let program = try self.program(for: situation)
      var request = Copur_V1_PluginRequest()
      request.attack.blocks = Copur_V1_PluginBlocks(situation.observation)
      request.attack.compromised = situation.compromised.map { UInt32($0) }
      request.attack.labels = situation.labels.map { UInt32($0) }
      request.attack.seed = situation.context.seed
      let reply = try program.ask(request) { question in
        guard knowledge != .nothing else {
          throw CopurError(.protocolViolation, "an attack that knows nothing has nothing to ask, by `knowledge`")
        }
        return try question.answer(
          of: situation.victim, layout: layout, hasGradients: knowledge != .decisions, seed: situation.context.seed)
      }
      guard case .proposal(let proposed) = reply else { throw program.unexpected("a proposal") }
      let (n, width) = (situation.observation.samples, layout.totalWidth)
      guard proposed.embeddings.count == n * width else {
        throw program.unexpected("\(width) numbers a sample (samples: \(n), numbers: \(proposed.embeddings.count))")
      }
      guard proposed.embeddings.allSatisfy({ !$0.isNaN }) else {
        throw program.unexpected("numbers that are not NaN")
      }
      return Proposal(
        Matrix(rows: n, columns: width, values: proposed.embeddings), warnings: proposed.warnings)
    } catch {
      // Whoever uses it asks for the failure, which the program keeps; this is not looked at.
      return Proposal(situation.observation.embeddings)
    }
  }

  // MARK: Programs

  /// By the attack, so that one program serves all trials of a run.
  private static let programs = SharedPrograms<ExternalAttack>()

  private func program(for situation: AttackSituation) throws -> PluginProgram {
    try Self.programs.program(for: self) {
      var open = Copur_V1_PluginOpen()
      open.role = .attack
      open.agents = situation.observation.layout.widths.map { width in
        var agent = Copur_V1_PluginAgent()
        agent.width = UInt32(width)
        return agent
      }
      open.classes = (0..<situation.victim.classes).map { "\($0)" }
      return try PluginProgram(location, open)
    }
  }
}
