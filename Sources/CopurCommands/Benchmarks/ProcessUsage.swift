import CopurCore
import Foundation

/// CPU time and memory that a process has used by now, as the kernel says in `/proc`.
struct ProcessUsage {
  /// Of all its threads, in user and kernel mode.
  var cpuSeconds: Double
  /// The memory that is resident now, in bytes.
  var residentBytes: Int
  /// The most that has been.
  var peakResidentBytes: Int

  init(of process: Int32) throws {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let times = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    else { throw CopurError(.unavailable, "process \(process) has ended early") }
    func kibibytes(_ key: String) -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix(key + ":") }
      return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
    // The second member is a name in parentheses; user and kernel ticks are members 14 and 15 (proc(5)).
    let members = times.split(separator: ")").last?.split(separator: " ") ?? []
    let ticks = members.count > 12 ? (Double(members[11]) ?? 0) + (Double(members[12]) ?? 0) : 0
    cpuSeconds = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    residentBytes = kibibytes("VmRSS") << 10
    peakResidentBytes = kibibytes("VmHWM") << 10
  }
}
