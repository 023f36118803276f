internal import CopurCore

extension OpenAPIDocument {
  /// Everything that can be asked of the plane but the dashboard, which is for browsers.
  var operations: [OpenAPIOperation] {
    server + health + modelOperations(isVersioned: false) + modelOperations(isVersioned: true) + monitoring
  }

  private var server: [OpenAPIOperation] {
    [
      OpenAPIOperation(
        .get, "/v2", id: "serverMetadata", "What the server is.", .inference, success: OpenAPIResponse(.server)),
      OpenAPIOperation(
        .get, "/v2/models/stats", id: "allStatistics", "What inference has been done.", .inference,
        success: OpenAPIResponse(.statistics)),
      OpenAPIOperation(
        .post, "/v2/repository/index", id: "repositoryIndex", "The models that there are.", .inference,
        readsBody: true, success: OpenAPIResponse(.index)),
    ]
  }

  private var health: [OpenAPIOperation] {
    [
      OpenAPIOperation(
        .get, "/v2/health/live", id: "live", "Whether the process lives.", .health, isOpen: true,
        success: OpenAPIResponse(.live)),
      OpenAPIOperation(
        .get, "/v2/health/ready", id: "ready", "Whether the server takes work.", .health, isOpen: true,
        success: OpenAPIResponse(.ready),
        others: [503: OpenAPIResponse(.ready, "Not now: it shuts down, or its journal has failed.")]),
    ]
  }

  /// What is asked of a model, by its name alone or by its version, too.
  private func modelOperations(isVersioned: Bool) -> [OpenAPIOperation] {
    let path = "/v2/models/{model}\(isVersioned ? "/versions/{version}" : "")"
    let id = isVersioned ? "modelVersion" : "model"
    return [
      OpenAPIOperation(
        .get, path, id: "\(id)Metadata", "A model's inputs and outputs.", .inference,
        success: OpenAPIResponse(.model)),
      OpenAPIOperation(
        .get, "\(path)/ready", id: "\(id)Ready", "Whether a model takes requests.", .inference,
        success: OpenAPIResponse(.modelReady), others: [503: OpenAPIResponse(.modelReady, "Not now.")]),
      OpenAPIOperation(
        .get, "\(path)/stats", id: "\(id)Statistics", "What inference a model has done.", .inference,
        success: OpenAPIResponse(.statistics)),
      OpenAPIOperation(
        .post, "\(path)/infer", id: "\(id)Infer",
        "Predicts from agents' blocks; an input that is left out is a missing agent.", .inference,
        parameters: [.jsonLength], body: inferenceBody, success: inferenceAnswer,
        failures: [.invalid, .encoding, .noQuorum, .tooMany, .notReady]),
    ]
  }

  private var monitoring: [OpenAPIOperation] {
    [
      OpenAPIOperation(
        .get, "/metrics", id: "metrics", "Prometheus' text format.", .monitoring,
        success: OpenAPIResponse("All metrics.", content: ["text/plain": .string])),
      OpenAPIOperation(
        .get, "/openapi.json", id: "openapi", "This document.", .monitoring,
        success: OpenAPIResponse(content: ["application/json": .object()])),
    ]
  }

  private var inferenceBody: JSONValue {
    .object([
      "required": .bool(true),
      "content": .object([
        "application/json": .object([
          "schema": JSONSchema.reference(to: .inferenceRequest).json, "example": example,
        ]),
        "application/octet-stream": .object(["schema": JSONSchema.bytes.json]),
      ]),
    ])
  }

  private var inferenceAnswer: OpenAPIResponse {
    OpenAPIResponse(
      "The outputs, and who took part.",
      content: ["application/json": .reference(to: .inferenceResponse), "application/octet-stream": .bytes],
      headers: [
        "Inference-Header-Content-Length": .object([
          "description": .string("How long the JSON is in front of binary values."),
          "schema": JSONSchema.integer(from: 0).json,
        ])
      ])
  }
}
