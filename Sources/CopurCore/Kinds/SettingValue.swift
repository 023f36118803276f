/// A value of a setting, read and checked by its ``SettingType``.
public indirect enum SettingValue: Hashable, Sendable {
  /// Of an integer, a class, or a choice that is a number.
  case integer(Int)
  /// Of a number, or a choice that is one.
  case number(Float)
  /// Of a boolean.
  case boolean(Bool)
  /// Of a choice or a text.
  case text(String)
  /// Of a list of texts.
  case texts([String])
  /// Of a mapping, in the file's order; only what was given.
  case mapping([Member])

  /// A key and its value.
  public struct Member: Hashable, Sendable {
    /// The key.
    public let key: String
    /// The value that was given for it.
    public let value: SettingValue

    /// - Parameter key: As scenarios spell it.
    public init(_ key: String, _ value: SettingValue) {
      self.key = key
      self.value = value
    }
  }

  /// As a scenario may write it.
  public var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .text(let value): value
    case .texts(let values): "[\(values.joined(separator: ", "))]"
    case .mapping(let members): "{ \(members.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ")) }"
    }
  }
}
