#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension Double {
  /// e to the power of this.
  package var exponential: Double { exp(self) }
}
