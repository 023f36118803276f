import CopurCore
import CopurLaunch
import Foundation
import Testing

struct LauncherTests {
  @Test("The center is on the first machine, agents' processes go round the others")
  func placement() throws {
    let launcher = SSHLauncher(hosts: try LaunchHost.list("a,b,c"))
    #expect(launcher.centerHost.name == "a")
    #expect((0..<4).map { launcher.agentHost($0).name } == ["b", "c", "a", "b"])
    let alone = LocalLauncher()
    #expect((0..<2).map { alone.agentHost($0).address } == ["127.0.0.1", "127.0.0.1"])
    #expect(alone.command(["copur", "serve"], on: alone.centerHost) == ["copur", "serve"])
  }

  @Test("A shell on the other side reads words as they are")
  func quoting() throws {
    let launcher = SSHLauncher(hosts: try LaunchHost.list("ann@a"))
    let command = launcher.command(["copur", "it's; $HOME", "{ kind: x }"], on: launcher.centerHost)
    #expect(command.prefix(2) == ["ssh", "-T"] && command.contains("BatchMode=yes"))
    #expect(command.contains("ConnectTimeout=30") && command.contains("ServerAliveInterval=15"))
    #expect(command.suffix(3) == ["'copur'", "'it'\\''s; $HOME'", "'{ kind: x }'"])
  }

  @Test("Few agents have processes of their own, many share two a machine")
  func agentsInAProcess() {
    var settings = LaunchSettings()
    #expect(settings.agentsInProcess(of: 32, hosts: 1) == 1)
    #expect(settings.agentsInProcess(of: 33, hosts: 1) == 17)
    #expect(settings.agentsInProcess(of: 1000, hosts: 1) == 500)
    #expect(settings.agentsInProcess(of: 1000, hosts: 10) == 50)
    settings.agentsPerProcess = 3
    #expect(settings.agentsInProcess(of: 1000, hosts: 10) == 3)
  }

  @Test("Each kind is registered by the name that its launcher and its settings have")
  func kinds() async throws {
    #expect(KindRegistry.launchers.names == ["local", "slurm", "ssh"])
    for entry in KindRegistry.launchers.entries {
      let source = JSONSettings(entry.settings.isEmpty ? [:] : ["hosts": .array([.string("a")])])
      let kind = try entry.make(from: source, in: KindContext(agents: [], classNames: []))
      #expect(kind.kind == entry.name)
      if entry.name != "slurm" { #expect(try await kind.launcher().name == entry.name) }
    }
  }

  @Test("Settings that do not fit")
  func errors() async throws {
    await #expect(throws: CopurError.self) { try await LaunchSettings(SSHLauncher.Settings()).launcher() }
    var machines = MachineSettings(hosts: ["a"])
    #expect(try await LaunchSettings(SSHLauncher.Settings(machines)).launcher().name == "ssh")
    machines.sharedFolder = "/not/there"
    let settings = LaunchSettings(SSHLauncher.Settings(machines))
    let missing = await #expect(throws: CopurError.self) { try await settings.launcher() }
    #expect(missing?.code == .missingInput)
    let outside = await #expect(throws: CopurError.self) { try await SlurmLauncher.current(environment: [:]) }
    #expect(outside?.message.contains("salloc --nodes=3 copur run") == true)
  }
}
