import CopurCore
import CopurNumerics
import CopurWire
import SwiftProtobuf
import Testing

private let agent = try! AgentID("time")

private func batch(_ samples: [UInt64], _ values: [Float], width: Int, limit: Int = 10) throws -> BlockBatch {
  var message = Copur_V1_ContributeRequest()
  message.session = "s"
  message.samples = samples
  message.values = values
  return try BlockBatch(message, agent: agent, width: width, maximumSamples: limit)
}

@Suite struct BlockBatchTests {
  @Test func blocksLieInTheOrderOfTheSamples() throws {
    let batch = try batch([9, 4], [1, 2, 3, 4], width: 2)
    #expect(batch.refusals.isEmpty && batch.samples == [9, 4])
    #expect(Array(batch[0]) == [1, 2] && Array(batch[1]) == [3, 4])
  }

  @Test(
    arguments: [
      ([1, 2], 3, 2), ([1], 0, 2), ([1, 2, 3], 2, 1), ([1], 1, 1 << 20), ([1, 2], 4, .max),
    ] as [([UInt64], Int, Int)])
  func aWrongWidthRefusesEveryBlock(samples: [UInt64], values: Int, width: Int) throws {
    let batch = try batch(samples, [Float](repeating: 1, count: values), width: width)
    #expect(batch.refusals.count == samples.count)
    #expect(batch.refusals.allSatisfy { $0?.hasPrefix("agent time: a block is \(width) wide (samples: ") == true })
  }

  @Test func onlyTheBlockThatIsNotFiniteIsRefused() throws {
    for bad in [Float.nan, .signalingNaN, .infinity, -.infinity] {
      let batch = try batch([5, 6, 7], [1, 2, 3, bad, 5, 6], width: 2)
      #expect(batch.refusals[0] == nil && batch.refusals[2] == nil)
      #expect(batch.refusals[1] == "agent time: every value is finite (sample 6, value 1: \(bad))")
    }
  }

  @Test func extremeNumbersAreFinite() throws {
    let values: [Float] = [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, -0.0]
    #expect(try batch([1], values, width: 4).refusals.isEmpty)
  }

  @Test func tooManySamplesAreALimit() {
    let error = #expect(throws: WireError.self) { try batch(Array(0..<11), [], width: 1) }
    #expect(error?.isLimit == true && error?.field == "ContributeRequest.samples")
  }

  /// Whatever bytes come: a message, or an error; never a trap.
  @Test(arguments: 0..<200) func randomBytesDoNotTrap(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var message = Copur_V1_ContributeRequest()
    message.agent = "time"
    message.session = "s"
    message.samples = [1, 2, 3]
    message.values = [1, 2, 3, 4, 5, 6]
    var bytes: [UInt8] = (try? message.serializedBytes()) ?? []
    for _ in 0..<4 {
      bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
    }
    bytes.removeLast(Int(generator.next() % 4))
    guard let damaged = try? Copur_V1_ContributeRequest(serializedBytes: bytes),
      let batch = try? BlockBatch(damaged, agent: agent, width: 2, maximumSamples: 10)
    else { return }
    #expect(batch.refusals.isEmpty || batch.refusals.count == batch.samples.count, "seed \(seed)")
    for position in batch.samples.indices where batch.refusals.isEmpty || batch.refusals[position] == nil {
      #expect(batch[position].allSatisfy { $0.isFinite }, "seed \(seed)")
    }
  }
}
