internal import CopurCore

/// How many of a part's first rows to read.
struct RowLimit: Sendable {
  /// The setting's key, for messages.
  let option: String
  /// How many; nil for all.
  let count: Int?

  /// How many of the rows that there are.
  ///
  /// - Parameter file: The file's name for messages.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if there are fewer, or none is asked for.
  func checked(in file: String, available: Int) throws -> Int {
    let count = count ?? available
    guard count >= 1, count <= available else {
      throw CopurError(.invalidArgument, "\(file): \(option) is 1 to \(available) (actual: \(count))")
    }
    return count
  }
}
