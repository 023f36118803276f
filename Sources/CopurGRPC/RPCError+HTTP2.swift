internal import CopurHTTP2
internal import GRPCCore

extension RPCError {
  /// The status of a call whose stream the peer has reset ("HTTP2 Transport Mapping", "Errors").
  init(reset code: HTTP2ErrorCode) {
    let status: RPCError.Code =
      switch code {
      case .refusedStream: .unavailable
      case .cancel: .cancelled
      case .enhanceYourCalm: .resourceExhausted
      case .inadequateSecurity: .permissionDenied
      default: .internalError
      }
    self.init(code: status, message: "the peer reset the stream with \(code)")
  }

  /// The status of a call whose connection is gone.
  init(connectionLost error: (any Error)?) {
    self.init(code: .unavailable, message: "the connection is lost", cause: error)
  }

  /// The status of a call whose task was cancelled.
  static var taskCancelled: RPCError {
    RPCError(code: .cancelled, message: "the task was cancelled", cause: CancellationError())
  }
}
