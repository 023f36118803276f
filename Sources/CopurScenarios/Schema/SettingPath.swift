/// The place of a value in a scenario, such as `training.embedding` or `attacks.flip.amplification`.
///
/// Its parts are divided by dots: keys of mappings, and items of lists by their number from 0 or by their name. A part that
/// has dots or equals signs of its own stands in double quotation marks: `attacks."flip x0.5".amplification`.
struct SettingPath: Hashable, Sendable {
  /// A key or an item.
  struct Part: Hashable, Sendable {
    let name: String
    /// Its place in the path's text, in Unicode scalars from 0.
    let offset: Int
  }

  /// A path that is no path, and where in its text.
  struct Malformed: Error {
    let message: String
    let offset: Int
  }

  /// The whole path as it was written.
  let text: String
  /// At least one.
  let parts: [Part]

  /// - Throws: ``Malformed`` if a part is empty or a quotation mark is not closed.
  init(parsing text: String) throws(Malformed) {
    self.text = text
    var parts: [Part] = []
    var (name, start, isQuoted, wasQuoted) = (String.UnicodeScalarView(), 0, false, false)
    func part(endingAt end: Int) throws(Malformed) -> Part {
      guard !name.isEmpty else {
        throw Malformed(message: "a path is keys with dots between, such as training.embedding", offset: start)
      }
      return Part(name: String(name), offset: start)
    }
    var end = 0
    for (offset, scalar) in text.unicodeScalars.enumerated() {
      end = offset + 1
      switch scalar {
      case "\"" where isQuoted || (name.isEmpty && !wasQuoted):
        isQuoted.toggle()
        wasQuoted = true
      case "." where !isQuoted:
        parts.append(try part(endingAt: offset))
        (name, start, wasQuoted) = (.init(), offset + 1, false)
      case _ where wasQuoted && !isQuoted:
        throw Malformed(message: "a dot follows what stands in quotation marks", offset: offset)
      default: name.append(scalar)
      }
    }
    guard !isQuoted else { throw Malformed(message: "a quotation mark of a path is closed", offset: start) }
    parts.append(try part(endingAt: end))
    self.parts = parts
  }

  /// The text before the first equals sign that is not in quotation marks, and the text after it; nil if there is none.
  static func divided(_ text: String) -> (path: String, value: String)? {
    var isQuoted = false
    let scalars = text.unicodeScalars
    for index in scalars.indices {
      switch scalars[index] {
      case "\"": isQuoted.toggle()
      case "=" where !isQuoted:
        return (String(scalars[..<index]), String(scalars[scalars.index(after: index)...]))
      default: break
      }
    }
    return nil
  }
}
