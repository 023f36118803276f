internal import CopurCore

/// The memory of a container: what it asks for, and the limit over which it is ended.
///
/// Measured: a fusion center has 57 MiB resident with a bundle of 72 KiB and 4 agents, an agent 163 MiB while it reads
/// Fashion-MNIST, of whose 60 000 images it keeps its part. Requests have a half more, limits four times that.
package struct MemoryQuantity: Hashable, Sendable {
  /// In MiB.
  package var request: Int
  /// In MiB.
  package var limit: Int

  package init(request: Int, limit: Int) {
    self.request = request
    self.limit = limit
  }

  /// A fusion center's: a bundle is read into memory, and a second time while a newer one takes its place.
  package static func center(bundleBytes: Int) -> MemoryQuantity { base(96, bundleBytes: bundleBytes) }

  /// An agent's that sends rows of its own.
  package static func streamingAgent(bundleBytes: Int) -> MemoryQuantity { base(96, bundleBytes: bundleBytes) }

  /// An agent's that reads a data set.
  package static func readingAgent(bundleBytes: Int) -> MemoryQuantity { base(256, bundleBytes: bundleBytes) }

  private static func base(_ mebibytes: Int, bundleBytes: Int) -> MemoryQuantity {
    let request = mebibytes + 3 * ((bundleBytes + (1 << 20) - 1) >> 20)
    return MemoryQuantity(request: request, limit: 4 * request)
  }

  /// Reads `REQUEST` or `REQUEST:LIMIT` in MiB; a limit that is left out is four times the request.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` that names the option.
  package init(_ text: String, option: String) throws {
    let words = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    let range = 16...(1 << 22)
    guard (1...2).contains(words.count), let request = words[0], range.contains(request),
      let limit = words.count == 2 ? words[1] : 4 * request, limit >= request, limit <= range.upperBound * 4
    else {
      throw CopurError(
        .invalidArgument,
        "\(option) is REQUEST or REQUEST:LIMIT in MiB, \(range.lowerBound) to \(range.upperBound), the limit no less (actual: "
          + "\"\(text)\")")
    }
    (self.request, self.limit) = (request, limit)
  }

  /// As Kubernetes has it: a limit of memory and none of processor time, which would only make rounds late while a node is idle.
  func resources(milliCPU: Int) -> ManifestValue {
    [
      "requests": ["cpu": "\(milliCPU)m", "memory": "\(request)Mi", "ephemeral-storage": "64Mi"],
      "limits": ["memory": "\(limit)Mi", "ephemeral-storage": "512Mi"],
    ]
  }
}
