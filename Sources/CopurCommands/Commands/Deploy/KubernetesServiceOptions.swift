import ArgumentParser
import CopurCore
import CopurDeploy
import CopurServing
import Foundation

/// The fusion center of a service on Kubernetes.
struct KubernetesServiceOptions: ParsableArguments {
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A further option of `copur serve`, such as --center-option=--deadline=1s; can be repeated.", valueName: "option")
  )
  var centerOption: [String] = []

  @Option(
    help: ArgumentHelp(
      "Memory of the fusion center, or of a simulation, in MiB: what it asks for, and its limit.",
      valueName: "mib[:mib]"))
  var memory: String?

  @Option(
    help: ArgumentHelp(
      "Tokens for HTTP clients without a certificate, as in `copur serve --http-token-file`; they become a Secret.",
      valueName: "file"))
  var httpTokenFile: String?

  @Option(help: ArgumentHelp("The namespace whose pods may scrape metrics.", valueName: "namespace"))
  var monitoringNamespace: String?

  @Flag(help: "Also write a PodMonitor for Prometheus' operator, with the certificate of the viewer \"viewer\".")
  var podMonitor = false

  /// The options of a service, not of a simulation, and whether each is given.
  var given: [(String, Bool)] {
    [
      ("--center-option", !centerOption.isEmpty), ("--http-token-file", httpTokenFile != nil),
      ("--monitoring-namespace", monitoringNamespace != nil), ("--pod-monitor", podMonitor),
    ]
  }

  func validate() throws {
    if let monitoringNamespace, !ObjectNames.isLabel(monitoringNamespace) {
      throw ValidationError(
        "--monitoring-namespace is 1 to 63 of a-z, 0-9 and -, no - at an end (actual: \"\(monitoringNamespace)\")")
    }
  }

  func apply(to settings: inout KubernetesSettings) throws {
    settings.centerArguments = centerOption
    if let memory { settings.centerMemory = try MemoryQuantity(memory, option: "--memory") }
    if let monitoringNamespace { settings.monitoringNamespace = monitoringNamespace }
    settings.hasPodMonitor = podMonitor
    if let httpTokenFile {
      // Read as the service reads it, so that a fault in it is said here.
      _ = try BearerTokens(reading: httpTokenFile)
      settings.tokens = try String(contentsOf: URL(filePath: httpTokenFile), encoding: .utf8)
    }
  }
}
