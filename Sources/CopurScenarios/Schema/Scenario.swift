public import CopurCore
public import CopurDatasets
internal import CopurDefenses

/// What to train, attack and measure: a YAML file, checked.
///
/// | key | value | if left out |
/// | --- | --- | --- |
/// | `name` | the name in results | required |
/// | `dataset` | `kind: extrasensory`, with `user` and `label`, `train_rows`, `keep_last_row`, `standardization` (`training` or `reference`); or `kind: nus-wide`, `mnist` or `fashion-mnist`, with `train_rows`, `test_rows` | required; 2500, false, `training`; all rows |
/// | `agents` | a list of the data set's agents; its order is the model's | all, in the data set's order |
/// | `training` | `extractor`, `embedding`, `epochs`, `batch`, `learning_rate`, `hidden`, `slope`, `optimizer` (`sgd`, `momentum` or `adam`), `fusion: { epochs, learning_rate }`, `validation_rows`; for redundant agents `agent_dropout`, `agent_heads`, `class_balanced`, `equal_energy` | ``TrainingSettings``' defaults |
/// | `manifold` | `kind` (`linear` or `autoencoder`), `code` (`auto` or a number) and, for an autoencoder, `hidden`, `slope`, `epochs`, `learning_rate` | ``ManifoldSettings``' defaults |
/// | `defenses` | a list of ``knownDefenses`` | all of them |
/// | `attacks` | a list; see below | required |
/// | `rounds` | `deadline` (`250ms`, `1.5s`, `1m`), `quorum` | ``RoundSettings``' defaults |
/// | `seeds` | a list of whole numbers from 0 | `[0]` |
///
/// An attack has a `name` and either a `kind` or, to combine several, `all:` with a list of attacks without names:
///
/// | kind | keys | if left out |
/// | --- | --- | --- |
/// | none or `clean` | | |
/// | `missing` | `agents` | required |
/// | `feature-flipping` | `agents`, `amplification` | required; 10 |
/// | `pgd` | `agents`, `goal` (`targeted` or `untargeted`), `step`, `iterations`, `target` (a class's name or number), `direction` (`normalized`, `raw` or `sign`) | required, required; ``PGDSettings``' defaults |
///
/// A list of amplifications stands for as many attacks: `{ name: flip, …, amplification: [1, 10] }` for "flip x1" and
/// "flip x10".
///
/// A file may name other files in its place, of which the first whose data is found is taken: `either: [a.yaml, b.yaml]`,
/// paths relative to the file. That is how one command shows real sensor data where there is some.
public struct Scenario: Hashable, Sendable {
  /// The defences that a scenario may ask for.
  public static let knownDefenses = DefenseCatalog.names

  /// The name in results.
  public let name: String
  /// Which data.
  public let dataset: DatasetSource
  /// The agents; their order is the model's.
  public let agents: [AgentID]
  /// How extractors and fusion model are trained.
  public let training: TrainingSettings
  /// How the manifold is learned.
  public let manifold: ManifoldSettings
  /// The defences to compare, each once.
  public let defenses: [String]
  /// The attacks to play, with different names.
  public let attacks: [AttackSpec]
  /// When rounds are closed.
  public let rounds: RoundSettings
  /// The seeds, each of which is a run of its own.
  public let seeds: [UInt64]
  /// The file's text, as a record of what was run.
  public let source: String
}
