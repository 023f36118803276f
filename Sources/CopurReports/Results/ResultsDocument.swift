internal import CopurCore
public import Foundation

/// The tables of several runs in one Markdown file, each with its command, commit, machine and time, so that no figure is
/// typed by hand.
public struct ResultsDocument {
  private let sections: [ResultsSection]

  /// The lines between which another file has an excerpt.
  public static let markers = (begin: "<!-- results:begin -->", end: "<!-- results:end -->")

  /// - Parameters:
  ///   - folders: Folders of runs, in the order in which they are shown; of a sweep, all points are that are finished.
  ///   - defenses: Those to show, in this order; empty for all of each run.
  /// - Throws: What ``RunReport/init(reading:)`` throws; ``CopurError`` of code `.invalidArgument` if a run has no defence
  ///   of a name.
  public init(reading folders: [URL], defenses: [String] = []) throws {
    let runs = try folders.flatMap(RunReport.all(in:))
    sections = try runs.map { try ResultsSection($0, defenses: defenses) }
  }

  /// All tables.
  public var markdown: String {
    """
    # Results

    Written by `copur results` from the folders of the runs below, figures and all.

    """ + sections.map { "\n" + $0.markdown }.joined()
  }

  /// The first run's table of what each defence withstands, to stand in another text.
  public var excerpt: String {
    guard let section = sections.first else { return "" }
    return section.summary + "\n" + ResultsSection.reading + " A constant guess: \(section.majority)."
      + (section.command.map { " Command: `\($0)`." } ?? "") + "\n"
  }

  /// A text with ``excerpt`` in place of what stands between its ``markers``.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` if it does not have each of them once, in this order, as a line.
  public func inserting(into text: String, file: String) throws -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let (begins, ends) = (
      lines.indices.filter { lines[$0] == Self.markers.begin }, lines.indices.filter { lines[$0] == Self.markers.end }
    )
    guard begins.count == 1, ends.count == 1, begins[0] < ends[0] else {
      throw CopurError(
        .invalidData,
        "\(file): an excerpt goes between a line \"\(Self.markers.begin)\" and a later line \"\(Self.markers.end)\", each "
          + "there once (found: \(begins.count) and \(ends.count))")
    }
    lines.replaceSubrange(
      begins[0] + 1..<ends[0], with: ("\n" + excerpt).split(separator: "\n", omittingEmptySubsequences: false))
    return lines.joined(separator: "\n")
  }
}
