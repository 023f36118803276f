internal import CopurCore
internal import Foundation

/// An array of numbers as NumPy stores it (NPY format, versions 1 to 3).
package struct NumpyArray {
  /// The extent of each dimension, outermost first.
  package let shape: [Int]
  /// The type of the elements as NumPy spells it, without the order of bytes, such as `u1` or `f4`.
  package let elementType: String
  private let type: ElementType
  private let isFortran: Bool
  private let body: ArraySlice<UInt8>

  /// The most elements that are read: eight gigabytes of them.
  private static let limit = 1 << 30

  /// - Parameters:
  ///   - file: The file's name for messages.
  ///   - bytes: Its content.
  /// - Throws: ``CopurError`` of code `.invalidData`, with the rule and the value, if it is no array of real numbers.
  package init(file: String, bytes: ArraySlice<UInt8>) throws {
    func invalid(_ rule: String) -> CopurError { CopurError(.invalidData, "\(file): \(rule)") }
    let bytes = Array(bytes)
    guard bytes.count >= 10, Array(bytes[..<6]) == [0x93] + Array("NUMPY".utf8) else {
      throw invalid("an NPY array begins with 93 4e 55 4d 50 59 (\(bytes.count) bytes)")
    }
    let version = bytes[6]
    guard (1...3).contains(version) else { throw invalid("the format's version is 1, 2 or 3 (actual: \(version))") }
    let prefix = version == 1 ? 10 : 12
    guard bytes.count >= prefix else { throw invalid("the header is cut off at offset \(bytes.count)") }
    let length = bytes[8..<prefix].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.count - prefix else {
      throw invalid("the header is cut off at offset \(bytes.count) (expected: \(length) bytes after \(prefix))")
    }
    let header = String(decoding: bytes[prefix..<prefix + length], as: UTF8.self)
    guard let description = Self.value(of: "descr", in: header)?.trimmingCharacters(in: ["'", "\""]),
      let order = Self.value(of: "fortran_order", in: header), let extents = Self.tuple(of: "shape", in: header)
    else { throw invalid("the header says descr, fortran_order and shape (actual: \(header.prefix(120)))") }
    guard let type = ElementType(description) else {
      throw invalid("elements are real numbers: f4, f8, i1 to i8, u1 to u8 or b1 (actual: \(description))")
    }
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow, product <= Self.limit else {
        throw invalid("an array has at most \(Self.limit) elements (shape: \(extents))")
      }
      count = product
    }
    let body = bytes[(prefix + length)...]
    guard body.count == count * type.size else {
      throw invalid(
        "an array of shape \(extents) takes \(count * type.size) bytes of \(description) (actual: \(body.count))")
    }
    shape = extents
    elementType = String(description.dropFirst())
    self.type = type
    self.body = body
    isFortran = order == "True" && extents.count > 1
    guard !isFortran || extents.count == 2 else {
      throw invalid("an array in Fortran's order has at most two dimensions (actual: \(extents))")
    }
  }

  /// The elements, the last dimension fastest; converted at each call.
  package var values: [Double] { elements { $0 } }

  /// The elements in single precision, the last dimension fastest; converted at each call.
  package var singles: [Float] { elements(Float.init) }

  /// The elements of an array of unsigned bytes, the last dimension fastest, as they are stored; nil for other types
  /// and for Fortran's order.
  package var bytes: ArraySlice<UInt8>? { elementType == "u1" && !isFortran ? body : nil }

  private func elements<Element>(_ convert: (Double) -> Element) -> [Element] {
    let count = body.count / type.size
    return body.withUnsafeBytes { raw in
      (0..<count).map { place in
        guard isFortran else { return convert(type.value(raw, at: place * type.size)) }
        let (row, column) = place.quotientAndRemainder(dividingBy: shape[1])
        return convert(type.value(raw, at: (column * shape[0] + row) * type.size))
      }
    }
  }

  /// The text after a key of the header's dictionary, up to the next comma or brace.
  private static func value(of key: String, in header: String) -> String? {
    guard let start = header.firstRange(of: "'\(key)':") ?? header.firstRange(of: "\"\(key)\":") else { return nil }
    let rest = header[start.upperBound...]
    return rest.prefix { $0 != "," && $0 != "}" }.trimmingCharacters(in: .whitespaces)
  }

  private static func tuple(of key: String, in header: String) -> [Int]? {
    guard let start = header.firstRange(of: "'\(key)':") ?? header.firstRange(of: "\"\(key)\":") else { return nil }
    let rest = header[start.upperBound...]
    guard let open = rest.firstIndex(of: "("), let close = rest[open...].firstIndex(of: ")") else { return nil }
    let parts = rest[rest.index(after: open)..<close].split(separator: ",")
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    let numbers = parts.compactMap { Int($0) }
    return numbers.count == parts.count ? numbers : nil
  }

  /// A type of elements.
  private struct ElementType {
    private enum Kind { case float, signed, unsigned }

    private let kind: Kind
    private let isBigEndian: Bool
    let size: Int

    /// - Parameter description: As NumPy spells it, such as `<f8`.
    init?(_ description: String) {
      let characters = Array(description)
      guard characters.count == 3, "<>|=".contains(characters[0]), let size = characters[2].wholeNumberValue else {
        return nil
      }
      isBigEndian = characters[0] == ">"
      self.size = size
      switch (characters[1], size) {
      case ("f", 4), ("f", 8): kind = .float
      case ("i", 1), ("i", 2), ("i", 4), ("i", 8): kind = .signed
      case ("u", 1), ("u", 2), ("u", 4), ("u", 8), ("b", 1): kind = .unsigned
      default: return nil
      }
    }

    func value(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Double {
      var pattern: UInt64 = 0
      for place in 0..<size {
        pattern |= UInt64(bytes[offset + (isBigEndian ? size - 1 - place : place)]) << (8 * UInt64(place))
      }
      switch kind {
      case .unsigned: return Double(pattern)
      case .signed:
        let shift = UInt64(64 - 8 * size)
        return Double(Int64(bitPattern: pattern << shift) >> Int64(shift))
      case .float: return size == 8 ? Double(bitPattern: pattern) : Double(Float(bitPattern: UInt32(pattern)))
      }
    }
  }
}
