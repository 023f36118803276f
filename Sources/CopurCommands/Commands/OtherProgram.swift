import CopurCore
import Foundation

/// A program to compare with, which prints measurements as lines of JSON.
struct OtherProgram {
  /// For `/bin/sh -c`.
  let command: String

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - type: What a line holds.
  ///   - members: The members that a line must have, for the error.
  /// - Throws: ``CopurError`` if it cannot be started, fails, or prints no measurement.
  func lines<Line: Decodable>(of type: Line.Type, members: String) throws -> [Line] {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    let output = Pipe()
    process.standardOutput = output
    do {
      try process.run()
    } catch {
      throw CopurError(.unavailable, "\(command): \(error.localizedDescription)")
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw CopurError(.unavailable, "\(command): exit status \(process.terminationStatus)")
    }
    let lines = text.split(separator: "\n").compactMap { line in
      try? JSONDecoder().decode(Line.self, from: Data(line.utf8))
    }
    guard !lines.isEmpty else {
      throw CopurError(.invalidData, "\(command): no line of JSON with \(members)")
    }
    return lines
  }
}
