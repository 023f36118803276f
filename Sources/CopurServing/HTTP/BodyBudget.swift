internal import HTTPTypes
internal import Synchronization

/// The bytes that requests' bodies may take in all, from before they are received until they have been read.
final class BodyBudget: Sendable {
  /// The most bytes.
  let limit: Int
  private let taken = Mutex(0)

  /// - Parameter bytes: At least as many as one body may have.
  init(bytes: Int) { limit = bytes }

  /// Does something with room for a body.
  ///
  /// - Throws: ``Problem`` with 429 if there is no room; what `body` throws.
  func with<Result>(_ bytes: Int, _ body: () async throws -> Result) async throws -> Result {
    let isFree = taken.withLock { taken in
      guard taken + bytes <= limit else { return false }
      taken += bytes
      return true
    }
    guard isFree else {
      throw Problem(
        .tooManyRequests, "too many bytes of requests are being read (max: \(limit)): try again",
        headers: [.retryAfter: "1"])
    }
    defer { taken.withLock { $0 -= bytes } }
    return try await body()
  }
}
