/// The bodies of requests and answers, and parts of them; the value is the component's name.
enum OpenAPISchema: String, CaseIterable {
  // What is told of the server and its models.
  case server = "Server"
  case live = "Live"
  case ready = "Ready"
  case modelReady = "ModelReady"
  case model = "Model"
  case index = "Index"
  case duration = "Duration"
  case statistics = "Statistics"
  // Inference.
  case parameters = "Parameters"
  case input = "Input"
  case requestedOutput = "RequestedOutput"
  case inferenceRequest = "InferenceRequest"
  case output = "Output"
  case inferenceResponse = "InferenceResponse"
  // What went wrong.
  case problem = "Problem"

  /// The component.
  var schema: JSONSchema {
    switch self {
    case .server: Self.serverSchema
    case .live: .object(["live": .boolean])
    case .ready: .object(["live": .boolean, "ready": .boolean])
    case .modelReady: .object(["name": .string, "ready": .boolean])
    case .model: Self.modelSchema
    case .index: Self.indexSchema
    case .duration: .object(["count": .integer(from: 0), "ns": .integer(from: 0)])
    case .statistics: Self.statisticsSchema
    case .parameters: Self.parametersSchema
    case .input: Self.inputSchema
    case .requestedOutput: Self.requestedOutputSchema
    case .inferenceRequest: Self.inferenceRequestSchema
    case .output: Self.outputSchema
    case .inferenceResponse: Self.inferenceResponseSchema
    case .problem: Self.problemSchema
    }
  }

  private static var problemSchema: JSONSchema {
    .object([
      "type": .string, "title": .string, "status": .integer, "detail": .string, "instance": .string,
      "error": .string.described("The same as detail, for Triton's clients."),
    ]).described("RFC 9457.")
  }
}
