/// An event of a `text/event-stream` (WHATWG HTML, section 9.2).
package struct ServerSentEvent: Hashable, Sendable {
  package let id: EventID
  package let name: String
  /// One line of text: JSON has no line feeds of its own.
  package let data: String

  /// As it stands in the stream.
  package var text: String { "id: \(id)\nevent: \(name)\ndata: \(data)\n\n" }
}

/// The name of an event: of which run of the service it is, and its number in it.
///
/// A page that reconnects to a later run is thereby not taken to have seen that run's events.
package struct EventID: Hashable, Sendable, CustomStringConvertible {
  package let run: String
  package let number: Int

  package init(run: String, number: Int) {
    self.run = run
    self.number = number
  }

  /// Reads what a client sends as `Last-Event-ID`; nil if it is no name of ours.
  package init?(_ text: String) {
    guard text.utf8.count <= 64, let dash = text.lastIndex(of: "-"), let number = Int(text[text.index(after: dash)...])
    else { return nil }
    self.init(run: String(text[..<dash]), number: number)
  }

  package var description: String { "\(run)-\(number)" }
}
