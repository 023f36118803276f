internal import CopurCore
internal import CopurFusionCenter
internal import HTTPTypes
internal import Hummingbird

/// The Open Inference Protocol, version 2, over HTTP.
struct InferenceRoutes: Sendable {
  let inference: FusionInference
  /// The longest body, in bytes.
  let maximumBodyBytes: Int
  /// The longest JSON, in bytes.
  let maximumJSONBytes: Int
  /// The bytes of bodies that are being received or read.
  let budget: BodyBudget
  /// Reads bodies.
  let bodies = InferenceWorker(limit: 64)

  func add(to router: Router<HTTPPlaneContext>) {
    router.get("v2") { _, _ in Response(json: server) }
    router.get("v2/models/stats") { _, _ in
      Response(json: statistics(of: inference.center.model))
    }
    router.post("v2/repository/index") { request, _ in try await index(request) }
    for version in ["", "/versions/{version}"] {
      let path = "v2/models/{model}\(version)"
      router.get(RouterPath(path)) { _, context in Response(json: metadata(of: try model(context))) }
      router.get(RouterPath("\(path)/config")) { _, context in
        Response(json: configuration(of: try model(context)))
      }
      router.get(RouterPath("\(path)/ready")) { _, context in try ready(context) }
      router.get(RouterPath("\(path)/stats")) { _, context in Response(json: statistics(of: try model(context))) }
      router.post(RouterPath("\(path)/infer")) { request, context in try await infer(request, context) }
    }
  }

  private func infer(_ request: Request, _ context: HTTPPlaneContext) async throws -> Response {
    let encoding = request.headers[.contentEncoding] ?? "identity"
    guard encoding == "identity" else {
      throw Problem(
        .unsupportedMediaType, "Content-Encoding: identity (actual: \(encoding.prefix(64).debugDescription))")
    }
    // Before the body is read: it need not be, for another model.
    _ = try model(context)
    var jsonLength: Int?
    if let header = request.headers[.inferenceHeaderContentLength] {
      guard let length = Int(header) else {
        throw InferenceError(
          .invalidArgument,
          "Inference-Header-Content-Length: a number (actual: \(header.prefix(64).debugDescription))")
      }
      jsonLength = length
    }
    let body = try await budget.with(request.bodyBytes(upTo: maximumBodyBytes)) { [jsonLength] in
      try await read(request, jsonLength: jsonLength)
    }
    let response = try await inference.infer(
      InferenceRequest(
        id: body.json.id ?? "", modelName: FusionInference.modelName, modelVersion: version(context),
        defense: body.json.parameters?.defense, inputs: body.inputs,
        outputs: body.json.outputs?.map {
          RequestedOutput(name: $0.name, classification: $0.parameters?.classification)
        }
          ?? []))
    return try InferenceAnswer(response: response, isBinary: body.json.isBinary).httpResponse()
  }

  private func read(_ request: Request, jsonLength: Int?) async throws -> InferenceBody {
    let bytes = try await request.body(upTo: maximumBodyBytes)
    guard jsonLength ?? bytes.readableBytes <= maximumJSONBytes else {
      throw Problem(
        .contentTooLarge,
        "body: at most \(maximumJSONBytes) bytes of JSON, further values as binary_data_size bytes behind it (actual: "
          + "\(jsonLength ?? bytes.readableBytes))")
    }
    // One after the other, as JSON takes many times its length, and on a thread that serves neither connections nor rounds.
    let parsed = await bodies.run {
      Result { () throws(InferenceError) in try InferenceBody(bytes, jsonLength: jsonLength) }
    }
    guard let parsed else { throw Problem(.tooManyRequests, "too many requests wait (max: \(bodies.limit))") }
    return try parsed.get()
  }

  /// The model that the path names.
  private func model(_ context: HTTPPlaneContext) throws(InferenceError) -> ServedModel {
    try inference.model(context.parameters.get("model") ?? "", version: version(context))
  }

  /// The version that the path names; empty if it names none.
  private func version(_ context: HTTPPlaneContext) -> String { context.parameters.get("version") ?? "" }

