internal import CopurWire

/// The state of an agent that its lock protects.
///
/// It is no part of the generic ``Agent``, whose code looks for types while it runs.
struct AgentState {
  /// A call of ``Agent/send(_:session:samplesPerMessage:)`` that waits for receipts.
  struct Call {
    var tally = ReceiptTally()
    var outstanding: Int
    let continuation: CheckedContinuation<ReceiptTally, any Error>
  }

  var window: SendWindow
  var calls: [Int: Call] = [:]
  var nextTicket = 0
  /// Wakes the writer of the open stream; nil while there is none.
  var writer: AsyncStream<Void>.Continuation?
  var isStopping = false
  var isOver = false

  /// Blocks have their outcome.
  ///
  /// - Returns: The calls that wait for no other.
  mutating func answered(_ blocks: [SendWindow.Block], _ status: Receipt.Status, reason: String) -> [Call] {
    var ended: [Call] = []
    var start = blocks.startIndex
    while start < blocks.endIndex {
      let ticket = blocks[start].ticket
      let end = blocks[start...].firstIndex { $0.ticket != ticket } ?? blocks.endIndex
      defer { start = end }
      // Nil if the call was given up.
      guard let position = calls.index(forKey: ticket) else { continue }
      calls.values[position].tally.add(end - start, status, reason: reason)
      calls.values[position].outstanding -= end - start
      if calls.values[position].outstanding == 0 { ended.append(calls.remove(at: position).value) }
    }
    return ended
  }
}
