public import CopurCore
internal import CopurNumerics
internal import Logging
internal import Synchronization

extension FusionCenter {
  /// Puts another model in the place of the one that decides.
  ///
  /// A batch of rounds that is being decided is finished by the old model, everything after it is decided by the new one,
  /// and every verdict names the one that decided it. Nothing waits, no stream ends, no session changes its defence.
  ///
  /// Agents that introduce themselves with the version of any model that this fusion center has served go on: their
  /// embeddings must mean the same to the new model. So the caller makes sure that the agents' extractors are the same.
  ///
  /// - Parameters:
  ///   - version: Names the new model's content.
  ///   - defenses: As many as before, of the same names in the same order.
  /// - Throws: ``CopurError`` of code `.configuration` if the model does not fit the agents and sessions that there are;
  ///   the old one then stays.
  public func reload(roster: AgentRoster, version: String, defenses: [any Defense]) throws {
    guard !version.isEmpty else { throw CopurError(.configuration, "a model has a version (actual: \"\")") }
    guard roster == configuration.roster else {
      throw CopurError(
        .configuration,
        "a model is exchanged for one of the same agents and widths (served: \(Self.described(configuration.roster)), "
          + "new: \(Self.described(roster)))")
    }
    let names = configuration.defenses.map(\.name)
    guard defenses.map(\.name) == names, defenses.allSatisfy({ $0.layout == roster.layout }) else {
      throw CopurError(
        .configuration,
        "a model is exchanged for one with the same defences (served: \(names), new: \(defenses.map(\.name)))")
    }
    let model = ServedModel(
      roster: roster, version: version, defenses: defenses, quorum: configuration.quorum,
      certification: configuration.certification)
    let old = state.withLock { state in
      defer {
        state.model = model
        state.versions.insert(version)
      }
      return state.model.version
    }
    logger.notice("another model decides", metadata: ["old": "\(old)", "new": "\(version)"])
  }

  private static func described(_ roster: AgentRoster) -> String {
    let agents = zip(roster.agents, roster.layout.widths).prefix(16).map { "\($0) \($1)" }
    return "\(roster.count) agents: " + agents.joined(separator: ", ") + (roster.count > 16 ? ", …" : "")
  }
}
