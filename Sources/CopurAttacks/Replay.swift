public import CopurCore
internal import CopurNumerics

/// The embedding that the agent honestly sent of another sample; all compromised agents replay the same one.
///
/// What is replayed is a genuine embedding, so that nothing that looks at one block can tell it from an honest one.
public struct Replay: AttackKind {
  public static var entry: KindEntry<any AttackKind> {
    KindEntry("replay", "Sends the embedding that the agent honestly sent of a training row.", Replay())
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
      }
    ]
  }

  /// Which of the recorded samples.
  public enum Source: Hashable, Sendable {
    /// For each sample a random one of another class.
    case otherClass
    /// For each sample a random one.
    case any
    /// The same for all, by its row number; counted on from the first if there are fewer rows.
    case row(Int)
  }

  /// Which recordings are sent again.
  public var source: Source

  /// - Parameter source: Which recordings are sent again.
  public init(source: Source = .otherClass) { self.source = source }

  public func craft(_ situation: AttackSituation) -> Proposal {
    let (embeddings, replayed) = replay(in: situation, draw: 0)
    let without = replayed.count { !$0 }
    return Proposal(
      embeddings, warnings: without == 0 ? [] : ["nothing to replay for \(without) of \(replayed.count) samples"])
  }

  /// - Parameter draw: Different draws choose different random samples.
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
      case .row(let row): number = rows.isEmpty ? nil : rows[row % rows.count]
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
