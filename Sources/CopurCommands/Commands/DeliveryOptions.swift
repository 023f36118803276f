import ArgumentParser
import CopurAgent

/// Options by which an agent sees to it that its blocks arrive.
struct DeliveryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Write receipts to this file, a JSON line each, before they count; what has a receipt there is not sent again by a \
      later run.
      """, valueName: "file"))
  var ledger: String?

  @Option(help: ArgumentHelp("How long to wait before the first attempt to connect again.", valueName: "time"))
  var backoffBase = DurationOption(Backoff.Settings().initial)

  @Option(
    help: ArgumentHelp(
      "How long to wait at most; each wait is 1.6 times the one before, give or take a fifth.", valueName: "time"))
  var backoffMax = DurationOption(Backoff.Settings().maximum)

  var backoff: Backoff.Settings {
    var settings = Backoff.Settings()
    settings.initial = backoffBase.duration
    settings.maximum = backoffMax.duration
    return settings
  }

  func validate() throws {
    guard backoffBase.duration <= backoffMax.duration else {
      throw ValidationError("--backoff-base is at most --backoff-max (\(backoffBase) and \(backoffMax))")
    }
  }

  func openLedger() throws -> ReceiptLedger? { try ledger.map { try ReceiptLedger(path: $0) } }
}
