/// The value of an option, and who said so.
struct Setting: Equatable {
  /// Who said what an option is. The first of them counts.
  enum Source: Equatable, CustomStringConvertible {
    case commandLine
    case environment(variable: String)
    case file(String, line: Int)
    /// Nobody did.
    case standard

    var description: String {
      switch self {
      case .commandLine: "command line"
      case .environment(let variable): "$\(variable)"
      case .file(let file, let line): "\(file):\(line)"
      case .standard: "default"
      }
    }
  }

  let option: CommandOption
  /// The texts; none where it is not set and has no default. `true` or `false` of a flag.
  let values: [String]
  let source: Source

  /// The arguments by which the command is told; none for what it knows already.
  var arguments: [String] {
    switch source {
    case .commandLine, .standard: return []
    case .environment, .file: break
    }
    if option.isFlag {
      return values == ["true"] ? ["--\(option.name)"] : option.isInvertible ? ["--no-\(option.name)"] : []
    }
    // With the sign, so that a value may begin with a dash.
    return option.isPositional ? values : values.map { "--\(option.name)=\($0)" }
  }
}
