import ArgumentParser
import CopurScenarios

/// The command line as a whole.
struct Copur: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copur",
    abstract: "Robust collaborative inference: a fusion center, agents, and a simulator that attacks them.",
    discussion: """
      Exit codes are those of sysexits.h: 64 wrong usage, 65 damaged data or bundle, 66 missing input, 69 a process or \
      port that is not to be had, 73 a file that cannot be written, 74 reading or \
      writing failed half-way, 77 not allowed, 78 a wrong scenario or setting.

      Completions for a shell (bash, zsh or fish): copur --generate-completion-script bash
      """,
    version: "\(copurVersionString) (commit \(copurCommit))",
    groupedSubcommands: [
      CommandGroup(
        name: "Simulations",
        subcommands: [
          NewCommand.self, RunCommand.self, TrainCommand.self, ImportCommand.self, CertifyCommand.self,
          ReportCommand.self,
          CompareCommand.self,
          MergeCommand.self, ResultsCommand.self, ExportCommand.self, SchemaCommand.self,
        ]),
      CommandGroup(name: "Learning", subcommands: [DetectCommand.self, StudyCommand.self]),
      CommandGroup(
        name: "Service",
        subcommands: [
          ServeCommand.self, AgentCommand.self, PredictCommand.self, WatchCommand.self, JournalCommand.self,
          CertsCommand.self, ConfigCommand.self, DeployCommand.self,
        ]),
      CommandGroup(name: "Machine", subcommands: [DoctorCommand.self, DataCommand.self, BenchCommand.self]),
    ])
}
