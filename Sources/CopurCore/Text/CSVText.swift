/// Fields of a CSV file (RFC 4180).
public enum CSVText {
  /// A field, in quotation marks if it has to be.
  ///
  /// - Parameter separators: What a reader may take for the separator of fields.
  public static func field(_ text: String, separators: String = ",") -> String {
    // Scalars, since CR LF is one character.
    let special = (separators + "\"\r\n").unicodeScalars
    guard text.unicodeScalars.contains(where: special.contains) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
