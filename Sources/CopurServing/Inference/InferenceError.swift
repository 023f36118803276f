internal import GRPCCore
internal import Hummingbird

/// Why a request for inference has no answer; the same over HTTP and gRPC.
struct InferenceError: Error, Hashable, CustomStringConvertible, RPCErrorConvertible {
  enum Code: Sendable {
    case invalidArgument, notFound, failedPrecondition, resourceExhausted, unavailable
  }

  let code: Code
  /// The field, the rule and the value that broke it.
  let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  var description: String { message }

  var rpcErrorCode: RPCError.Code {
    switch code {
    case .invalidArgument: .invalidArgument
    case .notFound: .notFound
    case .failedPrecondition: .failedPrecondition
    case .resourceExhausted: .resourceExhausted
    case .unavailable: .unavailable
    }
  }

  var rpcErrorMessage: String { message }

  var status: HTTPResponse.Status {
    switch code {
    case .invalidArgument: .badRequest
    case .notFound: .notFound
    // Understood, and not to be fulfilled as it is.
    case .failedPrecondition: .unprocessableContent
    case .resourceExhausted: .tooManyRequests
    case .unavailable: .serviceUnavailable
    }
  }
}
