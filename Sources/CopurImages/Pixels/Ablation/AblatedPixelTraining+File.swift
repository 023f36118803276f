internal import CopurCore
internal import CopurLearning
public import Foundation

/// A training as a file: a binary property list of the settings, the parameters and the optimiser's state.
extension AblatedPixelTraining {
  private struct Checkpoint: Codable {
    /// The version of this form.
    var format = 1
    var settings: Settings
    var epoch: Int
    /// Each parameter's values by its name, little-endian 32-bit floats.
    var parameters: [String: Data]
    /// The optimiser, a property list of its own, so that its state can be looked at before it is used.
    var optimizer: Data
  }

  /// The parts of an optimiser that have to fit the network's parameters.
  private struct OptimizerState: Decodable {
    var first: [Data]
    var second: [Data]
    var step: Int
  }

  /// Writes the training, whole or not at all.
  ///
  /// - Throws: ``CopurError`` of code `.io` if the file cannot be written.
  public func save(to file: URL) throws {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    let parameters = model.network.namedParameters.map { ($0.name, Self.bytes(of: $0.tensor.values)) }
    let checkpoint = Checkpoint(
      settings: settings, epoch: epoch, parameters: Dictionary(parameters) { $1 },
      optimizer: try encoder.encode(optimizer))
    try DurableFile.write(encoder.encode(checkpoint), to: file, permissions: 0o644)
  }

  /// Reads a training.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if the file cannot be read, `.invalidData` if it is no training.
  public init(reading file: URL) throws {
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      throw CopurError(.missingInput, "\(file.path): a training's file that can be read", cause: error)
    }
    do {
      try self.init(decoding: data)
    } catch {
      throw CopurError(.invalidData, "\(file.path): a training of ablated pixels", cause: error)
    }
  }

  private init(decoding data: Data) throws {
    let decoder = PropertyListDecoder()
    let checkpoint = try decoder.decode(Checkpoint.self, from: data)
    guard checkpoint.format == 1 else {
      throw CopurError(.invalidData, "format 1 (actual: \(checkpoint.format))")
    }
    try checkpoint.settings.validate()
    guard (0...checkpoint.settings.epochs).contains(checkpoint.epoch) else {
      throw CopurError(
        .invalidData, "0 to \(checkpoint.settings.epochs) epochs have been run (actual: \(checkpoint.epoch))")
    }
    let network = try Network(checkpoint.settings.architecture()) { name, _ in
      guard let bytes = checkpoint.parameters[name] else { throw CopurError(.invalidData, "a parameter \"\(name)\"") }
      return try Self.floats(bytes, of: name)
    }
    let state = try decoder.decode(OptimizerState.self, from: checkpoint.optimizer)
    let sizes = network.parameters.map { 4 * $0.count }
    guard state.step >= 0, state.first.isEmpty || state.first.map(\.count) == sizes,
      state.second.allSatisfy(\.isEmpty), state.second.count == state.first.count
    else {
      throw CopurError(.invalidData, "a state of momentum that fits the network's parameters")
    }
    let optimizer = try decoder.decode(Optimizer.self, from: checkpoint.optimizer)
    guard optimizer.method == .momentum(decay: checkpoint.settings.momentum) else {
      throw CopurError(.invalidData, "an optimiser of the settings' momentum (actual: \(optimizer.method))")
    }
    try self.init(checkpoint.settings, network: network, optimizer: optimizer, epoch: checkpoint.epoch)
  }

  private static func bytes(of values: [Float]) -> Data {
    values.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
  }

  private static func floats(_ bytes: Data, of name: String) throws -> [Float] {
    guard bytes.count.isMultiple(of: 4) else {
      throw CopurError(.invalidData, "\"\(name)\" has numbers of 4 bytes (actual: \(bytes.count) bytes)")
    }
    let values = bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
    guard values.allSatisfy(\.isFinite) else {
      throw CopurError(.invalidData, "\"\(name)\" has finite numbers only")
    }
    return values
  }
}
