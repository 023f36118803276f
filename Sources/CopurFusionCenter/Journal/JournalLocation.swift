/// The place of a journal, as a user names it: a URL, or the plain path of a file.
///
/// A text that begins with a scheme and a colon (RFC 3986, section 3.1) is a URL. A file whose name begins so is named
/// `./NAME`. What follows the scheme is the matter of the ``JournalKind``.
public struct JournalLocation: Hashable, Sendable {
  /// The URL or the path, as it was given. It may hold a password.
  public let text: String
  /// The URL's scheme, in lower case; nil: a plain path.
  public let scheme: String?

  /// - Parameter text: The URL or the path; any text is one of them.
  public init(_ text: String) {
    self.text = text
    scheme = text.prefixMatch(of: /([A-Za-z][A-Za-z0-9+.\-]*):/).map { $0.1.lowercased() }
  }
}
