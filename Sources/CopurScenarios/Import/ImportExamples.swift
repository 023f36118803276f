public import CopurCore
internal import CopurLearning
internal import CopurNumerics
internal import Foundation

/// Inputs of networks, and what these gave to them where they were trained.
public struct ImportExamples: Sendable {
  private let path: String
  private let arrays: Safetensors

  /// - Throws: ``CopurError``: `.missingInput` if the file cannot be read, `.invalidData` if it is none of arrays.
  public init(reading path: String) throws {
    self.path = path
    let data: Data
    do { data = try Data(contentsOf: URL(filePath: path)) } catch {
      throw CopurError(.missingInput, "\(path): the examples cannot be read", cause: error)
    }
    do { arrays = try Safetensors(importing: data) } catch {
      throw CopurError(.invalidData, "\(path) is no file of examples", cause: error)
    }
  }

  /// Compares what networks give here with what they gave there.
  ///
  /// - Parameter tolerance: How far an output may be from an example's, as a share of the largest one, at least 1.
  /// - Returns: A line a network for people.
  /// - Throws: ``CopurError`` of code `.invalidData` if one gives something else, or the file has an array of no network.
  public func check(_ models: ImportedModels, tolerance: Float) throws -> [String] {
    var networks: [(name: String, width: Int, output: (Matrix) -> Matrix)] =
      zip(models.roster.agents, models.extractors).map { agent, extractor in
        (agent.name, extractor.inputWidth, { extractor.embed($0) })
      }
    if let fusion = models.fusion { networks.append(("fusion", fusion.inputWidth, { fusion.infer($0) })) }
    var left = Set(arrays.tensors.keys)
    var lines: [String] = []
    for network in networks {
      let names = (input: "\(network.name).input", output: "\(network.name).output")
      guard arrays.tensors[names.input] != nil || arrays.tensors[names.output] != nil else { continue }
      let input = try matrix(names.input, columns: network.width)
      let output = network.output(input)
      let wanted = try matrix(names.output, columns: output.columns)
      left.subtract([names.input, names.output])
      guard input.rows == wanted.rows else {
        throw CopurError(
          .invalidData,
          "\(path): \"\(names.input)\" and \"\(names.output)\" have a row an example (actual: \(input.rows) and \(wanted.rows))"
        )
      }
      let difference = zip(output.values, wanted.values).map { abs($0 - $1) }.max() ?? 0
      let limit = tolerance * max(1, wanted.values.map(abs).max() ?? 0)
      guard difference <= limit else {
        throw CopurError(
          .invalidData,
          "\(path): \(network.name) gives what it gave there, within \(limit) (actual: \(difference) away); was it in "
            + "evaluation, are its layers stated in their order, and do its inputs have the channels last?")
      }
      lines.append("\(network.name): \(input.rows) examples, outputs at most \(difference) away")
    }
    if let name = left.min() {
      throw CopurError(
        .invalidData,
        "\(path): arrays are NAME.input and NAME.output of \(networks.map(\.name).joined(separator: ", ")) (actual: "
          + "\"\(name)\")")
    }
    return lines
  }

  private func matrix(_ name: String, columns: Int) throws -> Matrix {
    guard let tensor = arrays.tensors[name], tensor.shape.count == 2, tensor.shape[0] > 0, tensor.shape[1] == columns,
      tensor.values.allSatisfy(\.isFinite)
    else {
      throw CopurError(
        .invalidData,
        "\(path): \"\(name)\" is finite and has the shape [examples, \(columns)] (actual: "
          + "\(arrays.tensors[name].map { "\($0.shape)" } ?? "it is missing"))")
    }
    return Matrix(rows: tensor.shape[0], columns: columns, values: tensor.values)
  }
}
