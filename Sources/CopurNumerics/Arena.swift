/// One allocation that a solver takes its arrays from, one after the other; nothing is allocated while it iterates.
///
/// The arrays are bare memory, so the owner keeps the arena for as long as it uses them. Debug builds, which the sanitizers'
/// are, check every access against the array that it is made through, and that all of the allocation is taken; release
/// builds check nothing.
public final class Arena<Element: BitwiseCopyable> {
  private let start: UnsafeMutablePointer<Element>
  /// The number of elements, all arrays together.
  public let count: Int
  private var taken = 0

  /// - Parameters:
  ///   - count: The sum of the arrays' lengths.
  ///   - value: What every element is at first.
  public init(count: Int, repeating value: Element) {
    precondition(count >= 0)
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * MemoryLayout<Element>.stride, alignment: 64)
    start = raw.initializeMemory(as: Element.self, repeating: value, count: max(1, count))
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }

  /// The next array.
  ///
  /// - Precondition: So many elements are left.
  public func take(_ count: Int) -> ArenaArray<Element> {
    precondition(count >= 0 && taken + count <= self.count, "an arena of \(self.count), \(taken) taken, \(count) asked")
    defer { taken += count }
    return ArenaArray(start: start + taken, count: count)
  }

  /// Asserts that the arrays taken are as long as the arena, so that its sum says what it holds.
  public func close() { assert(taken == count, "an arena of \(count) is used up (taken: \(taken))") }
}

/// An array in an ``Arena``, valid as long as that is.
public struct ArenaArray<Element: BitwiseCopyable> {
  /// The first element.
  @usableFromInline let start: UnsafeMutablePointer<Element>
  /// The number of elements.
  public let count: Int

  init(start: UnsafeMutablePointer<Element>, count: Int) {
    self.start = start
    self.count = count
  }

  /// An element, from 0; debug builds trap where there is none.
  @inlinable
  public subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < count, "an array of \(count) has no element \(index)")
      return start[index]
    }
    nonmutating set {
      assert(index >= 0 && index < count, "an array of \(count) has no element \(index)")
      start[index] = newValue
    }
  }

  /// The address of some elements after each other, for kernels; debug builds trap where they are not all in the array.
  @inlinable
  public func pointer(at offset: Int = 0, count: Int) -> UnsafeMutablePointer<Element> {
    assert(
      offset >= 0 && count >= 0 && offset + count <= self.count,
      "an array of \(self.count) has no \(count) elements from \(offset)")
    return start + offset
  }

  /// The address of all elements.
  @inlinable
  public var pointer: UnsafeMutablePointer<Element> { start }

  /// Sets every element.
  @inlinable
  public func fill(with value: Element) {
    for index in 0..<count { start[index] = value }
  }
}
