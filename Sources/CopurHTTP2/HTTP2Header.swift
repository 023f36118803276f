/// A header field or pseudo-header field.
public struct HTTP2Header: Hashable, Sendable {
  /// The name, in lower case (RFC 9113 section 8.2.1).
  public var name: String

  /// The value.
  public var value: String

  /// Creates a header.
  ///
  /// - Parameters:
  ///   - name: The name, in lower case.
  ///   - value: The value.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension [HTTP2Header] {
  /// The first value under a name.
  public func firstValue(_ name: String) -> String? {
    first { $0.name == name }?.value
  }
}
