internal import CCopurKernels
internal import COpenBLAS

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The kernel that decides how sums are rounded: that of OpenBLAS, whose LAPACK finds eigenvectors, and the instructions
/// that products use.
///
/// OpenBLAS picks a kernel by the processor, and each rounds in its own way. Trained weights would then differ in their last
/// bits from machine to machine, and now and then a choice between near-equal models falls the other way. Runs therefore
/// compute with one kernel everywhere, unless speed is asked for. Products are this project's own (``Matrix``), with the same
/// bits on all processors with FMA.
public enum ComputeKernel {
  /// The kernel of runs: OpenBLAS's for processors with AVX2 and FMA, which is every x86-64 processor since Intel's
  /// Haswell (2013) and AMD's Zen (2017); nil where there is none that all machines of the architecture have.
  public static let pinned: String? = {
    #if arch(x86_64)
      "Haswell"
    #else
      nil
    #endif
  }()

  /// OpenBLAS's environment variable, read once while the library is loaded.
  public static let variable = "OPENBLAS_CORETYPE"

  /// Our environment variable: `native` leaves the choice to OpenBLAS. `pinned` says that a process before this one has set
  /// ``variable``, not the user.
  public static let preferenceVariable = "COPUR_KERNEL"

  /// The library's name and version, such as `OpenBLAS 0.3.21`.
  public static var library: String {
    // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …": the rest is how it was built.
    String(cString: openblas_get_config()).split(separator: " ").prefix(2).joined(separator: " ")
  }

  /// OpenBLAS's kernel in this process, such as `Haswell`.
  public static var current: String { String(cString: openblas_get_corename()) }

  /// The widest vector instructions of this processor that products use: `AVX-512`, `AVX2`, or `none` without FMA.
  public static var instructions: String { String(cString: copur_instructions()) }

  /// Whether the processor has AVX2 and FMA: products then have the same bits as on all others that have.
  public static var hasFMA: Bool { copur_has_fma() != 0 }

  /// Whether the processor has what the pinned kernel needs (AVX2 and FMA).
  public static var canPin: Bool { pinned != nil && hasFMA }

  /// Replaces this process by the same program with the kernel that is wanted; does nothing if it runs on it already, if a
  /// kernel was named by ``variable``, or if the processor lacks what the pinned kernel needs.
  ///
  /// The library chooses before a program's first line, so the only way is to start again. The process keeps its number,
  /// its files and its place in the terminal. Call it before anything else. Processes that this one starts want the same,
  /// as long as they are not told otherwise.
  ///
  /// - Parameter preference: `pinned` or `native`; nil for that of the process which started this one, else `pinned`.
  /// - Returns: Why the kernel is not the wanted one; nil if it is.
  public static func choose(_ preference: Preference?) -> String? {
    let isNamed = value(of: variable) != nil
    let inherited = value(of: preferenceVariable).flatMap(Preference.init)
    if isNamed, inherited != .pinned { return nil }
    switch preference ?? inherited ?? .pinned {
    case .native:
      setenv(preferenceVariable, Preference.native.rawValue, 1)
      guard isNamed else { return nil }
      unsetenv(variable)
      return startAgain()
    case .pinned:
      guard !isNamed, let pinned else { return nil }
      guard canPin else {
        return "this processor lacks AVX2 or FMA: figures may differ from those of other machines in their last digits"
      }
      setenv(variable, pinned, 1)
      setenv(preferenceVariable, Preference.pinned.rawValue, 1)
      return startAgain()
    }
  }

  /// The purpose that a kernel is chosen for.
  public enum Preference: String, CaseIterable, Sendable {
    /// The same figures on every machine.
    case pinned
    /// Speed on this machine.
    case native
  }

  private static func value(of name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// - Returns: Why it could not be done; if it could, there is no return.
  private static func startAgain() -> String? {
    #if os(Linux)
      let link = "/proc/self/exe"
      // By its path, after which the process is called; by the link where the file was replaced or removed since.
      var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
      if readlink(link, &path, Int(PATH_MAX)) > 0 { execv(path, CommandLine.unsafeArgv) }
      execv(link, CommandLine.unsafeArgv)
      let reason = String(cString: strerror(errno))
      return "the program cannot be started again for another kernel of OpenBLAS, it runs on \(current): \(reason)"
    #else
      return "the kernel of OpenBLAS can be chosen on Linux only, it is \(current)"
    #endif
  }
}
