package import GRPCCore

/// Why a round table does not take what a client or an agent asks for.
package enum RoundRefusal: Error, Hashable, CustomStringConvertible, RPCErrorConvertible {
  /// No new round is opened: the service is shutting down.
  case draining
  case tooManySessions(limit: Int)
  case tooManyOpenRounds(limit: Int)
  case tooManyRequestedRounds(limit: Int, requested: Int)
  /// The closed samples of a session are too scattered to be kept.
  case tooManyGaps(session: String, limit: Int)
  /// The session has another defence.
  case otherDefense(session: String, defense: String, requested: String)
  /// The session was journaled by an earlier run of the service.
  case earlierRun(session: String)
  /// The round was decided, and its verdict is no longer kept.
  case forgotten(session: String, sample: UInt64, remembered: Int)

  package var description: String {
    switch self {
    case .draining: "the fusion center is shutting down and opens no new round"
    case .tooManySessions(let limit): "too many sessions since the start (max: \(limit))"
    case .tooManyOpenRounds(let limit): "too many open rounds (max: \(limit))"
    case .tooManyRequestedRounds(let limit, let requested):
      "too many rounds are asked for (max: \(limit), actual: \(requested))"
    case .tooManyGaps(let session, let limit):
      "the closed samples of session \"\(session)\" are too scattered (gaps, max: \(limit)): use another session"
    case .otherDefense(let session, let defense, let requested):
      "a session keeps its defence (session: \"\(session)\", open with: \"\(defense)\", asked for: \"\(requested)\")"
    case .earlierRun(let session):
      "session \"\(session)\" belongs to an earlier run of this fusion center: use another name"
    case .forgotten(let session, let sample, let remembered):
      "the verdict of sample \(sample) of session \"\(session)\" is no longer kept (kept: the last \(remembered))"
    }
  }

  package var rpcErrorCode: RPCError.Code {
    switch self {
    case .draining: .unavailable
    case .tooManySessions, .tooManyOpenRounds, .tooManyRequestedRounds, .tooManyGaps: .resourceExhausted
    case .otherDefense, .earlierRun: .failedPrecondition
    case .forgotten: .notFound
    }
  }

  package var rpcErrorMessage: String { description }
}
