/// Something that a person who looks after the service wants to know.
package struct Alarm: Encodable, Hashable, Sendable {
  package enum Level: String, Encodable, Sendable {
    /// The service does not do what it is for.
    case critical
    /// An agent or a peer misbehaves.
    case warning
    /// A warning is over.
    case notice
  }

  /// A running number, from 1.
  package let number: Int
  /// When, in milliseconds since 1970.
  package let at: Double
  package let level: Level
  package let text: String
}
