import CopurCore
import CopurReports
import CopurScenarios
import CopurTraining
import Foundation
import Synchronization

/// One line on a terminal that says how far a run is; in a pipe only what is out of the ordinary.
final class ProgressDisplay: Sendable {
  private let isTerminal: Bool
  private let lastDraw = Mutex<ContinuousClock.Instant?>(nil)
  private let pace = Mutex(WorkPace())

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  func observe(_ event: RunEvent) {
    switch event {
    case .continued(let measured, _, let finished?):
      report(
        "this run is in the folder, finished \(finished.formatted(.iso8601)): \(measured) results are read, and nothing is "
          + "measured again (--overwrite does)")
    case .continued(let measured, let total, nil):
      report("the run in the folder goes on: \(measured) of \(total) results are there")
    case .point(let name, let number, let count): line("point \(number) of \(count): \(name)")
    case .failed(let point, let error):
      report("point \(point) failed: \((error as? CopurError).map { "\($0)" } ?? "\(error)")")
    case .noticed(let note): report("warning: \(note)")
    case .training(let seed, let progress):
      show(
        "seed \(seed): \(progress.stage) \(bar(progress.completed, of: progress.total))"
          + (progress.loss.map { " loss \(String(format: "%.4f", $0))" } ?? "")
          + (progress.heldOutScore.map { ", held out \(String(format: "%.1f", 100 * $0)) %" } ?? "")
          + (progress.traffic.map { ", \(ByteCount($0.received)) in, \(ByteCount($0.sent)) out" } ?? "")
          + timeLeft("\(seed) \(progress.stage)", progress.completed, of: progress.total),
        always: progress.completed == progress.total)
    case .trained(let seed, let version, let code, let reused):
      line("seed \(seed): model \(version), code \(code)\(reused ? ", trained before" : "")")
    case .chosen(let seed, let defenses, let record):
      let place = "\(defenses.joined(separator: ", ")), seed \(seed): "
      if let words = record.choiceWords { line(place + words) }
      for warning in record.warnings { report("warning: \(place)\(warning)") }
    case .launched(let seed, let processes, let dashboard):
      line("seed \(seed): \(processes) processes are up")
      if let dashboard { report("the dashboard is at \(dashboard)") }
    case .replayed(let attack, let defense, let samples, let late):
      report(
        "\(attack) against \(defense): \(samples) samples are played again, "
          + "\(AgentNames.words(late)) came after the deadline")
    // They are shown with the results.
    case .certified: break
    case .measured(let row, let completed, let total):
      show(
        "\(bar(completed, of: total)) \(row.attack) against \(row.defense)"
          + timeLeft("results", completed, of: total), always: completed == total)
      if completed == total { clear() }
    }
  }

  /// A line that stays; on a terminal only.
  private func line(_ text: String) {
    guard isTerminal else { return }
    clear()
    Terminal.report(text)
  }

  /// A line that stays, also in a pipe.
  private func report(_ text: String) {
    if isTerminal { clear() }
    Terminal.report("copur: \(text)")
  }

  /// Draws the line anew, at most ten times a second.
  private func show(_ text: String, always: Bool) {
    guard isTerminal else { return }
    let now = ContinuousClock.now
    let draws = lastDraw.withLock { last in
      if !always, let last, now - last < .milliseconds(100) { return false }
      last = now
      return true
    }
    if draws { Terminal.report("\r\u{1B}[2K\(text)", terminator: "") }
  }

  /// The work was broken off: what is said next begins on a line of its own.
  func interrupted() { clear() }

  private func clear() {
    guard isTerminal else { return }
    Terminal.report("\r\u{1B}[2K", terminator: "")
  }

  private func timeLeft(_ work: String, _ completed: Int, of total: Int) -> String {
    let left = pace.withLock { $0.timeLeft(of: work, completed: completed, total: total, at: .now) }
    return left.map { ", \(WorkPace.words($0)) left" } ?? ""
  }

  private func bar(_ completed: Int, of total: Int) -> String {
    let width = 20
    let filled = total == 0 ? width : min(width, width * completed / total)
    return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
      + "] \(completed)/\(total)"
  }
}
