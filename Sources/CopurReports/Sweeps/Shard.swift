internal import CopurCore
public import Foundation

/// A part of a run or a sweep for one of several machines or jobs.
///
/// The units of work, a point with a seed each, are dealt out in turn: shard i of n has every n-th unit from the i-th on, so
/// that two shards differ by one unit at most and all of them together have each unit once.
public struct Shard: Hashable, Sendable {
  /// The most shards.
  public static let maximum = 100_000

  /// The shard's number, from 1 to ``count``.
  public let number: Int
  /// The number of shards.
  public let count: Int

  /// - Throws: ``CopurError`` of code `.invalidArgument` if there is no such shard.
  public init(_ number: Int, of count: Int) throws {
    guard (1...Self.maximum).contains(count), (1...count).contains(number) else {
      throw CopurError(
        .invalidArgument,
        "a shard is i/n with i from 1 to n, and n at most \(Self.maximum) (actual: \(number)/\(count))")
    }
    self.number = number
    self.count = count
  }

  /// A shard as text: `3/60`; `slurm` for that of the task of a job array, and `auto` for that if there is one.
  ///
  /// - Returns: Nil for `auto` in no job array: all of the work.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the text or the job array says no shard.
  public static func parsing(_ text: String, environment: [String: String]) throws -> Shard? {
    switch text {
    case "auto": return environment[taskVariable] == nil ? nil : try ofJobArray(environment)
    case "slurm": return try ofJobArray(environment)
    default:
      let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count == 2, let number = numbers[0], let count = numbers[1] else {
        throw CopurError(.invalidArgument, "a shard is i/n such as 3/60, slurm or auto (actual: \"\(text)\")")
      }
      return try Shard(number, of: count)
    }
  }

  private static let taskVariable = "SLURM_ARRAY_TASK_ID"

  /// The shard of a task of a Slurm job array whose numbers have no gaps (sbatch, "INPUT/OUTPUT ENVIRONMENT VARIABLES").
  private static func ofJobArray(_ environment: [String: String]) throws -> Shard {
    func number(_ name: String) throws -> Int {
      guard let text = environment[name], let value = Int(text) else {
        throw CopurError(
          .invalidArgument,
          "a task of a Slurm job array has the variable \(name), a whole number (actual: "
            + "\(environment[name].map { "\"\($0)\"" } ?? "it is not set"))")
      }
      return value
    }
    let (task, first, count) = (
      try number(taskVariable), try number("SLURM_ARRAY_TASK_MIN"), try number("SLURM_ARRAY_TASK_COUNT")
    )
    let step = environment["SLURM_ARRAY_TASK_STEP"] == nil ? 1 : try number("SLURM_ARRAY_TASK_STEP")
    let (distance, isOver) = task.subtractingReportingOverflow(first)
    guard !isOver, step > 0, distance >= 0, distance % step == 0, distance / step < count else {
      throw CopurError(
        .invalidArgument,
        "the tasks of a job array are numbered without gaps, as by --array=1-\(max(1, count)); else say --shard i/n "
          + "(actual: task \(task) of \(count) from \(first))")
    }
    return try Shard(distance / step + 1, of: count)
  }

  /// Whether a unit of work is this shard's.
  ///
  /// - Parameter unit: Its number, from 0.
  public func contains(_ unit: Int) -> Bool { unit % count == number - 1 }

  /// In words that are a folder's name, too: `3-of-60`.
  public var folderName: String { "\(number)-of-\(count)" }
}

extension Shard: CustomStringConvertible, Codable {
  public var description: String { "\(number)/\(count)" }

  /// A text such as `3/60`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard text.first?.isNumber == true, let shard = try? Self.parsing(text, environment: [:]) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "a shard is i/n (actual: \"\(text)\")")
    }
    self = shard
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Shard {
  /// The folder in which shards have one each.
  public static let foldersName = "shards"

  /// This shard's folder in the folder of a run.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` if shards of another division are there.
  public func folder(in run: URL) throws -> URL {
    let shards = run.appending(path: Self.foldersName)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: shards.path)) ?? [] {
      guard let parts = try? Regex("([0-9]+)-of-([0-9]+)").wholeMatch(in: name), let other = parts.output[2].substring,
        other != "\(count)"
      else { continue }
      throw CopurError(
        .cannotCreate,
        "\(shards.path): the shards of a folder are parts of one division (there: \"\(name)\", actual: \(self)); name "
          + "another folder")
    }
    return shards.appending(path: folderName)
  }
}
