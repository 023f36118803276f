internal import CopurCore
internal import CopurNumerics
internal import CopurWire
internal import GRPCCore

extension FusionCenterService {
  func contribute(
    request: RPCAsyncSequence<Copur_V1_ContributeRequest, any Error>, response: RPCWriter<Copur_V1_ContributeResponse>,
    context: ServerContext
  ) async throws {
    let outbox = try center.streamOpened()
    defer { center.streamEnded(outbox) }
    try await withRPCCancellationHandler {
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { await read(request, into: outbox, context: context) }
        while let receipts = try await outbox.next() {
          var message = Copur_V1_ContributeResponse()
          message.receipts = receipts.map(Copur_V1_Receipt.init)
          try await response.write(message)
          outbox.sent(receipts)
        }
        // The reader may still wait for a message if the stream ends from this side.
        group.cancelAll()
      }
    } onCancelRPC: {
      outbox.readingEnded(RPCError(code: .cancelled, message: "the call was cancelled"))
    }
  }

  /// Reads until the agent ends the stream, breaks a rule, or the task is cancelled.
  private func read(
    _ request: RPCAsyncSequence<Copur_V1_ContributeRequest, any Error>, into outbox: ReceiptOutbox,
    context: ServerContext
  ) async {
    do {
      var speaker: Speaker?
      for try await message in request {
        let agent = try speaker ?? introduced(by: message, on: outbox, context)
        speaker = agent
        try agent.check(message)
        if !message.samples.isEmpty || !message.silent.isEmpty {
          let batch = try BlockBatch(
            message, agent: agent.id, width: center.configuration.roster.layout.widths[agent.index],
            maximumSamples: center.configuration.limits.samplesPerMessage)
          let hashes = BlockHash.of(batch)
          var taken = 0
          while !Task.isCancelled {
            let moment = center.roundsMoved.moment
            guard let now = try center.contributed(batch, hashes: hashes, from: taken, by: agent.index, on: outbox)
            else {
              try await center.claim(batch.session)
              continue
            }
            taken = now
            if taken == batch.samples.count + batch.silent.count { break }
            await center.roundsMoved.wait(after: moment)
          }
        } else if !message.values.isEmpty {
          throw WireError(
            field: "ContributeRequest.values",
            rule: "values belong to samples (samples: 0, values: \(message.values.count))")
        }
        await outbox.inFlight.waitForRoom()
        await center.backlog.waitForRoom()
      }
      outbox.readingEnded()
    } catch let error as RPCError {
      outbox.readingEnded(error)
    } catch let error as any RPCErrorConvertible {
      outbox.readingEnded(RPCError(error))
    } catch {
      outbox.readingEnded(RPCError(code: .unavailable, message: "the stream broke off", cause: error))
    }
  }

  /// Who speaks, by the first message of a stream.
  private func introduced(
    by message: Copur_V1_ContributeRequest, on outbox: ReceiptOutbox, _ context: ServerContext
  ) throws -> Speaker {
    try access.check(agent: message.agent, in: context)
    let index = try center.joined(agent: message.agent, width: nil, modelVersion: message.modelVersion)
    center.introduced(agent: index, on: outbox)
    return Speaker(index: index, id: center.configuration.roster.agents[index], modelVersion: message.modelVersion)
  }
}

/// The agent that a stream is of.
private struct Speaker {
  let index: Int
  let id: AgentID
  let modelVersion: String

  /// A later message may repeat who speaks, not change it.
  func check(_ message: Copur_V1_ContributeRequest) throws(WireError) {
    guard message.agent.isEmpty || message.agent == id.name else {
      throw WireError(
        field: "ContributeRequest.agent",
        rule: "a stream is one agent's (first: \(id), now: \(String(message.agent.prefix(64)).debugDescription))")
    }
    guard message.modelVersion.isEmpty || message.modelVersion == modelVersion else {
      throw WireError(
        field: "ContributeRequest.model_version",
        rule: "a stream is of one model version (first: \"\(modelVersion)\", now: "
          + "\(String(message.modelVersion.prefix(128)).debugDescription))")
    }
  }
}
