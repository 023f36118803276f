/// Floats that begin on a cache line and do not move: the memory of a ``PackedMatrix``, or a solver's workspace.
public final class AlignedFloats: @unchecked Sendable {
  // Unchecked: a packed matrix writes while it is made and never again; a workspace belongs to one thread.

  /// The first one.
  public let start: UnsafeMutablePointer<Float>
  /// The number of elements.
  public let count: Int

  /// - Parameters:
  ///   - count: How many; all 0 at first.
  ///   - body: Sets them.
  public init(count: Int, initializingWith body: (UnsafeMutablePointer<Float>) -> Void = { _ in }) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64)
    start = raw.initializeMemory(as: Float.self, repeating: 0, count: max(1, count))
    body(start)
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }
}
