import CopurCore
import CopurImages
import CopurLearning
import Foundation

/// The votes of ablation in a file, a line of JSON a picture, so that a run of hours goes on where it was stopped.
struct PixelVoteFile {
  /// Nil to keep nothing.
  let folder: URL?
  let training: AblatedPixelTraining
  let voting: AblatedPixels.Voting

  /// The file's first line: votes of another classifier are not taken for this one's.
  private struct Head: Codable, Equatable {
    var classifier: String
    var voting: AblatedPixels.Voting
  }

  /// The votes of the pictures from 0 to before `count`, those that are in the file and the others.
  ///
  /// - Parameter draw: Draws the votes of a picture.
  /// - Throws: ``CopurError`` of code `.configuration` if the file has another classifier's votes; what `draw` throws.
  func votes(of count: Int, draw: (Int) throws -> PixelVotes) throws -> [PixelVotes] {
    guard let folder else { return try (0..<count).map { try draw($0) } }
    let file = folder.appending(path: "ablation-votes.jsonl")
    var weights = Data()
    for values in training.model.network.parameters { values.withUnsafeBytes { weights.append(contentsOf: $0) } }
    let head = Head(classifier: SHA256Digest.hexadecimal(of: weights), voting: voting)
    var votes = try read(file, head: head)
    if votes.isEmpty { try append(head, to: file, isNew: true) }
    while votes.count < count {
      let next = try draw(votes.count)
      try append(next, to: file, isNew: false)
      votes.append(next)
      if votes.count % 25 == 0 || votes.count == count {
        Terminal.report("ablation: votes of \(votes.count) of \(count) pictures")
      }
    }
    return Array(votes.prefix(count))
  }

  /// The votes that are there; a last line that was cut off counts for nothing and is taken away.
  private func read(_ file: URL, head: Head) throws -> [PixelVotes] {
    guard FileManager.default.fileExists(atPath: file.path) else { return [] }
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      throw CopurError(.missingInput, "\(file.path) cannot be read", cause: error)
    }
    let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
    guard let first = lines.first else { return [] }
    guard let kept = try? JSONDecoder().decode(Head.self, from: Data(first)), kept == head else {
      throw CopurError(
        .configuration,
        "\(file.path) has votes of another classifier or by other settings: name another folder with --out")
    }
    var (votes, length) = ([PixelVotes](), first.count + 1)
    for line in lines.dropFirst() {
      guard let next = try? JSONDecoder().decode(PixelVotes.self, from: Data(line)),
        next.bounding.count == training.settings.classes
      else {
        throw CopurError(.invalidData, "\(file.path): line \(votes.count + 2) is no picture's votes")
      }
      votes.append(next)
      length += line.count + 1
    }
    if length < data.count {
      let handle = try FileHandle(forWritingTo: file)
      defer { try? handle.close() }
      try handle.truncate(atOffset: UInt64(length))
    }
    return votes
  }

  private func append(_ value: some Encodable, to file: URL, isNew: Bool) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let line = try encoder.encode(value) + Data("\n".utf8)
    do {
      if isNew {
        try line.write(to: file)
      } else {
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: line)
      }
    } catch {
      throw CopurError(.io, "\(file.path) cannot be written", cause: error)
    }
  }
}
