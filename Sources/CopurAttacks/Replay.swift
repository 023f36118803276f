public import CopurCore
internal import CopurNumerics

/// The embedding that the agent honestly sent of another sample; all compromised agents replay the same one.
///
/// With several donors each sample gets the recording, of so many, that does most harm by the decisions of the defence; or
/// keeps the honest blocks if none does any. What is replayed is a genuine embedding, so that nothing that looks at one block can tell it from an honest one.
public struct Replay: AttackKind {
  public static var entry: KindEntry<any AttackKind> {
    KindEntry(
      "replay",
      "Sends the embedding that the agent honestly sent of a training row; with `donors: n` the worst of n for each sample, by "
        + "the decisions of the defence.", Replay())
  }
  public static var settings: [Setting<Replay>] {
    [
      Setting(
        SettingDescription(
          "of", .choiceOrInteger(of: "what is replayed", ["other-class", "any"], 0...1 << 40),
          "a random row of another class, any random row, or the number of one row")
      ) {
        switch $0.source {
        case .otherClass: .text("other-class")
        case .any: .text("any")
        case .row(let row): .integer(row)
        }
      } write: {
        switch $1 {
        case .integer(let row): $0.source = .row(row)
        case .text("any"): $0.source = .any
        default: $0.source = .otherClass
        }
      },
      .integer(
        "donors", \.donors, 1...100_000, "how many recordings are tried, of which each sample gets the worst"),
    ]
  }

  /// The recorded samples that may be sent again.
  public enum Source: Hashable, Sendable {
    /// For each sample a random one of another class.
    case otherClass
    /// For each sample a random one.
    case any
    /// The same for all, by its row number, or with several donors those from it on; counted on from the first row if there
    /// are fewer.
    case row(Int)
  }

  /// The recordings that are sent again.
  public var source: Source

  /// The number of recordings that are tried for each sample; at least 1.
  public var donors: Int

  /// - Parameters:
  ///   - source: Which recordings are sent again.
  ///   - donors: How many are tried for each sample, of which it gets the worst; at least 1.
  public init(source: Source = .otherClass, donors: Int = 1) {
    precondition(donors >= 1)
    self.source = source
    self.donors = donors
  }

  /// One recording is sent blindly; of several the worst is found by asking the defence.
  public var knowledge: AttackKnowledge { donors > 1 ? .decisions : .nothing }
  public var aim: AttackGoal? { donors > 1 ? .untargeted : nil }

  public func craft(_ situation: AttackSituation) -> Proposal {
    let (first, replayed) = replay(in: situation, draw: 0)
    let without = replayed.count { !$0 }
    let warnings = without == 0 ? [] : ["nothing to replay for \(without) of \(replayed.count) samples"]
    guard donors > 1, without < replayed.count else { return Proposal(first, warnings: warnings) }
    var worst = WorstOf(situation: situation, goal: .untargeted)
    worst.consider(first)
    for draw in 1..<donors where !Task.isCancelled { worst.consider(replay(in: situation, draw: draw).embeddings) }
    return Proposal(worst.embeddings, warnings: warnings)
  }

  /// - Parameter draw: Different draws choose different random samples, or, from a given row on, the rows after it.
  /// - Returns: [n, D], and for which samples there was something to replay; others stay as they are.
  func replay(in situation: AttackSituation, draw: Int) -> (embeddings: Matrix, replayed: [Bool]) {
    let recordings = situation.context.recordings
    var embeddings = situation.observation.embeddings
    // What was never sent cannot be sent again.
    let rows = recordings.rows(with: situation.compromised)
    var rowsOfOtherClass: [Int: [Int]] = [:]
    let columns = situation.columns
    let replayed = situation.labels.indices.map { row in
      var generator = situation.generator(for: "replay/\(draw)", row: row)
      let label = situation.labels[row]
      let number: Int?
      switch source {
      case .row(let row): number = rows.isEmpty ? nil : rows[(row + draw) % rows.count]
      case .any: number = rows.randomElement(using: &generator)
      case .otherClass:
        let others = rowsOfOtherClass[label] ?? rows.filter { recordings.labels[$0] != label }
        rowsOfOtherClass[label] = others
        number = others.randomElement(using: &generator)
      }
      guard let number else { return false }
      for column in columns { embeddings[row, column] = recordings.embeddings[number, column] }
      return true
    }
    return (embeddings, replayed)
  }
}
