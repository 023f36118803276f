/// A peer's role towards the fusion center, the second part of its certificate's URI: `spiffe://copur/ROLE/NAME`.
public enum Role: String, CaseIterable, Hashable, Sendable {
  /// Sends blocks in its own name.
  case agent
  /// Asks for verdicts and for inference.
  case client
  /// Plays a simulation: asks for verdicts, and tells the agents of a simulation what to send.
  case driver
  /// Looks on.
  case viewer
  /// Does what clients and viewers may, and changes the running service.
  case admin
}
