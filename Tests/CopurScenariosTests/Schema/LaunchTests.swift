import CopurLaunch
import CopurScenarios
import Testing

struct LaunchTests {
  private func scenario(_ launch: String) throws -> Scenario {
    try Scenario(
      parsing: ScenarioDocument(
        text: """
          name: x
          dataset: { kind: fashion-mnist }
          \(launch)
          attacks: [{ name: clean }]
          """, file: "x.yaml"))
  }

  @Test("Machines and how many agents a process hosts, and nothing of it in the record")
  func parsed() throws {
    let plain = try scenario("# no machines")
    #expect(plain.launch == LaunchSettings())
    let remote = try scenario("launch:\n  kind: ssh\n  hosts: [one, two=10.0.0.2]\n  agents_per_process: 50")
    let machines = MachineSettings(hosts: ["one", "two=10.0.0.2"])
    #expect(remote.launch == LaunchSettings(SSHLauncher.Settings(machines), agentsPerProcess: 50))
    let flow = try scenario("launch: { kind: slurm, shared_folder: /home/shared }")
    #expect(
      flow.launch == LaunchSettings(SlurmLauncher.Settings(MachineSettings(sharedFolder: "/home/shared"))))
    #expect(!remote.source.contains("two") && !remote.source.contains("agents_per_process"))
    let last = try Scenario(
      parsing: ScenarioDocument(
        text: "name: x\ndataset: { kind: fashion-mnist }\nattacks: [{ name: clean }]\nlaunch:\n\n  kind: local\n",
        file: "x"))
    #expect(last.source == "name: x\ndataset: { kind: fashion-mnist }\nattacks: [{ name: clean }]\n")
    #expect(remote.source == flow.source && remote.source.contains("attacks:"))
  }

  @Test(
    "What a launcher does not take",
    arguments: [
      ("launch: { hosts: [a] }", "has the key \"kind\""),
      ("launch: { kind: ssh }", "the launcher ssh has the key \"hosts\""),
      ("launch: { kind: local, hosts: [a] }", "unknown key \"hosts\""),
      ("launch: { kind: kubernetes }", "a launcher is one of local, slurm, ssh"),
      ("launch: { kind: ssh, hosts: [a, a] }", "hosts are given once each (twice: \"a\")"),
      ("launch: { kind: slurm, hosts: [a, a=10.0.0.1] }", "a host is named once"),
      ("launch: { kind: ssh, hosts: [-oX] }", "a host is NAME"),
      ("launch: { kind: local, agents_per_process: 0 }", "expected at least 1"),
    ])
  func refused(launch: String, message: String) {
    let error = #expect(throws: ScenarioError.self) { try scenario(launch) }
    #expect(error.map { "\($0)" }?.contains(message) == true, "\(error.debugDescription)")
  }
}
