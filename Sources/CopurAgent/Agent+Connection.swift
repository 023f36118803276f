internal import CopurCore
internal import CopurWire
internal import GRPCCore
internal import Logging
internal import Synchronization

extension Agent {
  /// Connects again and again, until the agent stops or is refused for good.
  func keepConnected() async throws {
    // Agents that lost their fusion center together share a seed more often than not, but never a name.
    var backoff = Backoff(configuration.backoff, seed: configuration.seed, name: id.name)
    var refusedSince: ContinuousClock.Instant?
    /// The address of the fusion center that has the session, if the last one said so.
    var elsewhere: String?
    while !Task.isCancelled {
      do {
        let transport: Transport
        if let address = elsewhere, let connectElsewhere {
          elsewhere = nil
          transport = try await connectElsewhere(address)
        } else {
          transport = try await connect()
        }
        try await withGRPCClient(transport: transport) { client in
          let settings = try await join(client)
          backoff.succeeded()
          try await contribute(client, settings)
        }
        refusedSince = nil
        if state.withLock({ $0.isStopping }) { return }
        logger.info("the fusion center ended the stream")
      } catch let error as CopurError where error.code != .unavailable {
        // A refusal, or a transport that cannot be made: the next attempt would end the same way.
        throw error
      } catch {
        if Task.isCancelled || state.withLock({ $0.isStopping }) { return }
        let isRefused = (error as? RPCError)?.code == .unauthenticated
        refusedSince = isRefused ? refusedSince ?? .now : nil
        if let refusedSince, .now - refusedSince >= configuration.certificatePatience {
          throw CopurError(
            .noPermission, "the certificates of agent \(id) and its fusion center do not fit each other", cause: error)
        }
        elsewhere = (error as? RPCError)?.metadata[stringValues: "copur-center"].first { _ in true }
        if let elsewhere, connectElsewhere != nil {
          logger.info("the session is another fusion center's", metadata: ["center": "\(elsewhere)"])
        } else {
          logger.info("no connection to the fusion center", metadata: ["error": "\(error)"])
        }
      }
      let wait = backoff.failed()
      logger.debug("waiting before the next attempt", metadata: ["wait": "\(wait)"])
      try? await clock.sleep(for: wait)
    }
  }

  /// - Throws: ``CopurError`` if the fusion center refuses the agent; anything else is worth another attempt.
  private func join(_ client: GRPCClient<Transport>) async throws -> Copur_V1_JoinResponse {
    var request = Copur_V1_JoinRequest()
    request.agent = id.name
    request.width = UInt32(clamping: width)
    request.modelVersion = configuration.modelVersion
    // The call throws a transport's errors; the fusion center's answer is in the response.
    let answer = try await Copur_V1_FusionCenter.Client(wrapping: client).join(request) { $0.accepted }
    switch answer {
    case .failure(let error):
      throw refusal(error) ?? error
    case .success(let contents):
      let settings = try contents.message.get()
      guard settings.modelVersion == configuration.modelVersion else {
        throw CopurError(
          .protocolViolation,
          "the fusion center took agent \(id) for a model that it does not serve (agent: "
            + "\"\(configuration.modelVersion)\", fusion center: \"\(settings.modelVersion)\")")
      }
      logger.info(
        "joined", metadata: ["index": "\(settings.index)", "deadline-ms": "\(settings.deadlineMs)"])
      return settings
    }
  }

  /// The error that an answer of the fusion center is if no waiting will change it.
  private func refusal(_ error: RPCError) -> CopurError? {
    let code: CopurError.Code
    switch error.code {
    case .notFound, .failedPrecondition, .invalidArgument: code = .configuration
    case .permissionDenied, .unauthenticated: code = .noPermission
    case .unimplemented: code = .protocolViolation
    default: return nil
    }
    return CopurError(code, "the fusion center refuses agent \(id): \(error.message)")
  }

