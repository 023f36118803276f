import CopurCommands

/// The program `copur`: the command line with the kinds that it comes with.
@main
enum Program {
  static func main() async { await CommandLineInterface.main() }
}
