internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

extension Request {
  /// The number of bytes that the body may have: what its header says, or else the limit.
  func bodyBytes(upTo limit: Int) -> Int {
    headers[.contentLength].flatMap { Int($0) }.map { min(max($0, 0), limit) } ?? limit
  }

  /// The whole body.
  ///
  /// - Parameters:
  ///   - limit: The longest one, in bytes.
  ///   - deadline: How long it may take to come: a client that dribbles holds a connection, but not for ever.
  /// - Throws: ``Problem`` with 408; `NIOTooManyBytesError`.
  func body(upTo limit: Int, within deadline: Duration = .seconds(30)) async throws -> ByteBuffer {
    let body = body
    return try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
      group.addTask { try await body.collect(upTo: limit) }
      group.addTask {
        try await Task.sleep(for: deadline)
        return nil
      }
      defer { group.cancelAll() }
      guard let collected = try await group.next() ?? nil else {
        throw Problem(.requestTimeout, "body: within \(deadline / .seconds(1)) s")
      }
      return collected
    }
  }
}
