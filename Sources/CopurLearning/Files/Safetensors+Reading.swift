public import Foundation

extension Safetensors {
  /// Reads a file's bytes.
  ///
  /// - Throws: ``FormatError`` if they break the format, or hold another type than F32.
  public init(decoding file: Data) throws { try self.init(file, types: [.float32], leavingOut: { _ in false }) }

  /// Reads a file that somebody else wrote: F16, BF16 and F64 are brought to F32, and the counters of batches that PyTorch
  /// keeps beside a batch normalisation are left out.
  ///
  /// - Throws: ``FormatError`` if the bytes break the format, or hold another type.
  public init(importing file: Data) throws {
    try self.init(file, types: Set(ElementType.allCases), leavingOut: { $0.hasSuffix("num_batches_tracked") })
  }

  private init(_ file: Data, types: Set<ElementType>, leavingOut isLeftOut: (String) -> Bool) throws {
    let file = Data(file)  // So that indices count from 0.
    guard file.count >= 8 else { throw FormatError(description: "a header length of 8 bytes (actual: \(file.count))") }
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(file[$1]) << (8 * UInt64($1)) }
    guard length <= UInt64(Self.headerLimit), Int(length) <= file.count - 8 else {
      throw FormatError(
        description:
          "a header within the file and under \(Self.headerLimit) bytes (header: \(length), file: \(file.count))")
    }
    let body = file.dropFirst(8 + Int(length))
    let text = file[8..<8 + Int(length)]
    let header: [String: Header]
    do {
      header = try JSONDecoder().decode([String: Header].self, from: text)
    } catch {
      throw FormatError(description: "a JSON header of names, types, shapes and offsets (\(error))")
    }
    // A decoder keeps one of equal names, and says nothing.
    let names = Self.countMembers(of: text)
    guard names == header.count else {
      throw FormatError(description: "names that differ (names: \(names), of which \(header.count) differ)")
    }
    var (tensors, metadata) = ([String: Tensor](), [String: String]())
    var entries: [(name: String, entry: Entry)] = []
    for (name, value) in header {
      switch value {
      case .metadata(let text):
        guard name == "__metadata__" else { throw FormatError(description: "\"\(name)\" has no type and shape") }
        metadata = text
      case .entry(let entry): entries.append((name, entry))
      }
    }
    var used = 0
    for (name, entry) in entries.sorted(by: { $0.entry.dataOffsets.lexicographicallyPrecedes($1.entry.dataOffsets) }) {
      guard entry.dataOffsets.count == 2, entry.dataOffsets[0] == used,
        (used...body.count).contains(entry.dataOffsets[1])
      else {
        throw FormatError(
          description: "arrays one after the other within \(body.count) bytes (\"\(name)\" begins at \(used), offsets: "
            + "\(entry.dataOffsets))")
      }
      let bytes = body.dropFirst(used).prefix(entry.dataOffsets[1] - used)
      used = entry.dataOffsets[1]
      if isLeftOut(name) { continue }
      guard let type = ElementType(rawValue: entry.dtype), types.contains(type) else {
        let known = ElementType.allCases.filter(types.contains).map(\.rawValue).joined(separator: ", ")
        throw FormatError(description: "arrays of type \(known) (\"\(name)\": \(entry.dtype))")
      }
      // Each extent is compared before it is multiplied.
      var count = 1
      for extent in entry.shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow, product <= body.count else {
          throw FormatError(description: "\"\(name)\" of shape \(entry.shape) does not fit in \(body.count) bytes")
        }
        count = product
      }
      guard bytes.count == type.size * count else {
        throw FormatError(
          description: "\"\(name)\" of shape \(entry.shape) takes \(type.size * count) bytes (offsets: "
            + "\(entry.dataOffsets))")
      }
      tensors[name] = Tensor(shape: entry.shape, values: type.values(in: bytes))
    }
    guard used == body.count else {
      throw FormatError(description: "as many data bytes as the arrays take (arrays: \(used), data: \(body.count))")
    }
    self.init(tensors: tensors, metadata: metadata)
  }

  /// The number of members of an object in a JSON text that was found to be one.
  private static func countMembers(of text: Data) -> Int {
    var (depth, count) = (0, 0)
    var (isText, isEscaped) = (false, false)
    for byte in text {
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isText = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ":") where depth == 1: count += 1
      default: break
      }
    }
    return count
  }
}
