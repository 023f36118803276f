internal import CopurCore
package import CopurLearning
internal import Dispatch
package import Foundation

/// The fusion center's checkpoints: a file for each joint training, which holds the last one.
///
/// A thread of its own writes them, one after the other: neither connections nor agents' steps wait for a disk.
package final class CheckpointStore: Sendable {
  /// The content of a file.
  package struct Entry: Codable, Sendable {
    /// The number by which agents know the checkpoint.
    package var number: UInt64
    package var state: JointTrainingCenter.State
    /// In asynchronous training, the number of each agent's own checkpoint, by its place.
    package var agents: [Int: UInt64]

    package init(number: UInt64, state: JointTrainingCenter.State, agents: [Int: UInt64]) {
      self.number = number
      self.state = state
      self.agents = agents
    }
  }

  private let folder: URL?
  private let queue = DispatchQueue(label: "copur.checkpoints")

  /// - Parameter folder: Is made; nil: nothing is stored.
  package init(folder: URL?) throws {
    self.folder = folder
    guard let folder else { return }
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw CopurError(.cannotCreate, "checkpoints cannot be written to \(folder.path)", cause: error)
    }
  }

  /// The last checkpoint of a joint training; nil if there is none.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` that names the file if it cannot be understood.
  package func entry(of job: String) throws -> Entry? {
    guard let file = file(of: job), let data = try? Data(contentsOf: file) else { return nil }
    do {
      return try PropertyListDecoder().decode(Entry.self, from: data)
    } catch {
      throw CopurError(.invalidData, "\(file.path) is no checkpoint: remove it to train again", cause: error)
    }
  }

  /// Writes a checkpoint; when this returns, it is on the disk.
  ///
  /// - Parameter entry: Gives the checkpoint when its turn has come, on the writing thread: what was asked for later is then no
  ///   older, and replaces it.
  package func store(of job: String, _ entry: @escaping @Sendable () -> Entry) async throws {
    guard let file = file(of: job) else { return }
    try await withCheckedThrowingContinuation { continuation in
      queue.async {
        continuation.resume(with: Result { try Self.write(entry(), to: file) })
      }
    }
  }

  private static func write(_ entry: Entry, to file: URL) throws {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    try DurableFile.write(encoder.encode(entry), to: file)
  }

  /// The training is over: nothing will be gone back to.
  package func removeAll() {
    if let folder { try? FileManager.default.removeItem(at: folder) }
  }

  private func file(of job: String) -> URL? {
    // Names have blanks and commas; a digest is one name on every file system.
    folder?.appending(path: "\(SHA256Digest.hexadecimal(of: Data(job.utf8)).prefix(16)).checkpoint")
  }
}
