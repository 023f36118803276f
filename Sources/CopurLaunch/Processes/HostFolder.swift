internal import CopurCore
package import Foundation
internal import Subprocess
internal import SystemPackage

/// A folder that processes on other machines read: in one that all share, or copied to each.
package struct HostFolder: Sendable {
  /// Under the same path everywhere.
  package let url: URL
  private let launcher: any Launcher
  /// Of a folder on this machine alone, where nobody else's locks are to be minded.
  private let scratch: ScratchFolder?

  /// Makes the folder on this machine, readable by its owner alone.
  ///
  /// - Parameter name: A word for its name, such as "run".
  package init(named name: String, for launcher: any Launcher) throws {
    self.launcher = launcher
    guard let shared = launcher.sharedFolder else {
      let folder = try ScratchFolder(name)
      (scratch, url) = (folder, folder.url)
      return
    }
    scratch = nil
    url = shared.appending(path: "copur-\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  /// The machines that have a copy.
  private var copies: [LaunchHost] { launcher.isLocal || launcher.sharedFolder != nil ? [] : launcher.hosts }

  /// Brings what is in the folder to machines that do not share it.
  package func distribute() async throws {
    guard !copies.isEmpty else { return }
    let archive = url.deletingLastPathComponent().appending(path: "\(url.lastPathComponent).tar")
    defer { try? FileManager.default.removeItem(at: archive) }
    // Made here with the right mode, since it has keys.
    _ = FileManager.default.createFile(atPath: archive.path, contents: nil, attributes: [.posixPermissions: 0o600])
    try await run(
      [
        "tar", "--exclude", ScratchFolder.lockName, "-C", url.deletingLastPathComponent().path, "-cf", archive.path,
        url.lastPathComponent,
      ], input: nil,
      whatFor: "files for other machines")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for host in copies {
        group.addTask {
          // A host may be this machine, or another host under a second name: what is there is the same.
          let unpack = "umask 077 && mkdir -p \"$1\" && tar -C \"$1\" --skip-old-files -xpf -"
          try await run(
            launcher.command(["sh", "-c", unpack, "sh", url.deletingLastPathComponent().path], on: host),
            input: archive, whatFor: "files on \(host.name)")
        }
      }
      try await group.waitForAll()
    }
  }

  /// Removes files of the folder everywhere; a run that is killed outright can remove nothing afterwards.
  package func remove(_ files: [String]) async throws {
    for file in files { try FileManager.default.removeItem(atPath: file) }
    for host in copies {
      try await run(
        launcher.command(["find", url.path, "-name", "*.key", "-delete"], on: host), input: nil,
        whatFor: "no keys on \(host.name)")
    }
  }

  /// Removes the folder everywhere.
  package func remove() async {
    try? FileManager.default.removeItem(at: url)
    for host in copies {
      // Whether or not the run was cancelled.
      await Task.detached {
        try? await run(launcher.command(["rm", "-rf", "--", url.path], on: host), input: nil, whatFor: "an end")
      }.value
    }
  }

  private func run(_ command: [String], input: URL?, whatFor what: String) async throws {
    let descriptor = try FileDescriptor.open(FilePath(input?.path ?? "/dev/null"), .readOnly)
    let result = try await Subprocess.run(
      .name(command[0]), arguments: Arguments(Array(command.dropFirst())),
      input: .fileDescriptor(descriptor, closeAfterSpawningProcess: true), output: .discarded,
      error: .string(limit: 1 << 16))
    guard result.terminationStatus.isSuccess else {
      throw CopurError(
        .unavailable,
        "`\(command.prefix(8).joined(separator: " ")) …` fails (\(result.terminationStatus)), and there are to be \(what): "
          + result.standardError.trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }
}
