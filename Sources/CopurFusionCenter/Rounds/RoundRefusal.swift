package import GRPCCore

/// Why a round table does not take what a client or an agent asks for.
package enum RoundRefusal: Error, Hashable, CustomStringConvertible, RPCErrorConvertible {
  /// No new round is opened: the service is shutting down.
  case draining
  case tooManySessions(limit: Int)
  case tooManyOpenRounds(limit: Int)
  /// An agent is so far ahead of the others that it has to wait for them.
  case tooFarAhead(limit: Int)
  case tooManyOwnSessions(limit: Int)
  case tooManyRequestedRounds(limit: Int, requested: Int)
  /// The session has another defence.
  case otherDefense(session: String, defense: String, requested: String)
  /// An earlier run of the service opened the session with a defence that this one does not have.
  case unknownDefense(session: String, defense: String)
  /// Nobody has asked the journal yet whether the session is this fusion center's.
  case unclaimed(session: String)
  /// The round is closed, and its verdict is not kept, or there is none.
  case forgotten(session: String, sample: UInt64, remembered: Int)

  package var description: String {
    switch self {
    case .draining: "the fusion center is shutting down and opens no new round"
    case .tooManySessions(let limit): "too many sessions since the start (max: \(limit))"
    case .tooManyOpenRounds(let limit): "too many open rounds (max: \(limit))"
    case .tooFarAhead(let limit): "too many rounds in which too few other agents have spoken (max: \(limit))"
    case .tooManyOwnSessions(let limit):
      "too many sessions that no other agent has spoken in and no client has asked for (max: \(limit))"
    case .tooManyRequestedRounds(let limit, let requested):
      "too many rounds are asked for (max: \(limit), actual: \(requested))"
    case .otherDefense(let session, let defense, let requested):
      "a session keeps its defence (session: \"\(session)\", open with: \"\(defense)\", asked for: \"\(requested)\")"
    case .unknownDefense(let session, let defense):
      "session \"\(session)\" was opened by an earlier run of this fusion center with defence \"\(defense)\", which it "
        + "does not have now: use another name"
    case .unclaimed(let session): "session \"\(session)\" is not this fusion center's yet"
    case .forgotten(let session, let sample, let remembered):
      "the round of sample \(sample) of session \"\(session)\" is closed, and its verdict is not kept (kept: the last "
        + "\(remembered), none of aborted rounds)"
    }
  }

  /// Whether it passes once rounds have closed or others have caught up: whoever is refused so waits.
  package var passes: Bool {
    switch self {
    case .tooManyOpenRounds, .tooFarAhead: true
    default: false
    }
  }

  package var rpcErrorCode: RPCError.Code {
    switch self {
    case .draining, .unclaimed: .unavailable
    case .tooManySessions, .tooManyOwnSessions, .tooManyOpenRounds, .tooFarAhead, .tooManyRequestedRounds:
      .resourceExhausted
    case .otherDefense, .unknownDefense: .failedPrecondition
    case .forgotten: .notFound
    }
  }

  package var rpcErrorMessage: String { description }
}
