internal import CopurWire
internal import Foundation
internal import SwiftProtobuf

extension InferenceRequest {
  /// - Throws: ``InferenceError`` that names the input.
  init(_ message: Inference_ModelInferRequest) throws(InferenceError) {
    let raw = message.rawInputContents
    guard raw.isEmpty || raw.count == message.inputs.count else {
      throw InferenceError(
        .invalidArgument,
        "raw_input_contents: as many as inputs (inputs: \(message.inputs.count), actual: \(raw.count))")
    }
    var inputs: [Tensor] = []
    for (index, input) in message.inputs.enumerated() {
      inputs.append(try Tensor(input, raw: raw.isEmpty ? nil : raw[index]))
    }
    try Self.check(message.parameters, at: .request, "")
    for input in message.inputs {
      try Self.check(input.parameters, at: .input, "input \(String(input.name.prefix(64)).debugDescription): ")
    }
    var defense: String?
    if let parameter = message.parameters["defense"] {
      guard case .stringParam(let name) = parameter.parameterChoice else {
        throw InferenceError(.invalidArgument, "parameters.defense: a string")
      }
      defense = name
    }
    self.init(
      id: message.id, modelName: message.modelName, modelVersion: message.modelVersion, defense: defense,
      inputs: inputs, outputs: try message.outputs.map { output throws(InferenceError) in try RequestedOutput(output) })
  }

  fileprivate static func check(
    _ parameters: [String: Inference_InferParameter], at place: InferenceParameter.Place, _ subject: String
  ) throws(InferenceError) {
    for name in parameters.keys.sorted() {
      if let rule = InferenceParameter.refusal(of: name, at: place) {
        throw InferenceError(.invalidArgument, "\(subject)parameters: \(rule)")
      }
    }
  }
}

extension RequestedOutput {
  fileprivate init(_ output: Inference_ModelInferRequest.InferRequestedOutputTensor) throws(InferenceError) {
    let subject = "output \(String(output.name.prefix(64)).debugDescription): "
    try InferenceRequest.check(output.parameters, at: .output, subject)
    guard let parameter = output.parameters["classification"] else {
      self.init(name: output.name)
      return
    }
    switch parameter.parameterChoice {
    case .int64Param(let classes): self.init(name: output.name, classification: Int(classes))
    case .uint64Param(let classes): self.init(name: output.name, classification: Int(clamping: classes))
    default: throw InferenceError(.invalidArgument, "\(subject)parameters.classification: a whole number")
    }
  }
}

extension Tensor {
  fileprivate init(
    _ input: Inference_ModelInferRequest.InferInputTensor, raw: Data?
  ) throws(InferenceError) {
    let datatype = try Self.datatype(input.name, input.datatype)
    let shape = input.shape.map { Int($0) }
    if let raw {
      guard !input.hasContents else {
        throw Self.refused(input.name, "a request with raw_input_contents has no contents")
      }
      // The closure of withUnsafeBytes throws untyped.
      let result = raw.withUnsafeBytes { bytes in
        Result { () throws(InferenceError) in try Tensor(input.name, datatype: datatype, shape: shape, bytes: bytes) }
      }
      self = try result.get()
      return
    }
    let values: TensorValues =
      switch datatype {
      case .bool: .bool(input.contents.boolContents)
      case .fp32: .fp32(input.contents.fp32Contents)
      case .int32: .int32(input.contents.intContents)
      case .int64: .int64(input.contents.int64Contents)
      case .bytes: .texts([])
      }
    try self.init(input.name, shape: shape, checking: values)
  }
}

extension Inference_ModelInferResponse {
  /// - Parameter raw: Whether the values go into `raw_output_contents`.
  init(_ response: InferenceResponse, raw: Bool) {
    self.init()
    id = response.id
    modelName = response.modelName
    modelVersion = response.modelVersion
    for (name, value) in response.parameters { parameters[name] = .with { $0.stringParam = value } }
    for output in response.outputs {
      outputs.append(
        .with { tensor in
          tensor.name = output.name
          tensor.datatype = output.values.datatype.rawValue
          tensor.shape = output.shape.map(Int64.init)
          guard !raw else { return }
          switch output.values {
          case .bool(let values): tensor.contents.boolContents = values
          case .fp32(let values): tensor.contents.fp32Contents = values
          case .int32(let values): tensor.contents.intContents = values
          case .int64(let values): tensor.contents.int64Contents = values
          case .texts(let values): tensor.contents.bytesContents = values.map { Data($0.utf8) }
          }
        })
      if raw { rawOutputContents.append(Data(output.values.bytes)) }
    }
  }
}

extension Inference_ModelMetadataResponse.TensorMetadata {
  init(_ description: TensorDescription) {
    self.init()
    name = description.name
    datatype = description.datatype.rawValue
    shape = description.shape.map(Int64.init)
  }
}

extension Inference_ModelInput {
  init(_ description: TensorDescription) {
    self.init()
    name = description.name
    dataType = .init(description.datatype)
    // The first dimension is the batch, which max_batch_size stands for.
    dims = description.shape.dropFirst().map(Int64.init)
    // An agent that is left out is missing.
    optional = true
  }
}

extension Inference_ModelOutput {
  init(_ description: TensorDescription) {
    self.init()
    name = description.name
    dataType = .init(description.datatype)
    dims = description.shape.dropFirst().map(Int64.init)
  }
}

extension Inference_DataType {
  fileprivate init(_ datatype: Datatype) {
    self =
      switch datatype {
      case .bool: .typeBool
      case .bytes: .typeString
      case .fp32: .typeFp32
      case .int32: .typeInt32
      case .int64: .typeInt64
      }
  }
}

extension Inference_StatisticDuration {
  init(_ count: InferenceStatistics.Count) {
    self.init()
    self.count = count.count
    ns = count.nanoseconds
  }
}
