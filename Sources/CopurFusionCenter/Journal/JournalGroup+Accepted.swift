internal import CopurCore
internal import CopurWire

extension JournalGroup.Contribution {
  /// The contribution that a message's accepted blocks become.
  ///
  /// - Parameters:
  ///   - accepted: At least one, in the order of the batch.
  ///   - batch: The blocks of the message.
  init(
    _ accepted: [RoundTable.AcceptedBlock], of batch: BlockBatch, defense: String, modelVersion: String, agent: AgentID
  ) {
    // Mostly all of them are; the batch's own storage is then passed on.
    let isWhole = accepted.count == batch.samples.count
    self.init(
      session: batch.session, defense: defense, modelVersion: modelVersion, agent: agent,
      samples: isWhole ? batch.samples : accepted.map { batch.samples[$0.position] }, hashes: accepted.map(\.hash),
      values: isWhole ? batch.values : accepted.flatMap { batch[$0.position] })
  }
}
