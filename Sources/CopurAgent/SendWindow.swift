package import CopurWire
internal import DequeModule

/// The blocks that an agent still owes the fusion center, in order: those in flight and those not yet sent.
///
/// A block leaves when its receipt comes, and only then; when a connection is lost, whatever was in flight goes back to
/// the front. It is a value without a socket.
package struct SendWindow {
  /// A block to send.
  package struct Block: Hashable, Sendable {
    package let session: String
    package let sample: UInt64
    /// None: the agent says that it has no reading of the sample.
    package let values: ArraySlice<Float>
    /// The call that it belongs to; messages do not mix calls.
    package let ticket: Int
    /// The number of samples that a message of this call holds.
    package let samplesPerMessage: Int

    package init(session: String, sample: UInt64, values: ArraySlice<Float>, ticket: Int, samplesPerMessage: Int) {
      self.session = session
      self.sample = sample
      self.values = values
      self.ticket = ticket
      self.samplesPerMessage = samplesPerMessage
    }
  }

  private let limit: Int
  private var unsent = Deque<Block>()
  /// Blocks without a receipt, in the order of sending. Receipts come in that order, so a receipt's block is mostly the first.
  private var inFlight = Deque<Block>()
  /// The number of blocks in flight.
  package var inFlightCount: Int { inFlight.count }
  /// Silences that were not sent, since nobody would understand them.
  private var skipped: [Block] = []

  /// - Parameter limit: The most blocks in flight, at least 1.
  package init(limit: Int) { self.limit = limit }

  /// Whether every block has its receipt.
  package var isEmpty: Bool { unsent.isEmpty && inFlight.isEmpty }

  /// Blocks are to be sent, after those that wait already.
  package mutating func queued(_ blocks: [Block]) { unsent += blocks }

  /// The stream can take messages: as many blocks as the window has room for are in flight from now on.
  ///
  /// - Parameters:
  ///   - samplesPerMessage: The most samples that the other side takes in a message.
  ///   - takesSilence: Whether it understands the word that there is no block. If not, that is not sent, and the receipt
  ///     that it would have had is lost: ``takeSkipped()``.
  package mutating func nextMessages(
    samplesPerMessage: Int = .max, takesSilence: Bool = true
  ) -> [Copur_V1_ContributeRequest] {
    var messages: [Copur_V1_ContributeRequest] = []
    var ticket: Int?
    while inFlight.count < limit, let block = unsent.popFirst() {
      if block.values.isEmpty, !takesSilence {
        skipped.append(block)
        continue
      }
      let size = min(block.samplesPerMessage, samplesPerMessage)
      if let last = messages.indices.last, ticket == block.ticket, messages[last].session == block.session,
        messages[last].samples.count + messages[last].silent.count < size
      {
        messages[last].append(block)
      } else {
        var message = Copur_V1_ContributeRequest()
        message.session = block.session
        message.values.reserveCapacity(block.values.count * min(size, unsent.count + 1, limit - inFlight.count))
        message.append(block)
        messages.append(message)
        ticket = block.ticket
      }
      inFlight.append(block)
    }
    return messages
  }

  /// The silences that were not sent since this was last asked.
  package mutating func takeSkipped() -> [Block] {
    defer { skipped = [] }
    return skipped
  }

  /// A receipt came.
  ///
  /// - Returns: The blocks that it is for. A sample that is not in flight has none.
  package mutating func receiptCame(_ receipt: Receipt) -> [Block] {
    var answered: [Block] = []
    answered.reserveCapacity(receipt.samples.count)
    for sample in receipt.samples {
      func isMeant(_ block: Block) -> Bool { block.sample == sample && block.session == receipt.session }
      if let first = inFlight.first, isMeant(first) {
        answered.append(inFlight.removeFirst())
      } else if let position = inFlight.firstIndex(where: isMeant) {
        answered.append(inFlight.remove(at: position))
      }
    }
    return answered
  }

  /// The stream is gone, and with it every receipt that was on its way.
  package mutating func connectionLost() {
    unsent.prepend(contentsOf: inFlight)
    inFlight = []
  }

  /// A call was given up: its blocks that are not in flight are not sent.
  package mutating func withdrawn(ticket: Int) { unsent.removeAll { $0.ticket == ticket } }
}

extension Copur_V1_ContributeRequest {
  fileprivate mutating func append(_ block: SendWindow.Block) {
    guard !block.values.isEmpty else {
      silent.append(block.sample)
      return
    }
    samples.append(block.sample)
    values += block.values
  }
}
