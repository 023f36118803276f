import Foundation
import Synchronization

/// Directories of tests, removed when the tests have run.
enum Scratch {
  private static let directories = Mutex<[String]>([])

  private static let removalAtExit: Void = {
    atexit {
      for directory in Scratch.directories.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: directory) }
    }
  }()

  /// A path where nothing is yet.
  static func directory() -> String {
    _ = removalAtExit
    let path = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID())").path
    directories.withLock { $0.append(path) }
    return path
  }
}
