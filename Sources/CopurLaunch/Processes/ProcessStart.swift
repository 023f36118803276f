internal import CopurCore

/// The start of processes of a simulation: each says on its standard output where it listens.
package struct ProcessStart: Sendable {
  /// The time within which a process has to say where it listens.
  package let limit: Duration
  /// Whether lines that are not the program's are skipped, such as those of a shell on another machine.
  private let skipsOtherLines: Bool

  package init(limit: Duration, skipsOtherLines: Bool = false) {
    self.limit = limit
    self.skipsOtherLines = skipsOtherLines
  }

  /// A process on its way up.
  package struct Started {
    enum News {
      case line(String)
      case startLimitPassed
    }

    let process: ChildProcess
    /// The lines that say where it listens, of which the first counts; none if it ended before.
    let news: AsyncStream<News>
  }

  /// Starts a process; the group's task that it runs in gives true if it ends as it may.
  ///
  /// - Parameters:
  ///   - mayEnd: Whether it is to end by itself, with 0.
  ///   - printed: Called with each line that it prints.
  package func launch(
    _ process: ChildProcess, mayEnd: Bool = false, in group: inout ThrowingTaskGroup<Bool, any Error>,
    printed: @escaping @Sendable (String) -> Void = { _ in }
  ) -> Started {
    let (news, continuation) = AsyncStream.makeStream(of: Started.News.self)
    group.addTask {
      defer { continuation.finish() }
      try await process.run(mayEnd: mayEnd) {
        printed($0)
        continuation.yield(.line($0))
      }
      return true
    }
    group.addTask { [limit] in
      try await Task.sleep(for: limit)
      continuation.yield(.startLimitPassed)
      return false
    }
    return Started(process: process, news: news)
  }

  /// Starts a process, and waits until it says where it listens.
  package func ready(
    _ process: ChildProcess, awaitsPage: Bool = false, in group: inout ThrowingTaskGroup<Bool, any Error>
  ) async throws -> (address: ReadyLine, page: String?) {
    try await ready(launch(process, in: &group), awaitsPage: awaitsPage, in: &group)
  }

  /// Waits until a process says where it listens.
  package func ready(
    _ started: Started, awaitsPage: Bool = false, in group: inout ThrowingTaskGroup<Bool, any Error>
  ) async throws -> (address: ReadyLine, page: String?) {
    // Where the fusion center has a dashboard, it says both where that is and where agents connect, in either order.
    var (address, page): (ReadyLine?, String?)
    for await news in started.news {
      switch news {
      case .line(let line) where skipsOtherLines && !line.hasPrefix("copur: "): continue
      case .line(let line):
        if let served = ReadyLine.page(in: line) { page = served } else { address = try ReadyLine(parsing: line) }
        if let address, page != nil || !awaitsPage { return (address, page) }
      case .startLimitPassed:
        throw CopurError(
          .unavailable,
          "the \(started.process.name) has to listen within \(limit / .seconds(1)) s of its start, and does not"
            + started.process.lastWords)
      }
    }
    // It ended without a line: its task says why.
    while try await group.next() != nil {}
    throw CancellationError()
  }
}
