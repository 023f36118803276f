import Foundation

/// ExtraSensory, if this machine has it: `$COPUR_DATA`, else the folder beside the checkout.
enum SensorData {
  static let agents = [
    "acc", "gyro", "magnet", "watch", "compass", "location", "audio", "phone", "environment", "time",
  ]
  /// The number of test rows that the user's data leaves after 2500 rows for training.
  static let rows = 465
  private static let user = "0BFC35E2-4817-4865-BFA7-764742302A2D"

  /// The folder; nil if the data is not there.
  static let folder: String? = {
    let beside = Programs.package.deletingLastPathComponent().appending(path: "shared/data").path
    let folder = ProcessInfo.processInfo.environment["COPUR_DATA"] ?? beside
    let file = "\(folder)/extrasensory/\(user).features_labels.csv"
    return ["", ".gz"].contains { FileManager.default.fileExists(atPath: file + $0) } ? folder : nil
  }()

  /// The paper's user and the quick scenario's attacks, trained for a moment.
  ///
  /// - Parameter silent: When a sensor is missing in a row.
  static func scenario(silent: String) -> String {
    """
    name: sensors
    dataset: { kind: extrasensory, user: \(user), label: SITTING, train_rows: 2500, silent: \(silent) }
    agents: [\(agents.joined(separator: ", "))]
    training: { embedding: 32, epochs: 5, fusion: { epochs: 10, learning_rate: 0.005 } }
    manifold: { kind: linear, code: 2 }
    attacks:
      - { name: clean }
      - { name: flip, kind: feature-flipping, agents: [time], amplification: 10 }
      - { name: pgd, kind: pgd, goal: targeted, agents: [time], step: 0.5, iterations: 30 }
      - name: missing and flip
        all:
          - { kind: missing, agents: [audio] }
          - { kind: feature-flipping, agents: [time], amplification: 10 }
    rounds: { deadline: 1s }

    """
  }
}
