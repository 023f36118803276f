/// The options that a command line has, by their names.
struct GivenOptions {
  /// The options, flags and arguments that are there. `--no-NAME` is NAME.
  private(set) var names: Set<String> = []
  /// Their texts in order; `true` or `false` of a flag.
  private(set) var allValues: [String: [String]] = [:]

  /// The last text of each option.
  var values: [String: String] { allValues.compactMapValues(\.last) }

  /// Reads a command line as the parser does, without judging it: what is wrong is the parser's to say.
  init(_ arguments: some Sequence<String>, of options: [CommandOption]) {
    let positional = options.first(where: \.isPositional)
    var rest = Array(arguments)[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        for value in rest { add(positional, value) }
        return
      }
      if argument == "-h" { names.insert("help") }
      guard argument.hasPrefix("--") else {
        if !argument.hasPrefix("-") { add(positional, argument) }
        continue
      }
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let option = options.first(where: { $0.name == name && !$0.isPositional }) else {
        addFlag(name, in: options)
        continue
      }
      names.insert(name)
      if parts.count > 1 {
        add(option, String(parts[1]))
      } else if option.isFlag {
        add(option, "true")
      } else if option.takesRest {
        while let value = rest.first, !value.hasPrefix("-") { add(option, rest.removeFirst()) }
      } else if let value = rest.popFirst() {
        add(option, value)
      }
    }
  }

  /// A flag's opposite, or a name that the command does not know.
  private mutating func addFlag(_ name: String, in options: [CommandOption]) {
    if name.hasPrefix("no-"), let flag = options.first(where: { $0.isInvertible && $0.name == name.dropFirst(3) }) {
      add(flag, "false")
    } else {
      names.insert(name)
    }
  }

  private mutating func add(_ option: CommandOption?, _ value: String) {
    guard let option else { return }
    names.insert(option.name)
    allValues[option.name, default: []].append(value)
  }
}
