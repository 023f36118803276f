import CopurAgent
import CopurWire
import Testing

private func blocks(
  _ samples: [UInt64], in session: String = "s", ticket: Int = 1, perMessage: Int = 1
) -> [SendWindow.Block] {
  samples.map {
    SendWindow.Block(
      session: session, sample: $0, values: [Float($0)], ticket: ticket, samplesPerMessage: perMessage)
  }
}

private func accepted(_ samples: [UInt64], in session: String = "s") -> Receipt {
  Receipt(session: session, samples: samples, status: .accepted)
}

@Suite struct SendWindowTests {
  @Test func noMoreInFlightThanTheWindow() {
    var window = SendWindow(limit: 3)
    window.queued(blocks([1, 2, 3, 4, 5]))
    #expect(window.nextMessages().map(\.samples) == [[1], [2], [3]])
    #expect(window.nextMessages().isEmpty && window.inFlightCount == 3)
    #expect(window.receiptCame(accepted([2])).map(\.ticket) == [1])
    #expect(window.nextMessages().map(\.samples) == [[4]])
    #expect(window.receiptCame(accepted([1, 3, 4])).map(\.ticket) == [1, 1, 1])
    #expect(window.nextMessages().map(\.samples) == [[5]])
    #expect(!window.isEmpty)
    #expect(window.receiptCame(accepted([5])).map(\.ticket) == [1])
    #expect(window.isEmpty)
  }

  @Test func messagesHoldNeighboursOfOneCallAndSession() {
    var window = SendWindow(limit: 100)
    window.queued(blocks([1, 2, 3, 4, 5], perMessage: 2))
    window.queued(blocks([6, 7], in: "t", ticket: 2, perMessage: 9))
    window.queued(blocks([8], in: "t", ticket: 3, perMessage: 9))
    let messages = window.nextMessages()
    #expect(messages.map(\.samples) == [[1, 2], [3, 4], [5], [6, 7], [8]])
    #expect(messages.map(\.values) == [[1, 2], [3, 4], [5], [6, 7], [8]])
    #expect(messages.map(\.session) == ["s", "s", "s", "t", "t"])
    window.connectionLost()
    #expect(window.nextMessages(samplesPerMessage: 1).map(\.samples) == [[1], [2], [3], [4], [5], [6], [7], [8]])
  }

  @Test func silencesTravelBesideBlocks() {
    func silence(_ sample: UInt64) -> SendWindow.Block {
      SendWindow.Block(session: "s", sample: sample, values: [], ticket: 1, samplesPerMessage: 3)
    }
    var window = SendWindow(limit: 100)
    window.queued([silence(1)] + blocks([2, 3], perMessage: 3) + [silence(4)])
    let messages = window.nextMessages()
    #expect(messages.map(\.samples) == [[2, 3], []] && messages.map(\.silent) == [[1], [4]])
    #expect(messages[0].values == [2, 3])
    #expect(window.receiptCame(accepted([1, 2, 3, 4])).map(\.sample) == [1, 2, 3, 4])
    #expect(window.isEmpty)
    // A fusion center of before there was such a word would never answer it.
    window.queued([silence(5)] + blocks([6]))
    #expect(window.nextMessages(takesSilence: false).map(\.samples) == [[6]])
    #expect(window.takeSkipped().map(\.sample) == [5] && window.takeSkipped().isEmpty)
  }

  /// Only what has no receipt is sent again, in the old order, before what was never sent.
  @Test func aLostConnectionSendsAgainWhatHasNoReceipt() {
    var window = SendWindow(limit: 4)
    window.queued(blocks([5, 3, 9, 1, 7]))
    _ = window.nextMessages()
    #expect(window.receiptCame(accepted([3])).map(\.ticket) == [1])
    window.connectionLost()
    #expect(window.inFlightCount == 0)
    #expect(window.nextMessages().flatMap(\.samples) == [5, 9, 1, 7])
  }

  @Test func aSampleThatWasSentTwiceIsAnsweredInOrder() {
    var window = SendWindow(limit: 10)
    window.queued(blocks([1], ticket: 1))
    window.queued(blocks([1], ticket: 2))
    #expect(window.nextMessages().count == 2)
    #expect(window.receiptCame(accepted([1])).map(\.ticket) == [1])
    #expect(window.receiptCame(accepted([1])).map(\.ticket) == [2])
    #expect(window.receiptCame(accepted([1])).isEmpty)
    #expect(window.isEmpty)
  }

  @Test func receiptsInAnotherOrderFindTheirBlocks() {
    var window = SendWindow(limit: 10)
    window.queued(blocks([1, 2], ticket: 1))
    window.queued(blocks([2, 1], in: "t", ticket: 2))
    window.queued(blocks([1], ticket: 3))
    _ = window.nextMessages()
    #expect(window.receiptCame(accepted([2, 1], in: "t")).map(\.ticket) == [2, 2])
    #expect(window.receiptCame(accepted([2])).map(\.ticket) == [1])
    // The earlier of two that are alike, though the later one follows the last answer.
    #expect(window.receiptCame(accepted([1, 1])).map(\.ticket) == [1, 3])
    #expect(window.isEmpty)
  }

  @Test func receiptsOfOthersChangeNothing() {
    var window = SendWindow(limit: 10)
    window.queued(blocks([1]))
    #expect(window.receiptCame(accepted([1])).isEmpty, "not sent yet")
    _ = window.nextMessages()
    #expect(window.receiptCame(accepted([2])).isEmpty)
    #expect(window.receiptCame(accepted([1], in: "t")).isEmpty)
    #expect(window.inFlightCount == 1)
  }

  @Test func aWithdrawnCallIsNotSent() {
    var window = SendWindow(limit: 1)
    window.queued(blocks([1, 2], ticket: 1))
    window.queued(blocks([3], ticket: 2))
    _ = window.nextMessages()
    window.withdrawn(ticket: 1)
    #expect(window.receiptCame(accepted([1])).map(\.ticket) == [1])
    #expect(window.nextMessages().flatMap(\.samples) == [3])
  }
}

@Suite struct BackoffTests {
  @Test func growsToItsLongestAndStartsAgain() {
    var settings = Backoff.Settings()
    settings.jitter = 0
    var backoff = Backoff(settings, seed: 1, name: "a")
    let waits = (0..<14).map { _ in backoff.failed() / .seconds(1) }
    #expect(abs(waits[0] - 1) < 1e-9 && abs(waits[1] - 1.6) < 1e-9 && abs(waits[2] - 2.56) < 1e-9)
    #expect(abs(waits[13] - 120) < 1e-9)
    backoff.succeeded()
    #expect(backoff.failed() == .seconds(1))
  }

  @Test func jitterStaysWithinItsFractionAndFollowsFromTheSeed() {
    func waits(_ seed: UInt64, _ name: String = "a") -> [Double] {
      var settings = Backoff.Settings()
      settings.factor = 1
      var backoff = Backoff(settings, seed: seed, name: name)
      return (0..<1000).map { _ in backoff.failed() / .seconds(1) }
    }
    #expect(waits(1).allSatisfy { (0.8...1.2).contains($0) })
    #expect(waits(1).min()! < 0.85 && waits(1).max()! > 1.15)
    #expect(waits(1) == waits(1) && waits(1) != waits(2))
    // All agents had one seed, and came back in step.
    #expect(waits(1, "a") != waits(1, "b"))
  }
}
