import Foundation

/// A program or file that a test cannot do without is not there.
struct MissingProgram: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// The places of programs. One that is missing is a failure: a test that was skipped shows nothing.
enum Programs {
  /// This package's folder.
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The program under test, built into the folder of these tests' own executable.
  static func copur() throws -> String {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(filePath: tests).deletingLastPathComponent().appending(path: "copur").path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw MissingProgram("\(path) is not there: the tests run the program that `swift build` puts beside them")
    }
    return path
  }

  /// A program of the system.
  static func system(_ name: String) throws -> String {
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":") {
      let path = "\(folder)/\(name)"
      if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    throw MissingProgram("\(name) is not in $PATH: Deploy/test.sh installs it")
  }

  /// Chromium, with or without a window to show.
  static func chromium() throws -> String { try (try? system("chromium-headless-shell")) ?? system("chromium") }

  /// A Python that has what `Clients/requirements.txt` lists.
  static func python() throws -> String {
    let named = ProcessInfo.processInfo.environment["COPUR_TEST_PYTHON"]
    let path = named ?? package.appending(path: ".venv-test/bin/python").path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw MissingProgram("\(path), a Python with grpcio, is not there: Deploy/test.sh installs it")
    }
    return path
  }

  /// This process's environment, without the data and the cache of whoever runs the tests.
  static let environment: [String: String] = {
    var variables = ProcessInfo.processInfo.environment
    variables["COPUR_DATA"] = nil
    // No folder, not even to root: a test that would use the cache fails.
    variables["XDG_CACHE_HOME"] = "/dev/null"
    return variables
  }()
}
