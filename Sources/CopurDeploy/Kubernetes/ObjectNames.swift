package import CopurCore
internal import Foundation

/// The names that Kubernetes' objects of a deployment have: labels of DNS (RFC 1123), 1 to 63 of a–z, 0–9 and `-`, with a
/// letter or digit at both ends.
package struct ObjectNames: Hashable, Sendable {
  /// The longest ``prefix``: a StatefulSet's pods have a label with its name and eleven characters more, and objects of
  /// agents have a part for the agent.
  package static let longestPrefix = 30
  private static let longestLabel = 63
  /// The ends of the names of an agent's objects.
  private static let longestSuffix = "-rows".count
  /// The number of digits of a digest that tell changed names apart.
  private static let digestDigits = 6

  /// The name that all others begin with.
  package let prefix: String
  private let agents: [AgentID: String]

  /// - Parameters:
  ///   - prefix: 1 to 30 characters.
  ///   - agents: All agents that have objects.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the prefix is no such name.
  package init(prefix: String, agents: [AgentID]) throws {
    guard Self.isLabel(prefix), prefix.utf8.count <= Self.longestPrefix, prefix.first?.isLetter == true else {
      throw CopurError(
        .invalidArgument,
        "--name is 1 to \(Self.longestPrefix) of a-z, 0-9 and -, a letter first and a letter or digit last (actual: "
          + "\"\(prefix)\")")
    }
    self.prefix = prefix
    let room = Self.longestLabel - Self.longestSuffix - "\(prefix)-agent-".count
    self.agents = Self.labels(of: agents, longest: room)
  }

  /// An agent's objects: as the agent is called, where that is a label of DNS.
  package func agent(_ agent: AgentID) -> String { "\(prefix)-agent-\(label(of: agent))" }

  /// An agent's part of the names of its objects, which is also the value of a label.
  package func label(of agent: AgentID) -> String { agents[agent]! }

  /// The Secret with the certificate of an object's processes.
  package func certificate(of object: String) -> String { "\(object)-tls" }

  /// Whether a text is a label of DNS.
  package static func isLabel(_ text: String) -> Bool {
    text.utf8.count <= longestLabel && text.wholeMatch(of: /[a-z0-9]([a-z0-9-]*[a-z0-9])?/) != nil
  }

  /// A label for each agent, no two the same.
  ///
  /// A name that had to be changed ends with a part of the digest of what it was, so that it stays as it is whoever joins.
  private static func labels(of agents: [AgentID], longest: Int) -> [AgentID: String] {
    var labels: [AgentID: String] = [:]
    for agent in agents where isLabel(agent.name) && agent.name.utf8.count <= longest { labels[agent] = agent.name }
    var taken = Set(labels.values)
    for agent in agents.sorted() where labels[agent] == nil {
      let plain = agent.name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
      let stem = String(plain.prefix(longest - digestDigits - 1)).trimmingCharacters(
        in: CharacterSet(charactersIn: "-"))
      // A label that somebody else has is left to them, and the digest is taken anew.
      var text = agent.name
      while labels[agent] == nil {
        text = SHA256Digest.hexadecimal(of: Data(text.utf8))
        let label = "\(stem)-\(text.prefix(digestDigits))"
        if taken.insert(label).inserted { labels[agent] = label }
      }
    }
    return labels
  }
}
