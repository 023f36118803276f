import ArgumentParser
import CopurCore
import CopurFusionCenter
import CopurWire
import Foundation
import GRPCCore

/// `copur watch`: verdicts of a running service as they come.
struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Print a fusion center's verdicts as rounds close, until it is stopped.",
    discussion: """
      A line a verdict, of all sessions or one, from now on. It ends with 69 if the service ends or the connection is lost.

      Example:
        copur watch --connect https://127.0.0.1:8001 --tls-certificate certificates/viewer-viewer.pem \\
          --tls-key certificates/viewer-viewer.key --tls-ca certificates/ca.pem
      """)

  @OptionGroup var center: CenterOptions

  @OptionGroup var settings: SettingsOptions

  @Option(help: ArgumentHelp("Only the rounds of this session.", valueName: "name"))
  var session: String?

  @Option(help: ArgumentHelp("End after so many verdicts, with 0.", valueName: "n"))
  var count: Int?

  @Flag(help: "A JSON object a line.")
  var json = false

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count is at least 1 (actual: \(count))") }
  }

  func run() async throws {
    try await reporting {
      try await interruptible {
        var request = Copur_V1_WatchRequest()
        request.session = session ?? ""
        let asked = request
        let isEnough = try await center.withClient { client in
          try await Copur_V1_FusionCenter.Client(wrapping: client).watch(asked) { response in
            let output = try RoundOutput(json ? .jsonl : .text, to: nil)
            var seen = 0
            for try await message in response.messages {
              for verdict in try message.verdicts.map({ try Verdict($0) }) {
                try output.write(verdict)
                seen += 1
                if seen == count {
                  try output.finish()
                  return true
                }
              }
              try output.finish()
            }
            return false
          }
        }
        guard isEnough else { throw CopurError(.unavailable, "the fusion center has ended") }
      }
    }
  }
}
