import Foundation
import ServiceLifecycle

/// Ends when standard input does: a driver holds the other end of the pipe, so its end is seen however it came about.
struct ParentWatch: Service {
  func run() async throws {
    let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
    // Reading blocks, so it has a thread of its own; the thread ends with the process.
    Thread.detachNewThread {
      while let data = try? FileHandle.standardInput.read(upToCount: 4096), !data.isEmpty {}
      continuation.finish()
    }
    await cancelWhenGracefulShutdown {
      for await _ in ended {}
    }
  }
}
