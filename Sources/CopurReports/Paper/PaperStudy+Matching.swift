internal import CopurCore

extension PaperStudy {
  /// The study of a data set; nil if the paper has none.
  ///
  /// - Parameter dataset: The data set's name in results.
  init?(dataset: String) {
    guard let study = PaperResults.studies.first(where: { $0.dataset == dataset }) else { return nil }
    self = study
  }

  /// Whether a run is on the paper's part of the data set.
  func covers(_ record: RunRecord) -> Bool {
    guard record.dataset == dataset else { return false }
    guard !part.isEmpty else { return true }
    guard case .object(let source) = record.datasetSource else { return false }
    return part.allSatisfy { source[$0.key] == .string($0.value) }
  }

  /// The paper's numbers of agents; nil if one is none of its.
  func numbers(of names: [String]) -> Set<Int>? {
    var numbers: Set<Int> = []
    for name in names {
      guard let index = agents.firstIndex(of: name) else { return nil }
      numbers.insert(index + 1)
    }
    return numbers
  }

  /// Whether an attack is a row's: by who is silent, who lies, how, and what for.
  func matches(_ row: Row, _ attack: RunResults.Attack) -> Bool {
    guard numbers(of: attack.missing) == row.missing, numbers(of: attack.compromised) == row.compromised else {
      return false
    }
    let silence = row.missing.isEmpty ? [] : ["missing"]
    return switch row.attack {
    case .none: attack.kinds == silence
    case .targeted: attack.kinds == silence + ["pgd"] && attack.goal == "targeted"
    case .untargeted: attack.kinds == silence + ["feature-flipping"] && attack.amplification == 10
    }
  }

  /// The paper's figure beside a defence of ours in a row; nil if it has nothing like it.
  ///
  /// Its one column of adversarial training stands for the training whose goal is the attack's; which of the two is meant
  /// where nobody lies it does not say, so both are compared there.
  func result(_ row: Row, for defense: RunRecord.Defense) -> (mean: Double, deviation: Double)? {
    guard let column = Column(kind: defense.kind) else { return nil }
    if let goal = defense.goal, row.attack != .none, row.attack.rawValue != goal { return nil }
    return row.results[column.rawValue]
  }
}
