internal import CopurCore
internal import Foundation

/// A machine of a launcher.
public struct LaunchHost: Hashable, Sendable {
  /// The name by which processes are started there: one of ~/.ssh/config, `user@host`, or a node's.
  public let name: String
  /// The name or IP address by which other machines reach it.
  public let address: String
  /// The address on which its processes listen.
  public let listens: String

  /// This machine, which is reached by itself alone.
  static let loopback = LaunchHost(name: "localhost", address: "127.0.0.1", listens: "127.0.0.1")

  private init(name: String, address: String, listens: String) {
    self.name = name
    self.address = address
    self.listens = listens
  }

  /// A machine as it stands in a list of hosts: `NAME`, `USER@NAME`, or either with `=ADDRESS` where the network knows it by
  /// another name than the one that starts processes.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if it is none.
  public init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts[0]
    let address = parts.count == 2 ? parts[1] : String(name.split(separator: "@").last ?? "")
    // A leading hyphen would be an option of ssh or srun.
    guard name.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.@:-]*/) != nil,
      address.wholeMatch(of: /[A-Za-z0-9.:-]+/) != nil, !address.hasPrefix("-")
    else {
      throw CopurError(
        .invalidArgument, "a host is NAME, USER@NAME, or either with =ADDRESS (actual: \"\(text)\")")
    }
    // All addresses of the machine: its own name may stand for a loopback one there. Who connects shows a certificate.
    self.init(name: name, address: address, listens: address.contains(":") ? "::" : "0.0.0.0")
  }

  /// The machine as it stands in a list.
  package var text: String { "\(name)=\(address)" }

  /// The address and port 0 on which a process listens, for the command line: the system chooses a free port.
  package var listeningArgument: String { listens.contains(":") ? "[\(listens)]:0" : "\(listens):0" }

  /// The host and port by which a process is reached, for a URL.
  package func authority(port: Int) -> String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

  /// The machines of a list, `a,b,c`, or of a file with a machine a line, in which `#` begins a comment.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if a path cannot be read, `.invalidArgument` if a machine is named twice or none
  ///   is.
  public static func list(_ text: String) throws -> [LaunchHost] {
    var names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if text.contains("/") {
      let file: String
      do {
        file = try String(contentsOfFile: text, encoding: .utf8)
      } catch {
        throw CopurError(.missingInput, "\(text): the file of hosts cannot be read", cause: error)
      }
      names = file.split(whereSeparator: \.isNewline).map { line in
        String(line.prefix { $0 != "#" }).trimmingCharacters(in: .whitespaces)
      }.filter { !$0.isEmpty }
    }
    return try list(names)
  }

  /// The machines of a list.
  public static func list(_ names: [String]) throws -> [LaunchHost] {
    let hosts = try names.map { try LaunchHost($0) }
    guard !hosts.isEmpty else { throw CopurError(.invalidArgument, "a list of hosts has at least one (actual: 0)") }
    var seen = Set<String>()
    if let twice = hosts.first(where: { !seen.insert($0.name).inserted }) {
      throw CopurError(.invalidArgument, "a host is named once (twice: \"\(twice.name)\")")
    }
    return hosts
  }
}
