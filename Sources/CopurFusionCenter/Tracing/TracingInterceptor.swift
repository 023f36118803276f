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
    guard let trace = request.metadata[stringValues: Self.key].first(where: { _ in true }).flatMap(TraceContext.init)
    else { return try await next(request, context) }
    let own = trace.continued()
    var response = try await TraceContext.$current.withValue(own) { try await next(request, context) }
    response.metadata.replaceOrAddString("\(own)", forKey: Self.key)
    // A streaming answer is made after this has returned.
    if case .success(var contents) = response.accepted {
      let produce = contents.producer
      contents.producer = { writer in try await TraceContext.$current.withValue(own) { try await produce(writer) } }
      response.accepted = .success(contents)
    }
    return response
  }
}
