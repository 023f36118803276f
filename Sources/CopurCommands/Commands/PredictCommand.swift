import ArgumentParser
import CopurCore
import CopurFusionCenter
import CopurWire
import Foundation
import GRPCCore

/// `copur predict`: asks a running service for verdicts.
struct PredictCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Ask a fusion center for the verdicts of samples, and wait for them.",
    discussion: """
      Opens the session if it is new, and prints a line a verdict as rounds close. It ends with 0 if every sample was \
      decided, and with 69 if one was not, since too few agents spoke.

      Example:
        copur predict --connect https://127.0.0.1:8001 --samples 0-99 --tls-certificate certificates/client-client.pem \\
          --tls-key certificates/client-client.key --tls-ca certificates/ca.pem
      """)

  @OptionGroup var center: CenterOptions

  @OptionGroup var settings: SettingsOptions

  @Option(help: "The session's name.")
  var session = "live"

  @Option(help: ArgumentHelp("The samples: numbers and ranges, such as 0-9,12.", valueName: "samples"))
  var samples: SampleRanges

  @Option(help: "The session's defence; the service's first if left out.")
  var defense: String?

  @Flag(help: "A JSON object a line.")
  var json = false

  func run() async throws {
    try await reporting {
      try await interruptible {
        var request = Copur_V1_PredictRequest()
        request.session = session
        request.defense = defense ?? ""
        request.samples.ranges = samples.ranges.map { range in
          var part = Copur_V1_SampleRange()
          part.first = range.lowerBound
          part.count = range.upperBound - range.lowerBound + 1
          return part
        }
        let asked = request
        let open = try await center.withClient { client in
          try await Copur_V1_FusionCenter.Client(wrapping: client).predict(asked) { response in
            let output = try RoundOutput(json ? .jsonl : .text, to: nil)
            var open: [UInt64] = []
            for try await message in response.messages {
              for verdict in try message.verdicts.map({ try Verdict($0) }) {
                if verdict.decision == nil { open.append(verdict.sample) }
                try output.write(verdict)
              }
              try output.finish()
            }
            return open
          }
        }
        guard open.isEmpty else {
          throw CopurError(
            .unavailable,
            "\(open.count) of \(samples.count) samples were not decided, since too few agents spoke (the first: \(open[0]))"
          )
        }
      }
    }
  }
}

extension RoundOutput {
  /// Writes a verdict as a round of a journal.
  func write(_ verdict: Verdict) throws {
    try write(JournalRound(verdict, agents: verdict.contributed + verdict.missing))
  }
}

/// Samples on the command line: `0-9,12`.
struct SampleRanges: ExpressibleByArgument {
  let ranges: [ClosedRange<UInt64>]

  /// The number of samples.
  var count: UInt64 { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound + 1) } }

  init?(argument: String) {
    var ranges: [ClosedRange<UInt64>] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last,
        last - first < 1 << 32
      else { return nil }
      ranges.append(first...last)
    }
    guard !ranges.isEmpty, ranges.count <= 1 << 16 else { return nil }
    self.ranges = ranges
  }
}
