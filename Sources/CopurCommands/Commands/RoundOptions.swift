import ArgumentParser
import CopurCore
import CopurFusionCenter
import Logging

/// Options for when sessions open, and when rounds are closed and decided.
struct RoundOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How long a round waits once more agents have spoken than may lie: 250ms, 1.5s, 1m.", valueName: "time"))
  var deadline = DurationOption(.milliseconds(250))

  @Option(
    help: ArgumentHelp(
      """
      How many agents may lie, whichever they are: so many can neither decide a round nor start its clock. (default: what \
      the bundle's scenario is to be protected from, or 1)
      """, valueName: "n"))
  var liars: Int?

  @Option(
    help: ArgumentHelp(
      """
      The fewest blocks that give a verdict. (default: what so many liars can neither have alone nor deny, half of the \
      agents and the liars, or all but the liars if that is less)
      """, valueName: "n"))
  var quorum: Int?

  @Option(
    help: ArgumentHelp(
      """
      How long a session waits for its agents after the last of them came, before it goes on with those that are there; 0s: \
      not at all.
      """, valueName: "time"))
  var sessionWait = DurationOption(RoundPatience().sessionWait)

  @Option(
    help: ArgumentHelp(
      "How long rounds wait for an agent that has no stream, so that it can connect again; then it is missing at once.",
      valueName: "time"))
  var reconnectGrace = DurationOption(.seconds(2))

  @Option(
    help: ArgumentHelp(
      "The longest that a round goes on after its deadline for agents that are behind and deliver; 0s: not at all.",
      valueName: "time"))
  var catchUp = DurationOption(RoundPatience().catchUp)

  @Option(
    help: ArgumentHelp(
      "Have the deadline follow the agents' delays, from this time up to --deadline. (default: it is always --deadline)",
      valueName: "time"))
  var shortestDeadline: DurationOption?

  /// The patience of sessions and rounds.
  var patience: RoundPatience {
    var patience = RoundPatience()
    patience.sessionWait = sessionWait.duration
    patience.reconnectGrace = reconnectGrace.duration
    patience.catchUp = catchUp.duration
    patience.shortestDeadline = shortestDeadline?.duration
    return patience
  }

  /// The number of a bundle's agents that may lie.
  func liars(in bundle: ModelBundle) -> Int {
    let threat = bundle.manifest.protection?.threat ?? .standard
    return liars ?? min(max(threat.any, threat.agents.count), bundle.roster.count - 1)
  }

  /// The fewest blocks that give a verdict.
  func quorum(in bundle: ModelBundle) -> Int {
    quorum
      ?? Quorum.fitting(
        agents: bundle.roster.count, liars: liars(in: bundle), missing: bundle.manifest.protection?.threat.missing ?? 0)
  }

  /// Says what the rules are, and what they do not hold against.
  func tell(_ configuration: FusionCenterConfiguration, to logger: Logger) {
    let (liars, quorum, agents) = (configuration.liars, configuration.quorum, configuration.roster.count)
    logger.info(
      "rounds", metadata: ["agents": "\(agents)", "liars": "\(liars)", "quorum": "\(quorum)"])
    if quorum <= liars {
      logger.warning(
        "as many agents as may lie decide a round alone", metadata: ["quorum": "\(quorum)", "liars": "\(liars)"])
    } else if quorum > agents - liars {
      logger.warning(
        "as many agents as may lie deny every verdict by silence",
        metadata: ["quorum": "\(quorum)", "liars": "\(liars)"])
    }
  }
}
