import CLinux
import CopurCore
import CopurHTTP2
import CopurNumerics
import CopurTLS
import Foundation

/// Processors, memory, open files, the clock, and libraries.
struct MachineCheck {
  /// The number of agents that connect to a service.
  let agents: Int

  func findings() -> [Finding] { [processors, memory, descriptors, kernel, tls, http2] + clock }

  private var processors: Finding {
    let count = min(Self.allowedProcessors ?? .max, Self.quota ?? .max, ProcessInfo.processInfo.activeProcessorCount)
    guard count > 1 else {
      return .warning(
        "processors", "there is 1 that may be used: rounds are decided where connections are served",
        do: "give the service 2 or more")
    }
    return .ok("processors", "\(count), vector instructions: \(ComputeKernel.instructions)")
  }

  /// The number of processors that this process may run on, of a list such as `0-3,8` (proc(5)).
  private static var allowedProcessors: Int? {
    let line = text("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
    return line?.split(whereSeparator: \.isWhitespace).last?.split(separator: ",").reduce(0) { sum, range in
      let ends = range.split(separator: "-").compactMap { Int($0) }
      return sum + (ends.count == 2 ? ends[1] - ends[0] + 1 : 1)
    }
  }

  /// The number of processors whose time the control group has, one at least; nil without a limit.
  private static var quota: Int? {
    let numbers = text("/sys/fs/cgroup/cpu.max")?.split(separator: " ").map { Double($0) } ?? []
    guard numbers.count == 2, let time = numbers[0], let period = numbers[1], period > 0 else { return nil }
    return max(Int(time / period), 1)
  }

  /// The memory that may still be had, of the machine or of this process's control group.
  private var memory: Finding {
    let machine = Self.number(after: "MemAvailable:", in: "/proc/meminfo").map { $0 << 10 }
    let group = Self.text("/sys/fs/cgroup/memory.max").flatMap { Int($0) }
    let used = Self.text("/sys/fs/cgroup/memory.current").flatMap { Int($0) } ?? 0
    guard let available = [machine, group.map { $0 - used }].compactMap({ $0 }).min() else {
      return .ok("memory", "this system does not say how much is available")
    }
    // 57 MiB a fusion center, 163 an agent that reads Fashion-MNIST.
    guard available >= 512 << 20 else {
      return .warning(
        "memory", "\(available >> 20) MiB are available, less than 512",
        do: "end other work, or give the machine or the container more")
    }
    return .ok("memory", "\(available >> 20) MiB available")
  }

  private var descriptors: Finding {
    do {
      try DescriptorLimit.require(connections: agents, for: "a service for \(agents) agents")
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      return .ok("descriptors", "\(limit.rlim_cur) open files and sockets, enough for \(agents) agents")
    } catch {
      return .fault(
        "descriptors", .unavailable, DataCheck.words(error),
        do: "raise the hard limit: ulimit -Hn, LimitNOFILE= of a unit, ulimits: of a container")
    }
  }

  private var kernel: Finding {
    let name = "\(ComputeKernel.library), kernel \(ComputeKernel.current)"
    guard ComputeKernel.hasFMA else {
      return .warning(
        "kernel", "\(name): this processor lacks AVX2 or FMA, so that figures may differ in their last digits",
        do: "compare figures with those of this machine only")
    }
    if let pinned = ComputeKernel.pinned, ComputeKernel.current != pinned {
      return .warning(
        "kernel", "\(name): figures are the same on every machine with \(pinned)",
        do: "unset \(ComputeKernel.variable) and \(ComputeKernel.preferenceVariable), unless they are meant")
    }
    return .ok("kernel", "\(name), the same figures as on other machines")
  }

  private var tls: Finding {
    let version = CertificateExamination.library
    guard CertificateExamination.libraryMajor >= 3 else {
      return .fault("tls", .unavailable, "OpenSSL 3 is needed (actual: \(version))", do: "install libssl3")
    }
    return .ok("tls", version)
  }

  private var http2: Finding {
    do throws(HTTP2Error) {
      return .ok("http2", "nghttp2 \(try NGHTTP2Library.loadedVersion())")
    } catch {
      return .fault("http2", .unavailable, error.message, do: "install a newer libnghttp2-14")
    }
  }

  /// The clock: certificates, and rows that are named by their times, go by it.
  private var clock: [Finding] {
    let now = Date()
    let program =
      try? FileManager.default.attributesOfItem(atPath: "/proc/self/exe".resolved)[.modificationDate] as? Date
    if let program, now < program.addingTimeInterval(-86_400) {
      return [
        .fault(
          "clock", .configuration,
          "it is \(now.formatted(.iso8601)), before this program was made (\(program.formatted(.iso8601)))",
          do: "set the clock: timedatectl set-ntp true")
      ]
    }
    switch copur_clock_is_kept() {
    case -1: return [.ok("clock", "\(now.formatted(.iso8601)); this system does not say whether it is kept")]
    case 0:
      return [
        .warning(
          "clock", "\(now.formatted(.iso8601)), and nobody keeps it: certificates and rows with times go by it",
          do: "timedatectl set-ntp true, or chrony")
      ]
    default: return [.ok("clock", "\(now.formatted(.iso8601)), kept by the network's time")]
    }
  }

  private static func text(_ path: String) -> String? {
    (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func number(after word: String, in path: String) -> Int? {
    text(path)?.split(separator: "\n").first { $0.hasPrefix(word) }?.split(separator: " ").dropFirst().first.flatMap {
      Int($0)
    }
  }
}

extension String {
  /// The target of a link.
  fileprivate var resolved: String { (try? FileManager.default.destinationOfSymbolicLink(atPath: self)) ?? self }
}
