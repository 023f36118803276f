/// The rule for a session's name.
public enum SessionName {
  /// The longest name, in bytes.
  public static let maximumLength = 128

  /// Checks a name.
  ///
  /// - Parameters:
  ///   - name: 1 to 128 printable ASCII characters without the space.
  ///   - field: The field that it comes from, for the error.
  /// - Throws: ``WireError`` if the name is no such name.
  public static func check(_ name: String, field: String) throws(WireError) {
    let length = name.utf8.count
    guard length >= 1, length <= maximumLength, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      // The name is repeated only as far as it is allowed to be long.
      let start = String(name.unicodeScalars.prefix(maximumLength)).debugDescription
      throw WireError(
        field: field,
        rule: "a session's name is 1 to \(maximumLength) printable ASCII characters without the space "
          + "(\(length) bytes: \(start))")
    }
  }
}
