import ArgumentParser
import CopurCore
import CopurDatasets

/// An agent's own rows.
struct RowOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The agent's own rows, in place of the data set that the bundle was trained on: a file with its columns (CSV with a \
      header, or a JSON object a line), - for standard input, or a socket, tcp:HOST:PORT or unix:PATH. No labels are \
      needed. Rows are sent as they come.
      """, valueName: "rows"))
  var rows: String?

  @Flag(help: "Read on as the file of --rows grows, until the agent is told to stop.")
  var follow = false

  @Option(
    help: ArgumentHelp(
      """
      The column with a row's sample, a number from 0 on; all agents name a sample by the same number. Without it and \
      --time the first row is sample 0.
      """, valueName: "column"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      """
      The column with a row's time, seconds or ISO 8601: sample n is what was taken from --origin + n × --period on.
      """, valueName: "column"))
  var time: String?

  @Option(help: ArgumentHelp("How long a sample lasts.", valueName: "time"))
  var period: DurationOption?

  @Option(help: ArgumentHelp("The time at which sample 0 begins.", valueName: "time"))
  var origin = "1970-01-01T00:00:00Z"

  @Flag(help: "Send each row when as much time has passed since the first one as their times say.")
  var pace = false

  func validate() throws {
    let given: [(String, Bool)] = [
      ("--follow", follow), ("--key", key != nil), ("--time", time != nil), ("--period", period != nil),
      ("--pace", pace),
    ]
    if rows == nil, let (name, _) = given.first(where: \.1) {
      throw ValidationError("\(name) is about --rows, which is not given.")
    }
    guard key == nil || time == nil else { throw ValidationError("A row is named by --key or by --time, not both.") }
    guard (time != nil) == (period != nil) else { throw ValidationError("--time and --period are given together.") }
    if let period, period.duration <= .zero {
      throw ValidationError("--period is more than 0 (actual: \(period))")
    }
    if pace, time == nil { throw ValidationError("--pace needs --time, the column with the rows' times.") }
    if OwnRowsReader.seconds(origin) == nil {
      throw ValidationError("--origin is seconds or a time of ISO 8601 (actual: \"\(origin)\")")
    }
  }

  /// The name that rows have for their samples.
  var rowKey: RowKey {
    if let key { return .number(column: key) }
    guard let time, let period else { return .place }
    return .time(column: time, origin: OwnRowsReader.seconds(origin) ?? 0, period: period.duration / .seconds(1))
  }
}
