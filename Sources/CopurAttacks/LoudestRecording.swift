internal import CopurCore
internal import CopurNumerics

/// The recording of each liar that speaks loudest against a sample's class, or for the attacker's, to a victim that reads each
/// block by itself: as it was sent, and further out. No gradient is needed, so trees do not hide it.
struct LoudestRecording {
  let situation: AttackSituation
  let goal: AttackGoal

  /// The factors by which recordings are tried.
  private static let factors: [Float] = [1, 3, 30]

  /// Embeddings with the blocks that all liars send, [n, D], for each class that they may speak for; none for other victims, or without recordings.
  var proposals: [Matrix] {
    let recordings = situation.context.recordings
    let (victim, layout) = (situation.victim, situation.observation.layout)
    var candidates: [(block: Int, rows: Matrix, evidence: Matrix)] = []
    for block in situation.compromised {
      let heard = recordings.rows(with: [block])
      guard !heard.isEmpty else { continue }
      let sent = recordings.embeddings.columns(layout[block]).selecting(rows: heard)
      let rows = Self.factors.dropFirst().reduce(sent) { all, factor in
        var further = sent
        for index in further.values.indices { further.values[index] *= factor }
        return all.appending(rows: further)
      }
      guard let evidence = victim.evidence(of: block, in: rows) else { return [] }
      candidates.append((block, rows, evidence))
    }
    guard !candidates.isEmpty else { return [] }
    let targets = goal.targets(labels: situation.labels, classes: victim.classes)
    // Untargeted, a class after the true one, one after the other: liars who speak for the same one harm most.
    return (1..<(targets == nil ? victim.classes : 2)).map { step in
      var proposal = situation.observation.embeddings
      for (block, rows, evidence) in candidates {
        var loudest: [Int: Int] = [:]
        for (sample, label) in situation.labels.enumerated() {
          let other = targets?[sample] ?? (label + step) % victim.classes
          guard other != label else { continue }
          let key = label * victim.classes + other
          let row = loudest[key] ?? Self.loudest(for: other, over: label, evidence)
          loudest[key] = row
          for (place, column) in layout[block].enumerated() { proposal[sample, column] = rows[row, place] }
        }
      }
      return proposal
    }
  }

  private static func loudest(for other: Int, over label: Int, _ evidence: Matrix) -> Int {
    (0..<evidence.rows).max { one, two in
      evidence[one, other] - evidence[one, label] < evidence[two, other] - evidence[two, label]
    } ?? 0
  }
}
