import CopurCore
import Foundation
import Testing

@Suite("ProtectionRecord")
struct ProtectionRecordTests {
  private func score(_ accuracy: Double, _ balanced: Double, deviation: Double = 0.01) -> ProtectionRecord.Score {
    .init(accuracy: accuracy, balanced: balanced, deviation: deviation, accuracyDeviation: deviation)
  }

  /// - Parameter taken: What was taken, of a default and no defence.
  private func record(
    protected: ProtectionRecord.Score, loss: Double = 0, reason: ProtectionRecord.Reason = .standard, taken: Int = 0
  ) -> ProtectionRecord {
    var vote = ProtectionRecord.Candidate(
      kind: "agent-vote", settings: ["trim": .number(2)], clean: score(0.8, 0.7), protected: protected,
      isCertified: true, certified: [protected, protected, protected], isEligible: loss <= 0.05)
    (vote.loss, vote.lossDeviation, vote.accuracyLoss, vote.accuracyLossDeviation) = (loss, 0.01, loss / 2, 0.01)
    let none = ProtectionRecord.Candidate(
      kind: "unsecured", settings: [:], clean: score(0.81, 0.72), protected: score(0.1, 0.1), isCertified: false,
      certified: [], isEligible: true)
    var record = ProtectionRecord(
      threat: Threat(any: 2), rows: 100, majority: 0.6, classes: 2, cost: 0.05, undefended: none.clean,
      candidates: [vote, none])
    record.candidates[taken].isTaken = true
    record.reason = reason
    return record
  }

  @Test("a constant guess is beaten in balanced accuracy or in accuracy, beyond doubt in either")
  func guess() {
    #expect(record(protected: score(0.5, 0.55)).isWorthwhile)
    #expect(record(protected: score(0.65, 0.45)).isWorthwhile)
    #expect(!record(protected: score(0.61, 0.51)).isWorthwhile)
    #expect(!record(protected: score(0.55, 0.45)).isWorthwhile)
    #expect(!record(protected: score(0.7, 0.6, deviation: 0.06)).isWorthwhile)
  }

  @Test("it says what was chosen and why, and warns of what nobody wants unasked")
  func words() {
    let plain = record(protected: score(0.7, 0.65))
    #expect(plain.choiceWords?.hasPrefix("protect any 2: agent-vote { trim: 2 } was chosen: the default") == true)
    #expect(plain.warnings.isEmpty)
    let costly = record(protected: score(0.7, 0.65), loss: 0.12)
    #expect(
      costly.warnings == [
        "on held-out training rows agent-vote costs 12.0 ± 1.0 points of balanced accuracy without an attack, against no defense",
        "on held-out training rows agent-vote costs 6.0 ± 1.0 points of accuracy without an attack, against no defense",
      ])
    let nothing = record(protected: score(0.4, 0.3), reason: .nothingToProtect)
    #expect(nothing.choiceWords?.contains("the best without an attack") == true)
    #expect(
      nothing.warnings == [
        "nothing to protect here from any 2: of held-out training rows agent-vote keeps 30.0 ± 1.0 % balanced accuracy "
          + "(accuracy 40.0), a constant guess 50.0 (60.0)"
      ])
    let unaffordable = record(protected: score(0.7, 0.65), loss: 0.12, reason: .nothingToProtect, taken: 1).warnings
    #expect(unaffordable.count == 2 && unaffordable[0].contains("unsecured keeps 10.0"))
    #expect(unaffordable[1].hasPrefix("agent-vote { trim: 2 } would protect, 65.0") && unaffordable[1].contains("12.0"))
  }

  @Test("one of an earlier program is read, without what it does not say")
  func earlier() throws {
    let data = try JSONEncoder().encode(record(protected: score(0.7, 0.65)))
    var text = String(decoding: data, as: UTF8.self)
    for key in ["accuracyDeviation", "accuracyLoss", "accuracyLossDeviation", "reason"] {
      text = text.replacing(try Regex("\"\(key)\":[^,}]*,?"), with: "")
    }
    text = text.replacing(",}", with: "}")
    #expect(!text.contains("accuracyLoss") && !text.contains("reason"))
    let read = try JSONDecoder().decode(ProtectionRecord.self, from: Data(text.utf8))
    #expect(read.taken?.kind == "agent-vote" && read.reason == nil && read.isWorthwhile)
    #expect(read.choiceWords?.contains("the default") == true && read.warnings.isEmpty)
  }
}
