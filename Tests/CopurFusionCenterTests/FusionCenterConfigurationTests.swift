import CopurCore
import CopurFusionCenter
import CopurNumerics
import Testing

@Suite struct FusionCenterConfigurationTests {
  @Test func theIdleTimeoutIsTenDeadlinesUnlessItIsGiven() throws {
    let configuration = try configuration()
    #expect(configuration.deadline == .milliseconds(250) && configuration.idleTimeout == .milliseconds(2500))
  }

  /// A quorum of 1 was the default: one agent that lies was enough for a verdict.
  @Test func theQuorumFitsWhoMayLieUnlessItIsGiven() throws {
    let configuration = try FusionCenterConfiguration(roster: roster, modelVersion: "m1", defenses: [ToyDefense()])
    #expect(configuration.quorum == 2 && configuration.liars == 1 && configuration.speakers == 2)
    #expect(try make(quorum: 1).speakers == 1, "whoever lets one agent decide does not wait for a second")
  }

  @Test func rules() {
    let narrow = ToyDefense(layout: BlockLayout(widths: [2, 1]))
    let cases: [(String, () throws -> FusionCenterConfiguration)] = [
      ("a model has a version", { try make(modelVersion: "") }),
      ("at least one defence (actual: 0)", { try make(defenses: []) }),
      ("a defence is named once (actual: [\"toy\", \"toy\"])", { try make(defenses: [ToyDefense(), ToyDefense()]) }),
      ("expects the agents' widths (agents: [2, 1, 3], \"toy\": [2, 1])", { try make(defenses: [narrow]) }),
      ("a round's deadline is over 0", { try make(deadline: .zero) }),
      ("the idle timeout is at least the deadline", { try make(idleTimeout: .milliseconds(249)) }),
      ("a quorum is 1 to the number of agents, 3 (actual: 0)", { try make(quorum: 0) }),
      ("a quorum is 1 to the number of agents, 3 (actual: 4)", { try make(quorum: 4) }),
      ("a batch has at least one round (actual: 0)", { try make(batch: 0) }),
      ("a batch's delay is 0 to 1 s (actual: 1.001 seconds)", { try make(batchDelay: .milliseconds(1001)) }),
      ("a message's limit is 1 KiB to 1 GiB (actual: 1023 bytes)", { try make(maximumMessageBytes: 1023) }),
    ]
    for (text, make) in cases {
      let error = #expect(throws: CopurError.self) { try make() }
      #expect(error?.code == .configuration && error?.message.contains(text) == true, "\(error?.message ?? "")")
    }
  }
}

private func make(
  modelVersion: String = "m1", defenses: [any Defense] = [ToyDefense()], deadline: Duration = .milliseconds(250),
  idleTimeout: Duration? = nil, quorum: Int = 1, batch: Int = 1, batchDelay: Duration = .zero,
  maximumMessageBytes: Int = 1024
) throws -> FusionCenterConfiguration {
  try FusionCenterConfiguration(
    roster: roster, modelVersion: modelVersion, defenses: defenses, deadline: deadline, idleTimeout: idleTimeout,
    quorum: quorum, batch: batch, batchDelay: batchDelay, maximumMessageBytes: maximumMessageBytes)
}
