package import GRPCCore
package import Hummingbird

/// Why a request for inference has no answer; the same over HTTP and gRPC.
package struct InferenceError: Error, Hashable, CustomStringConvertible, RPCErrorConvertible {
  package enum Code: Sendable, CaseIterable {
    case invalidArgument, notFound, failedPrecondition, resourceExhausted, unavailable
  }

  package let code: Code
  /// The field, the rule and the value that broke it.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }

  package var rpcErrorCode: RPCError.Code {
    switch code {
    case .invalidArgument: .invalidArgument
    case .notFound: .notFound
    case .failedPrecondition: .failedPrecondition
    case .resourceExhausted: .resourceExhausted
    case .unavailable: .unavailable
    }
  }

  package var rpcErrorMessage: String { message }

  package var status: HTTPResponse.Status {
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
