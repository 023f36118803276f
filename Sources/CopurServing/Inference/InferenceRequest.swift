/// A request for inference, whatever it came over.
struct InferenceRequest: Sendable {
  /// Comes back in the answer; made if it is empty.
  var id = ""
  var modelName: String
  /// Empty: the one that there is.
  var modelVersion = ""
  /// The defence; nil for the service's own.
  var defense: String?
  var inputs: [Tensor]
  /// The outputs that are wanted; empty: all.
  var outputs: [RequestedOutput] = []
}

/// An output that a request asks for.
struct RequestedOutput: Hashable, Sendable {
  var name: String
  /// The number of classes that are wanted in its place, as texts, the likeliest first; nil: its numbers.
  var classification: Int?
}

/// The answer.
struct InferenceResponse: Sendable {
  var id: String
  var modelName: String
  var modelVersion: String
  /// Who took part, and what decided.
  var parameters: [(name: String, value: String)]
  var outputs: [Tensor]
}
