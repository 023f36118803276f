import ArgumentParser
import CopurCore
import CopurJointTraining
import Foundation

/// Training with agents that hold their features: where they connect, and what the fusion center has.
struct TrainingNetworkOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      """
      Train over the network: start a fusion center that has the labels, and a process an agent that has its own columns, \
      with certificates of their own. The weights are those of training in this process.
      """))
  var network = false

  @Option(
    help: ArgumentHelp(
      """
      Train with agents that connect there (`copur agent` without a bundle). The data set of the scenario says agents, \
      classes and when an agent is missing; it is not read.
      """, valueName: "host:port"))
  var listen: SocketAddress?

  @Option(
    help: ArgumentHelp(
      "The labels, a CSV file with the rows' keyed digests (`copur data keys` makes one).", valueName: "file"))
  var labels: String?

  @Option(help: ArgumentHelp("The column of --labels with the keyed digests.", valueName: "column"))
  var key = "key"

  @Option(help: ArgumentHelp("The column of --labels with the classes.", valueName: "column"))
  var label = "label"

  @Option(
    help: ArgumentHelp(
      "The folder for checkpoints, so that a training that was killed goes on when it is started again.",
      valueName: "dir"))
  var state: String?

  @Option(help: ArgumentHelp("How often a checkpoint is written, at the ends of epochs.", valueName: "time"))
  var checkpointEvery = DurationOption(.seconds(5))

  @Option(
    help: ArgumentHelp(
      "Leave an agent out from then on that has been away for so long. Without it all wait until it is back.",
      valueName: "time"))
  var leaveOut: DurationOption?

  @Option(help: ArgumentHelp("The fusion center's certificate chain, PEM.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The private key of that certificate, PEM.", valueName: "file"))
  var tlsKey: String?

  @Option(help: ArgumentHelp("The certificates that agents' must come from, PEM.", valueName: "file"))
  var tlsCa: String?

  @Option(help: ArgumentHelp("Lists of certificates that are not to be believed any more, PEM.", valueName: "file"))
  var tlsCrl: String?

  @Flag(help: "No TLS: anybody who reaches the port is believed. For development.")
  var insecure = false

  @OptionGroup var registrations: RegistrationOptions

  @Option(
    help: ArgumentHelp(
      "The folder for the agents' models with --network; the bundle's name with -agents if left out.", valueName: "dir")
  )
  var agentsOut: String?

  func validate() throws {
    guard !(network && listen != nil) else { throw ValidationError("Give --network or --listen, not both.") }
    guard listen != nil else {
      let given: [(String, Bool)] = [
        ("--labels", labels != nil), ("--state", state != nil && !network),
        ("--tls-certificate", tlsCertificate != nil),
        ("--tls-key", tlsKey != nil), ("--tls-ca", tlsCa != nil), ("--tls-crl", tlsCrl != nil),
        ("--insecure", insecure),
        ("--registrations", registrations.registrations != nil),
        ("--leave-out", leaveOut != nil && !network),
      ]
      if let (name, _) = given.first(where: \.1) {
        throw ValidationError("\(name) is about --listen, which is not given.")
      }
      return
    }
    guard labels != nil else { throw ValidationError("--listen needs --labels, what the fusion center alone has.") }
    try tls.validate()
  }

  /// The options of the server's certificates.
  var tls: TLSOptions {
    var options = TLSOptions()
    (options.tlsCertificate, options.tlsKey, options.tlsCa) = (tlsCertificate, tlsKey, tlsCa)
    (options.tlsCrl, options.insecure) = (tlsCrl, insecure)
    return options
  }

  /// What becomes of an agent that is away.
  var absence: TrainingCenterConfiguration.Absence {
    leaveOut.map { .leaveOut(after: $0.duration) } ?? .wait
  }
}