  /// One Contribute stream, from the introduction to its end.
  private func contribute(_ client: GRPCClient<Transport>, _ settings: Copur_V1_JoinResponse) async throws {
    let (wakeups, writer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    // Nothing of an earlier stream is in flight here: it went back to the front when that stream was lost.
    state.withLock { $0.writer = writer }
    defer {
      writer.finish()
      state.withLock { state in
        state.writer = nil
        state.window.connectionLost()
      }
    }
    writer.yield()
    try await Copur_V1_FusionCenter.Client(wrapping: client).contribute { [self] stream in
      try await write(
        to: stream, wakeups, samplesPerMessage: samplesPerMessage(settings),
        takesSilence: settings.takesSilence)
    } onResponse: { [self] response in
      do {
        for try await message in response.messages { try await received(message) }
      } catch let error as RPCError where Self.isFinal(error.code) {
        throw refusal(error) ?? error
      }
    }
  }

  /// Whether a stream that ended so would end so again. What a transport throws when the connection is lost is neither.
  private static func isFinal(_ code: RPCError.Code) -> Bool {
    [.invalidArgument, .permissionDenied, .unauthenticated].contains(code)
  }

  /// Sends whatever the window has room for each time there is more, until the agent stops and owes nothing.
  private func write(
    to stream: RPCWriter<Copur_V1_ContributeRequest>, _ wakeups: AsyncStream<Void>, samplesPerMessage: Int,
    takesSilence: Bool
  ) async throws {
    var introduction = Copur_V1_ContributeRequest()
    introduction.agent = id.name
    introduction.modelVersion = configuration.modelVersion
    try await stream.write(introduction)
    for await _ in wakeups {
      let (messages, skipped, isDone) = state.withLock { state in
        let messages = state.window.nextMessages(samplesPerMessage: samplesPerMessage, takesSilence: takesSilence)
        return (messages, state.window.takeSkipped(), state.isStopping && state.window.isEmpty)
      }
      if !skipped.isEmpty {
        logger.info(
          "the fusion center does not take the word that there is no reading: rounds wait for their deadline",
          metadata: ["samples": "\(skipped.count)"])
        answered(skipped, .late, reason: "the fusion center does not take silences")
      }
      if !messages.isEmpty { try await stream.write(contentsOf: messages) }
      if isDone { return }
    }
  }

  /// Receipts came: they count once they are in the ledger, if there is one.
  private func received(_ message: Copur_V1_ContributeResponse) async throws {
    let receipts = try message.receipts.map { message throws(WireError) in try Receipt(message) }
    let blocks = state.withLock { state in receipts.map { state.window.receiptCame($0) } }
    if let ledger {
      try await ledger.append(
        zip(receipts, blocks).compactMap { receipt, blocks in
          blocks.isEmpty
            ? nil
            : LedgerEntry(
              session: receipt.session, samples: blocks.map(\.sample), status: receipt.status,
              hashes: blocks.map { LedgerEntry.hash(of: $0.values) })
        })
    }
    for (receipt, blocks) in zip(receipts, blocks) { answered(blocks, receipt.status, reason: receipt.reason) }
    state.withLock { _ = $0.writer?.yield() }
    for receipt in receipts where receipt.status == .conflict || receipt.status == .invalid {
      logger.warning(
        "refused",
        metadata: [
          "status": "\(receipt.status)", "session": "\(receipt.session)", "samples": "\(receipt.samples.count)",
          "reason": "\(receipt.reason)",
        ])
    }
  }

  /// Blocks have their outcome: calls that wait for no other return.
  private func answered(_ blocks: [SendWindow.Block], _ status: Receipt.Status, reason: String) {
    let ended = state.withLock { $0.answered(blocks, status, reason: reason) }
    for call in ended { call.continuation.resume(returning: call.tally) }
  }

  /// The most samples that fit into a message by the fusion center's limits.
  private func samplesPerMessage(_ settings: Copur_V1_JoinResponse) -> Int {
    // A float is 4 bytes, a sample's number at most 10; names and lengths take less than the kibibyte.
    let byBytes = (Int(settings.maxMessageBytes) - 1024) / (width * 4 + 10)
    return max(1, min(byBytes, Int(settings.maxSamplesPerMessage)))
  }
}
