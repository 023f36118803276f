public import CopurCore
public import CopurDatasets
public import CopurDefenses
public import CopurLaunch

/// A scenario, what to train, attack and measure: a YAML file, checked.
///
/// All kinds and keys with their ranges and defaults stand in the documentation's page "Scenario reference", which
/// `copur schema --reference` writes from the kinds themselves.
///
/// | key | value | if left out |
/// | --- | --- | --- |
/// | `name` | the name in results | required |
/// | `dataset` | a kind and its keys | required |
/// | `agents` | a list of the data set's agents; its order is the model's | all, in the data set's order |
/// | `training` | ``TrainingSettings``, with `alternatives:` | the paper's |
/// | `manifold` | ``ManifoldSettings`` | linear, `code: auto` |
/// | `protect` | ``Threat``: how many agents may lie, or which | `{ any: 1 }` |
/// | `defenses` | a list; see below | `[unsecured, manifold-projection, copur-paper, copur]` |
/// | `attacks` | a list; see below | required, or a timeline in its place |
/// | `timeline` | `duration`, `rate` (rounds a second), `events`; see below | |
/// | `rounds` | ``RoundSettings`` | `{ quorum: 1, certify: cheap }`, `deadline: 250ms` or as measured with over 32 agents |
/// | `launch` | a kind, `local`, `slurm` or `ssh`, and its keys | `{ kind: local }` |
/// | `seeds` | a list of whole numbers from 0 | `[0]` |
/// | `sweep` | ``Sweep``: keys with the values that they take | one run |
///
/// An attack has a `name` and either a `kind` or, to combine several, `all:` with a list of attacks without names.
///
/// `pgd` differentiates the fusion model alone, as in the paper. `adaptive-pgd` and `black-box` attack the whole defence,
/// the first with gradients through it, the second by asking it. A replayed embedding is one of a training row. The worst
/// agents are searched for each sample by itself: at most `budget` of `agents`, by trying every choice if there are no more
/// than `limit`, else one agent at a time; the column `search` says which.
///
/// In place of a list of names `agents: { any: q }` stands for the worst q agents at most, searched for in the same way, of
/// all or `of:` some: `{ kind: adaptive-pgd, agents: { any: 1 } }` is what one agent can do at the most, whichever it is,
/// with silence among what it may do.
///
/// A defence is the name of its kind, or a mapping with its `kind` and settings, and a `name` for results if there are
/// several of a kind: `{ kind: adversarial-training, goal: targeted, name: at-targeted }`.
///
/// Any of them may have a `training` and a `manifold` of its own, of which only the keys that differ from the scenario's
/// are given: `{ kind: copur, training: { optimizer: adam, agent_dropout: 0.3 } }`. It then has a bundle, and in a run over
/// the network processes, of its own.
///
/// Each of a training's `alternatives` gives the keys that differ, too: `alternatives: [{ agent_heads: true }]`. All are
/// trained without the held-out training rows and judged on them, as the candidates for `code: auto` are; the first within a
/// point of the best is taken.
///
/// `oracle` and `randomized-smoothing-block` know who lies, so that only a run in one process has them.
///
/// A list of amplifications stands for as many attacks: `{ name: flip, …, amplification: [1, 10] }` for "flip x1" and
/// "flip x10".
///
/// A timeline drives a running service in place of attacks that are played one after the other. An event has a time `at`,
/// `agents`, and the `kind` of what they do from then on: `missing`, `feature-flipping` (with its `amplification`), or
/// `clean`. Results have a row for each time between events. Rounds flow at the set rate, row after row of the test data and
/// again from the first; an agent that is late is missing.
///
/// ```yaml
/// timeline:
///   duration: 90s
///   rate: 20
///   events:
///     - { at: 30s, kind: missing, agents: [audio] }
///     - { at: 60s, kind: feature-flipping, agents: [time], amplification: 10 }
/// ```
///
/// A file may name other files in its place, of which the first whose data is found is taken: `either: [a.yaml, b.yaml]`,
/// paths relative to the file. That is how one command shows real sensor data where there is some.
public struct Scenario: Hashable, Sendable {
  /// The name in results.
  public let name: String
  /// The data set.
  public let dataset: DatasetSource
  /// The agents; their order is the model's.
  public let agents: [AgentID]
  /// The settings of extractors and fusion model, for defences without a training of their own.
  public let training: TrainingSettings
  /// The settings of the manifold, for defences without a manifold of their own.
  public let manifold: ManifoldSettings
  /// Who it wants to be protected from; any one agent if it does not say.
  public let threat: Threat
  /// The defences to compare, with different names.
  public let defenses: [DefenseSpec]
  /// The attacks to play, with different names; none if there is a timeline.
  public let attacks: [AttackSpec]
  /// The events in the life of a running service; nil if attacks are played.
  public let timeline: Timeline?
  /// The rules by which rounds are closed.
  public let rounds: RoundSettings
  /// The machines that processes run on; no part of what is measured.
  public let launch: LaunchSettings
  /// The seeds, each of which is a run of its own.
  public internal(set) var seeds: [UInt64]
  /// The changes by settings of the command line, such as `training.embedding=16`; but for the machines.
  public let settings: [String]
  /// The point of a sweep that this is; nil for a scenario without one.
  public internal(set) var point: String?
  /// The file's text, as a record of what was run: without the `launch:` section.
  public let source: String
}
