/// What is told of the server and its models.
extension OpenAPISchema {
  static var serverSchema: JSONSchema {
    .object(["name": .string, "version": .string, "extensions": .array(of: .string)])
  }

  static var modelSchema: JSONSchema {
    let tensors = JSONSchema.array(
      of: .object([
        "name": .string, "datatype": .oneOf("BOOL", "FP32", "INT64"), "shape": .array(of: .integer(from: -1)),
      ]))
    return .object([
      "name": .string, "versions": .array(of: .string), "platform": .string, "inputs": tensors, "outputs": tensors,
      "properties": .object().andOthers(.string),
    ])
  }

  static var indexSchema: JSONSchema {
    .array(
      of: .object([
        "name": .string, "version": .string, "state": .oneOf("READY", "UNAVAILABLE"), "reason": .string,
      ]))
  }

  static var statisticsSchema: JSONSchema {
    let duration = JSONSchema.reference(to: .duration)
    return .object([
      "model_stats": .array(
        of: .object([
          "name": .string, "version": .string, "last_inference": .integer(from: 0),
          "inference_count": .integer(from: 0), "execution_count": .integer(from: 0),
          "inference_stats": .object([
            "success": duration, "fail": duration, "queue": duration, "compute_input": duration,
            "compute_infer": duration, "compute_output": duration,
          ]),
          "batch_stats": .array(
            of: .object([
              "batch_size": .integer(from: 1), "compute_input": duration, "compute_infer": duration,
              "compute_output": duration,
            ])),
        ]))
    ])
  }
}
