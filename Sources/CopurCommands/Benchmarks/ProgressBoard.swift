import CopurCore
import Glibc

/// A file in which each agent says how far it is, so that none runs away from the others: all see the same samples.
struct ProgressBoard: Sendable {
  private let descriptor: Int32
  private let agents: Int

  init(path: String, agents: Int) throws {
    descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    guard descriptor >= 0 else { throw CopurError(.cannotCreate, "\(path): \(String(cString: strerror(errno)))") }
    self.agents = agents
  }

  /// An agent has sent everything before a sample.
  func reached(_ sample: Int, by agent: Int) {
    withUnsafeBytes(of: Int64(sample)) { _ = pwrite(descriptor, $0.baseAddress, 8, agent * 8) }
  }

  /// The sample that the last of the agents has reached.
  var slowest: Int {
    var samples = [Int64](repeating: 0, count: agents)
    _ = samples.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return Int(samples.min() ?? 0)
  }
}
