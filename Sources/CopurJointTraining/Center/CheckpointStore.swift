internal import CopurCore
internal import CopurLearning
internal import Foundation

/// The fusion center's checkpoints: a file for each joint training, which holds the last one.
struct CheckpointStore: Sendable {
  /// What a file holds.
  struct Entry: Codable {
    /// The number by which agents know the checkpoint.
    var number: UInt64
    var state: JointTrainingCenter.State
    /// In asynchronous training, the number of each agent's own checkpoint, by its place.
    var agents: [Int: UInt64]
  }

  private let folder: URL?

  /// - Parameter folder: Is made; nil: nothing is stored.
  init(folder: URL?) throws {
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
  func entry(of job: String) throws -> Entry? {
    guard let file = file(of: job), let data = try? Data(contentsOf: file) else { return nil }
    do {
      return try PropertyListDecoder().decode(Entry.self, from: data)
    } catch {
      throw CopurError(.invalidData, "\(file.path) is no checkpoint: remove it to train again", cause: error)
    }
  }

  /// Writes a checkpoint; when this returns, it is on the disk.
  func store(_ entry: Entry, of job: String) throws {
    guard let file = file(of: job) else { return }
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    try DurableFile.write(encoder.encode(entry), to: file)
  }

  /// The training is over: nothing will be gone back to.
  func removeAll() {
    if let folder { try? FileManager.default.removeItem(at: folder) }
  }

  private func file(of job: String) -> URL? {
    // Names have blanks and commas; a digest is one name on every file system.
    folder?.appending(path: "\(SHA256Digest.hexadecimal(of: Data(job.utf8)).prefix(16)).checkpoint")
  }
}
