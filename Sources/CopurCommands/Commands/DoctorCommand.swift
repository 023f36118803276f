import ArgumentParser
import CopurCore
import CopurFusionCenter
import CopurJournalSQLite
import CopurScenarios
import Foundation

/// `copur doctor`: whether this machine and these files will do.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what is missing on this machine, and what to do about it.",
    discussion: """
      Looks at data sets, ports, open files, memory, the clock, libraries, the folders for temporary files, models and the \
      journal, and at certificates and a bundle that are named. Each line is ok, a warning or a fault, and the latter two say \
      what to do. Ends with 0 if there is no fault, else with the exit code that the first of them would have. Nothing is \
      changed.

      Examples:
        copur doctor
        copur doctor --bundle bundle --certificates certificates --port 0.0.0.0:8001 --journal rounds.sqlite --json
      """)

  @OptionGroup var dataOptions: DataOptions

  @Flag(help: "Do not read data sets, which takes seconds each: only look for them.")
  var quick = false

  @Option(help: ArgumentHelp("A bundle to be read.", valueName: "dir"), completion: .directory)
  var bundle: String?

  @Option(
    name: .customLong("port"),
    help: ArgumentHelp(
      "An address that a service is to listen on; can be repeated. (default: 127.0.0.1:8001 and 127.0.0.1:8000)",
      valueName: "host:port"))
  var ports: [SocketAddress] = []

  @Option(
    help: ArgumentHelp("How many agents connect to a service. (default: those of the bundle, or 10)", valueName: "n"))
  var agents: Int?

  @Option(help: ArgumentHelp("A folder of `copur certs`.", valueName: "dir"), completion: .directory)
  var certificates: String?

  @Option(help: ArgumentHelp("A certificate chain, PEM, in place of a folder.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("Its private key, PEM.", valueName: "file"))
  var tlsKey: String?

  @Option(help: ArgumentHelp("The authorities that are trusted, PEM.", valueName: "file"))
  var tlsCa: String?

  @Option(help: ArgumentHelp("A list of revoked certificates, PEM.", valueName: "file"))
  var tlsCrl: String?

  @Option(
    name: .customLong("host"),
    help: ArgumentHelp("A name by which agents call the server; can be repeated.", valueName: "name"))
  var hosts: [String] = []

  @Option(help: ArgumentHelp("Where a journal is to be, as in `copur serve`.", valueName: "url"))
  var journal: JournalLocation?

  @Flag(help: "Print a JSON object a line.")
  var json = false

  @OptionGroup var kernelOptions: KernelOptions

  func validate() throws {
    if let agents, !(1...1_000_000).contains(agents) {
      throw ValidationError("--agents is 1 to 1000000 (actual: \(agents))")
    }
    let given = [tlsCertificate, tlsKey, tlsCa].compactMap { $0 }.count
    guard given == 0 || given == 3 else {
      throw ValidationError("--tls-certificate, --tls-key and --tls-ca are given together.")
    }
    if tlsCrl != nil, given == 0 { throw ValidationError("--tls-crl is about --tls-certificate, which is not given.") }
    if !hosts.isEmpty, given == 0, certificates == nil {
      throw ValidationError("--host is about certificates, and none are named.")
    }
  }

  func run() async throws {
    try await reporting {
      var faults: [Finding] = []
      var warnings = 0
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      // Each line is printed as soon as it is known: some take seconds.
      func tell(_ findings: [Finding]) throws {
        for finding in findings {
          if finding.state == .fault { faults.append(finding) }
          if finding.state == .warning { warnings += 1 }
          if json {
            try Terminal.print(String(decoding: try encoder.encode(finding), as: UTF8.self))
          } else {
            try Terminal.print(Self.line(of: finding))
          }
        }
      }
      let roster = try readBundle(tell)
      try tell(MachineCheck(agents: agents ?? roster?.count ?? 10).findings())
      try tell(folders())
      let addresses = ports.isEmpty ? ["127.0.0.1:8001", "127.0.0.1:8000"].map { SocketAddress(argument: $0)! } : ports
      for address in addresses { try tell(PortCheck(address: address, isNamed: !ports.isEmpty).findings()) }
      try tell(certificateFindings(agents: roster ?? []))
      try tell(DataCheck(options: dataOptions, reads: !quick).findings())
      if !json {
        try Terminal.print(
          "\(faults.count) fault\(faults.count == 1 ? "" : "s"), \(warnings) warning\(warnings == 1 ? "" : "s")")
      }
      if let first = faults.first { throw ExitCode(first.exitStatus ?? CopurError.Code.software.exitStatus) }
    }
  }

  private static func line(of finding: Finding) -> String {
    func padded(_ text: String, _ width: Int) -> String { text.padding(toLength: width, withPad: " ", startingAt: 0) }
    let line = "\(padded(finding.state.rawValue, 8)) \(padded(finding.subject, 12)) \(finding.message)"
    return finding.remedy.map { "\(line)\n\(padded("", 21)) → \($0)" } ?? line
  }

  private func readBundle(_ tell: ([Finding]) throws -> Void) throws -> [AgentID]? {
    guard let path = bundle else { return nil }
    do {
      let bundle = try ModelBundle(reading: URL(filePath: path))
      try tell([
        .ok("bundle", "\(path): model \(bundle.modelVersion), \(bundle.roster.count) agents")
      ])
      return bundle.roster.agents
    } catch {
      try tell([
        .fault(
          "bundle", (error as? CopurError)?.code ?? .invalidData, DataCheck.words(error),
          do: "copy it anew, or train it: copur train")
      ])
      return nil
    }
  }

  private func folders() throws -> [Finding] {
    var checks = [
      FolderCheck(subject: "temporary", path: FileManager.default.temporaryDirectory.path),
      FolderCheck(subject: "cache", path: BundleCache(environment: ProcessInfo.processInfo.environment).folder.path),
    ]
    if let journal {
      let kind = SQLiteJournalKind()
      // A journal that is no file has a service of its own; its URL may have a password in it, and is not shown.
      guard journal.scheme == nil || journal.scheme == kind.scheme else {
        return checks.flatMap { $0.findings() } + [.ok("journal", "of kind \(journal.scheme!), which is no file here")]
      }
      let file = try kind.path(of: journal)
      checks.append(
        FolderCheck(
          subject: "journal", path: URL(filePath: file).deletingLastPathComponent().path, holdsJournal: true))
    }
    return checks.flatMap { $0.findings() }
  }

  private func certificateFindings(agents: [AgentID]) -> [Finding] {
    var findings: [Finding] = []
    if let certificates {
      do {
        findings += try CertificateCheck(folder: certificates, agents: agents, hosts: hosts).findings()
      } catch {
        findings.append(
          .fault("certificates", .missingInput, DataCheck.words(error), do: "copur certs DIR makes such a folder"))
      }
    }
    if let tlsCertificate, let tlsKey, let tlsCa {
      findings += CertificateCheck(
        chain: tlsCertificate, key: tlsKey, authority: tlsCa, revocations: tlsCrl, hosts: hosts
      ).findings()
    }
    return findings
  }
}
