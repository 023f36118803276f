internal import CopurCore

/// Which of a run's attacks are the paper's.
extension PaperResults {
  /// How a run's rows relate to the paper's.
  enum Subject {
    /// The paper's user and label.
    case same
    /// The paper's agents on somebody else's data.
    case otherUser
    /// Another data set.
    case unrelated
  }

  /// How a run's rows relate to the paper's.
  static func subject(of record: RunRecord) -> Subject {
    guard record.dataset == dataset else { return .unrelated }
    guard case .object(let source) = record.datasetSource, source["user"] == .string(user),
      source["label"] == .string(label)
    else { return .otherUser }
    return .same
  }

  /// The paper's numbers of agents; nil if one is none of its.
  static func numbers(of names: [String]) -> Set<Int>? {
    var numbers: Set<Int> = []
    for name in names {
      guard let index = agents.firstIndex(of: name) else { return nil }
      numbers.insert(index + 1)
    }
    return numbers
  }
}

extension PaperResults.Row {
  /// Whether an attack is this row's: by who is silent, who lies, how, and what for.
  func matches(_ other: RunResults.Attack) -> Bool {
    guard PaperResults.numbers(of: other.missing) == missing,
      PaperResults.numbers(of: other.compromised) == compromised
    else { return false }
    let silence = missing.isEmpty ? [] : ["missing"]
    return switch attack {
    case .none: other.isClean
    case .missing: other.kinds == ["missing"]
    case .targeted: other.kinds == silence + ["pgd"] && other.goal == "targeted"
    case .untargeted: other.kinds == silence + ["feature-flipping"] && other.amplification == 10
    }
  }
}
