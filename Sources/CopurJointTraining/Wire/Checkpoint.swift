/// The numbers of checkpoints on the wire and in files.
enum Checkpoint {
  /// Before a job's first step.
  static let beginning: UInt64 = 0
  /// After a job's last gradient.
  static let trained = UInt64.max
}
