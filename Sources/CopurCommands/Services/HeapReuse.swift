import CLinux

/// Keeps freed memory for the next use, for commands that compute.
///
/// A step of a training allocates and frees some arrays of hundreds of kilobytes. By default glibc gets each of those from the
/// system and gives it back, which costs more than the arithmetic on it.
enum HeapReuse {
  /// Up to which size memory is kept, and how much of it at most.
  private static let (size, kept): (Int32, Int32) = (32 << 20, 512 << 20)

  static func begin() {
    copur_heap_keep(size, kept)
  }
}