  private func ready(_ context: HTTPPlaneContext) throws -> Response {
    _ = try model(context)
    let isReady = inference.center.isReady
    return Response(
      status: isReady ? .ok : .serviceUnavailable,
      json: .object(["name": .string(FusionInference.modelName), "ready": .bool(isReady)]))
  }

  private func index(_ request: Request) async throws -> Response {
    _ = try await request.body(upTo: maximumBodyBytes)
    let isReady = inference.center.isReady
    return Response(
      json: .array([
        .object([
          "name": .string(FusionInference.modelName), "version": .string(inference.center.model.version),
          "state": .string(isReady ? "READY" : "UNAVAILABLE"), "reason": .string(""),
        ])
      ]))
  }

  private var server: JSONValue {
    .object([
      "name": .string(ServerDescription.name), "version": .string(ServerDescription.version),
      "extensions": .array(ServerDescription.extensions.map { .string($0) }),
    ])
  }

  private func metadata(of model: ServedModel) -> JSONValue {
    func tensors(_ descriptions: [TensorDescription]) -> JSONValue {
      .array(
        descriptions.map {
          .object([
            "name": .string($0.name), "datatype": .string($0.datatype.rawValue),
            "shape": .array($0.shape.map { .number(Double($0)) }),
          ])
        })
    }
    return .object([
      "name": .string(FusionInference.modelName), "versions": .array([.string(model.version)]),
      "platform": .string(FusionInference.platform), "inputs": tensors(inference.inputs(of: model)),
      "outputs": tensors(inference.outputs(of: model)),
      "properties": .object(inference.properties(of: model).mapValues { .string($0) }),
    ])
  }

  /// The model's configuration as Triton's model configuration extension has it, for clients such as perf_analyzer.
  private func configuration(of model: ServedModel) -> JSONValue {
    func tensors(_ descriptions: [TensorDescription], _ more: [String: JSONValue] = [:]) -> JSONValue {
      .array(
        descriptions.map {
          .object(
            [
              "name": .string($0.name), "data_type": .string("TYPE_\($0.datatype.rawValue)"),
              // The first dimension is the batch, which max_batch_size stands for.
              "dims": .array($0.shape.dropFirst().map { .number(Double($0)) }),
            ].merging(more) { $1 })
        })
    }
    return .object([
      "name": .string(FusionInference.modelName), "platform": .string(FusionInference.platform),
      "backend": .string(FusionInference.platform),
      "version_policy": .object(["latest": .object(["num_versions": .number(1)])]),
      "max_batch_size": .number(Double(FusionInference.maximumSamples)),
      "input": tensors(inference.inputs(of: model), ["optional": .bool(true)]),
      "output": tensors(inference.outputs(of: model)),
      "parameters": .object(
        inference.properties(of: model).mapValues { .object(["string_value": .string($0)]) }),
    ])
  }

  private func statistics(of model: ServedModel) -> JSONValue {
    let statistics = inference.statistics.snapshot
    func duration(_ count: InferenceStatistics.Count) -> JSONValue {
      .object(["count": .number(Double(count.count)), "ns": .number(Double(count.nanoseconds))])
    }
    func work(_ compute: InferenceStatistics.Count) -> [String: JSONValue] {
      let untimed = duration(InferenceStatistics.Count(count: compute.count))
      return ["compute_input": untimed, "compute_infer": duration(compute), "compute_output": untimed]
    }
    let batches = statistics.batches.sorted { $0.key < $1.key }
    return .object([
      "model_stats": .array([
        .object([
          "name": .string(FusionInference.modelName),
          "version": .string(FusionInference.number(ofVersion: model.version)),
          "last_inference": .number(Double(statistics.lastInference)),
          "inference_count": .number(Double(statistics.inferences)),
          "execution_count": .number(Double(statistics.executions)),
          "inference_stats": .object(
            [
              "success": duration(statistics.success), "fail": duration(statistics.failure),
              "queue": duration(statistics.queue),
            ].merging(work(statistics.compute)) { $1 }),
          "batch_stats": .array(
            batches.map { .object(["batch_size": .number(Double($0))].merging(work($1)) { $1 }) }),
        ])
      ])
    ])
  }
}
