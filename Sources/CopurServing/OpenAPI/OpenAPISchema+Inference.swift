/// Requests for inference and their answers.
extension OpenAPISchema {
  static var parametersSchema: JSONSchema {
    .object(optional: [
      "defense": .string.described("The defence that decides; the service's first if left out."),
      "binary_data_output": .boolean.described("Whether outputs' values go behind the JSON."),
    ]).andOthers()
  }

  static var inputSchema: JSONSchema {
    let row = JSONSchema.array(of: .types("number", "boolean"))
    return .object(
      [
        "name": .string.described("An agent; or h, for all blocks side by side, and observed."),
        "shape": .array(of: .integer(from: 1), counts: 2...2), "datatype": .oneOf("FP32", "BOOL"),
      ],
      optional: [
        "data": .array(of: .either(.number, .boolean, row)).described("Row by row, flat or nested."),
        "parameters": .object(optional: ["binary_data_size": .integer(from: 0)]),
      ])
  }

  static var requestedOutputSchema: JSONSchema {
    .object(["name": .string], optional: ["parameters": .object(optional: ["binary_data": .boolean])])
  }

  static var inferenceRequestSchema: JSONSchema {
    .object(
      ["inputs": .array(of: .reference(to: .input), counts: 1 ... .max)],
      optional: [
        "id": .string, "parameters": .reference(to: .parameters),
        "outputs": .array(of: .reference(to: .requestedOutput)),
      ])
  }

  static var outputSchema: JSONSchema {
    .object(
      [
        "name": .string, "shape": .array(of: .integer(from: 0)), "datatype": .oneOf("BOOL", "FP32", "INT64"),
      ],
      optional: [
        "data": .array(of: .types("number", "boolean", "null")).described(
          "Row by row; null for a number that there is not, such as the residual of a missing agent."),
        "parameters": .object(["binary_data_size": .integer(from: 0)]),
      ])
  }

  static var inferenceResponseSchema: JSONSchema {
    .object([
      "model_name": .string, "model_version": .string, "id": .string,
      "parameters": .object([
        "contributors": .string.described(
          "Agents whose blocks were used, with commas between; where samples differ, a list a sample, with semicolons "
            + "between."),
        "missing": .string.described("Agents that were left out, likewise."),
        "suspects": .string.described("Agents that the defence suspects, likewise."), "defense": .string,
      ]),
      "outputs": .array(of: .reference(to: .output)),
    ])
  }
}
