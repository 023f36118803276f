internal import CopurCore

/// The number of a part's first rows that are read.
struct RowLimit: Sendable {
  /// The setting's key, for messages.
  let option: String
  /// The number that was asked for; nil for all.
  let count: Int?

  /// The number of rows to read, of those that there are.
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
