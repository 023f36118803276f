internal import CopurCore
internal import CopurLearning
internal import Foundation

/// An agent's checkpoints of one training: for each of its joint trainings the last two, and the end.
struct AgentCheckpoints: Sendable {
  /// The content of a file.
  struct Entry: Codable {
    /// The checkpoint's number.
    var number: UInt64
    var state: ExtractorTrainee.State
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

  /// The agent's secret seed, drawn once for a training.
  func seed() throws -> UInt64 {
    guard let folder else { return UInt64.random(in: 0...UInt64.max) }
    let file = folder.appending(path: "seed")
    if let text = try? String(contentsOf: file, encoding: .utf8), let seed = UInt64(text) { return seed }
    let seed = UInt64.random(in: 0...UInt64.max)
    try DurableFile.write(Data("\(seed)".utf8), to: file)
    return seed
  }

  /// A checkpoint; nil if there is none of this number.
  func entry(of job: String, number: UInt64) -> Entry? {
    guard let file = file(of: job, number: number), let data = try? Data(contentsOf: file),
      let entry = try? PropertyListDecoder().decode(Entry.self, from: data), entry.number == number
    else { return nil }
    return entry
  }

  /// Writes a checkpoint; when this returns, it is on the disk, and those older than the one before are not.
  func store(_ entry: Entry, of job: String) throws {
    guard let file = file(of: job, number: entry.number) else { return }
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    try DurableFile.write(encoder.encode(entry), to: file)
    if entry.number > 2, entry.number != Checkpoint.trained, let old = self.file(of: job, number: entry.number - 2) {
      try? FileManager.default.removeItem(at: old)
    }
  }

  /// The training is over: nothing will be gone back to.
  func removeAll() {
    if let folder { try? FileManager.default.removeItem(at: folder) }
  }

  private func file(of job: String, number: UInt64) -> URL? {
    let name = SHA256Digest.hexadecimal(of: Data(job.utf8)).prefix(16)
    return folder?.appending(path: "\(name)-\(number == Checkpoint.trained ? "trained" : "\(number)").checkpoint")
  }
}
