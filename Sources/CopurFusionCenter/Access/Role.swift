/// A peer's role towards the fusion center, the second part of its certificate's URI: `spiffe://copur/ROLE/NAME`.
public enum Role: String, CaseIterable, Hashable, Sendable {
  /// Sends blocks in its own name.
  case agent
  /// Asks for verdicts and for inference.
  case client
  /// Looks on.
  case viewer
  /// Does what clients and viewers may, and changes the running service.
  case admin
}
