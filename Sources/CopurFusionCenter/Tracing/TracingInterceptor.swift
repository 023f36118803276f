public import GRPCCore

/// Reads `traceparent` of every gRPC call, and sends it back with a span of this service.
///
/// Work that is done for the call has it in ``TraceContext/current``.
public struct TracingInterceptor: ServerInterceptor {
  private static let key = "traceparent"

  /// One for all services; it keeps nothing between calls.
  public init() {}

  public func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next: @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let method = context.descriptor
    guard let header = request.metadata[stringValues: Self.key].first(where: { _ in true }),
      let call = CallSpan(
        traceparent: header, name: "\(method.service.fullyQualifiedService)/\(method.method)",
        attributes: [
          "rpc.system": "grpc", "rpc.service": method.service.fullyQualifiedService, "rpc.method": method.method,
        ])
    else { return try await next(request, context) }
    var response = try await call.ending(onSuccess: false) { try await next(request, context) }
    response.metadata.replaceOrAddString("\(call.trace)", forKey: Self.key)
    switch response.accepted {
    case .failure(let error): call.end(error)
    case .success(var contents):
      // A streaming answer is made after this has returned.
      let produce = contents.producer
      contents.producer = { writer in try await call.ending(onSuccess: true) { try await produce(writer) } }
      response.accepted = .success(contents)
    }
    return response
  }
}

extension CallSpan {
  /// Does work for a gRPC call, and ends the span if it fails, or always.
  fileprivate func ending<Result: Sendable>(
    onSuccess: Bool, _ work: () async throws -> Result
  ) async throws -> Result {
    do {
      let result = try await within(work)
      if onSuccess { end(nil) }
      return result
    } catch {
      end(error)
      throw error
    }
  }

  /// Ends the span of a gRPC call.
  ///
  /// - Parameter error: Why it failed; its code alone is told, since the message may have words of the caller's.
  fileprivate func end(_ error: (any Error)?) {
    let code = error.map { ($0 as? RPCError)?.code ?? ($0 is CancellationError ? .cancelled : .unknown) }
    // OpenTelemetry's conventions for gRPC: a caller's mistake is no error of the server's.
    let isOurs =
      switch code {
      case .unknown, .deadlineExceeded, .unimplemented, .internalError, .unavailable, .dataLoss: true
      default: false
      }
    end(code?.rawValue ?? 0, as: "rpc.grpc.status_code", failure: isOurs ? code?.description : nil)
  }
}
