internal import COpenBLAS

/// Settings of the library that hold for all of its calls.
enum OpenBLAS {
  private static let isSingleThreaded: Void = openblas_set_num_threads(1)

  /// Keeps OpenBLAS to one thread. The products here are small, so samples are spread over the cores instead; and a sum that
  /// is split over threads is rounded by how many cores there are.
  static func useOneThread() { isSingleThreaded }
}
