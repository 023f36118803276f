public import ArgumentParser
public import CopurNumerics

extension ComputeKernel.Preference: ExpressibleByArgument {}

/// The choice of OpenBLAS's kernel that a command computes with.
struct KernelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      OpenBLAS's kernel: pinned, with the same figures on every machine, or native, the fastest of this one. The \
      environment variable OPENBLAS_CORETYPE, where it is set, comes first.
      """, valueName: "pinned|native"))
  var kernel = ComputeKernel.Preference.pinned

  /// Starts the program again with the kernel that its arguments ask for, unless it runs on it.
  ///
  /// Arguments are looked at before they are parsed, since nothing may be computed before; what is wrong with them is said
  /// when they are parsed.
  ///
  /// - Returns: Why the kernel is not the wanted one.
  static func choose(by arguments: [String]) -> String? {
    var preference: ComputeKernel.Preference?
    for (index, argument) in arguments.enumerated() {
      if argument == "--kernel", index + 1 < arguments.count { preference = .init(rawValue: arguments[index + 1]) }
      if argument.hasPrefix("--kernel=") { preference = .init(rawValue: String(argument.dropFirst("--kernel=".count))) }
    }
    return ComputeKernel.choose(preference)
  }
}
