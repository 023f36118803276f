import Foundation
import Testing

/// The tutorial "From a CSV file of your own to a defended service", in a folder of its own.
struct Tutorial {
  /// The documentation catalogue of `CopurCore`.
  static let catalogue = Programs.package.appending(path: "Sources/CopurCore/Docs.docc")

  let folder: TestFolder
  /// The files of its steps, in their order.
  let files: [String]

  init() throws {
    folder = try TestFolder()
    let text = try String(
      contentsOf: Self.catalogue.appending(path: "Tutorials/FromYourOwnData.tutorial"), encoding: .utf8)
    files = text.matches(of: /, file: ([\w.]+)/).map { String($0.1) }
    try FileManager.default.createDirectory(atPath: folder.path("bin"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: folder.path("bin/copur"), withDestinationPath: Programs.copur())
  }

  /// The text of a file of the tutorial.
  func text(of file: String) throws -> String {
    try String(contentsOf: Self.catalogue.appending(path: "Resources/OwnData/\(file)"), encoding: .utf8)
  }

  /// Puts a file that a step shows into the folder; a program is run.
  func take(_ file: String) async throws {
    let path = try folder.write(try text(of: file), to: file)
    guard file.hasSuffix(".py") else { return }
    let written = try await run(Programs.system("bash"), shell("\"$0\" \(file)") + [Programs.python()])
    #expect(written.code == 0, "\(path): \(written.errors)")
  }

  /// Bash's arguments for commands in the folder.
  func shell(_ commands: String) -> [String] { ["-ec", "cd '\(folder.url.path)'\n\(commands)"] }

  /// With `copur` on the `PATH`.
  var environment: [String: String] {
    [
      "PATH": "\(folder.path("bin")):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin")",
      "XDG_CACHE_HOME": folder.path("cache"),
    ]
  }
}
