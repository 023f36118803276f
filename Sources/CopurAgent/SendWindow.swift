package import CopurWire

/// The blocks that an agent still owes the fusion center, in order: those in flight and those not yet sent.
///
/// A block leaves when its receipt comes, and only then; when a connection is lost, whatever was in flight goes back to
/// the front. It is a value without a socket.
package struct SendWindow {
  /// A block to send.
  package struct Block: Hashable, Sendable {
    package let session: String
    package let sample: UInt64
    package let values: ArraySlice<Float>
    /// The call that it belongs to; messages do not mix calls.
    package let ticket: Int
    /// How many samples a message of this call holds.
    package let samplesPerMessage: Int

    package init(session: String, sample: UInt64, values: ArraySlice<Float>, ticket: Int, samplesPerMessage: Int) {
      self.session = session
      self.sample = sample
      self.values = values
      self.ticket = ticket
      self.samplesPerMessage = samplesPerMessage
    }
  }

  private struct Key: Hashable {
    let session: String
    let sample: UInt64
  }

  private struct Sent {
    let number: UInt64
    let block: Block
  }

  private let limit: Int
  private var unsent: ArraySlice<Block> = []
  /// Blocks in flight by what a receipt names. A sample that was sent twice has two, answered in the order of sending.
  private var inFlight: [Key: [Sent]] = [:]
  private var nextNumber: UInt64 = 0
  /// How many blocks are in flight.
  package private(set) var inFlightCount = 0

  /// - Parameter limit: The most blocks in flight, at least 1.
  package init(limit: Int) { self.limit = limit }

  /// Whether every block has its receipt.
  package var isEmpty: Bool { unsent.isEmpty && inFlightCount == 0 }

  /// Blocks are to be sent, after those that wait already.
  package mutating func queued(_ blocks: [Block]) { unsent += blocks }

  /// The stream can take messages: as many blocks as the window has room for are in flight from now on.
  ///
  /// - Parameter samplesPerMessage: The most samples that the other side takes in a message.
  package mutating func nextMessages(samplesPerMessage: Int = .max) -> [Copur_V1_ContributeRequest] {
    var messages: [Copur_V1_ContributeRequest] = []
    var ticket: Int?
    while inFlightCount < limit, let block = unsent.popFirst() {
      let size = min(block.samplesPerMessage, samplesPerMessage)
      if let last = messages.indices.last, ticket == block.ticket, messages[last].session == block.session,
        messages[last].samples.count < size
      {
        messages[last].samples.append(block.sample)
        messages[last].values += block.values
      } else {
        var message = Copur_V1_ContributeRequest()
        message.session = block.session
        message.samples = [block.sample]
        message.values = Array(block.values)
        messages.append(message)
        ticket = block.ticket
      }
      inFlight[Key(session: block.session, sample: block.sample), default: []].append(
        Sent(number: nextNumber, block: block))
      nextNumber += 1
      inFlightCount += 1
    }
    return messages
  }

  /// A receipt came.
  ///
  /// - Returns: The blocks that it is for. A sample that is not in flight has none.
  package mutating func receiptCame(_ receipt: Receipt) -> [Block] {
    var answered: [Block] = []
    for sample in receipt.samples {
      let key = Key(session: receipt.session, sample: sample)
      guard let first = inFlight[key]?.first else { continue }
      if inFlight[key]!.count == 1 { inFlight[key] = nil } else { inFlight[key]!.removeFirst() }
      inFlightCount -= 1
      answered.append(first.block)
    }
    return answered
  }

  /// The stream is gone, and with it every receipt that was on its way.
  package mutating func connectionLost() {
    let again = inFlight.values.joined().sorted { $0.number < $1.number }.map(\.block)
    inFlight = [:]
    inFlightCount = 0
    unsent = again[...] + unsent
  }

  /// A call was given up: its blocks that are not in flight are not sent.
  package mutating func withdrawn(ticket: Int) { unsent.removeAll { $0.ticket == ticket } }
}
