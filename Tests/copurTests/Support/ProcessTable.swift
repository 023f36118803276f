import Foundation

/// A process as the kernel lists it.
struct ProcessEntry: Hashable, Sendable {
  let id: pid_t
  let parent: pid_t
  /// The time of its start, in clock ticks since the system's: it tells the process from a later one of the same number.
  let start: UInt64
  /// Its program's arguments, the program first.
  let arguments: [String]

  /// A process that was over before it was looked at.
  static func gone(_ id: pid_t) -> ProcessEntry { ProcessEntry(id: id, parent: 0, start: 0, arguments: []) }

  /// Whether it still runs; a process that has ended and that nobody has asked about yet does not.
  ///
  /// A program that starts itself again from a thread that is not its first is listed as ended for a moment, since the first
  /// thread is; on a busy machine that was taken for the end.
  var isAlive: Bool {
    for _ in 0..<3 {
      if ProcessTable.entry(id)?.start == start { return true }
      usleep(10_000)
    }
    return false
  }

  func send(_ signal: Int32) {
    if isAlive { kill(id, signal) }
  }
}

/// `/proc`.
enum ProcessTable {
  /// A process that runs; nil if there is none of that number, or it has ended and is only waited for.
  static func entry(_ id: pid_t) -> ProcessEntry? {
    // proc(5): "pid (name) state ppid …", the start as the 22nd field; a name may have spaces and parentheses.
    guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let parent = pid_t(fields[1]),
      let start = UInt64(fields[19])
    else { return nil }
    let line = (try? Data(contentsOf: URL(filePath: "/proc/\(id)/cmdline"))) ?? Data()
    return ProcessEntry(
      id: id, parent: parent, start: start,
      arguments: line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
  }

  static func children(of parent: ProcessEntry) -> [ProcessEntry] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
      pid_t(name).flatMap(entry)
    }.filter { $0.parent == parent.id }
  }
}

/// Looks again and again until something holds; the test's time limit says for how long.
func eventually(_ holds: () async throws -> Bool) async throws {
  while try await !holds() { try await Task.sleep(for: .milliseconds(10)) }
}
