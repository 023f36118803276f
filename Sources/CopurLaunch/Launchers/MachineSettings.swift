public import CopurCore
public import Foundation

/// The machines of a launcher that reaches others: settings that such launchers have in common.
public struct MachineSettings: Hashable, Sendable {
  /// The machines, as ``LaunchHost`` reads them; none: those that the launcher finds itself.
  public var hosts: [String]
  /// The folder that all machines share; nil: see each launcher.
  public var sharedFolder: String?
  /// The program's file on the machines; nil: where it is on this one.
  public var program: String?

  /// - Parameters:
  ///   - hosts: The machines, as ``LaunchHost`` reads them; none: those that the launcher finds itself.
  ///   - sharedFolder: The folder that all machines share; nil: see each launcher.
  ///   - program: The program's file on the machines; nil: where it is on this one.
  public init(hosts: [String] = [], sharedFolder: String? = nil, program: String? = nil) {
    self.hosts = hosts
    self.sharedFolder = sharedFolder
    self.program = program
  }

  /// The settings, for launchers to list among theirs.
  public static var settings: [Setting<MachineSettings>] {
    [
      Setting(
        SettingDescription(
          "hosts", .texts(of: "hosts", atLeast: 1),
          "ssh: the machines, the fusion center's first; slurm: nodes of the allocation, all if left out. "
            + "`NAME=ADDRESS` where the network knows a machine by another name")
      ) {
        $0.hosts.isEmpty ? nil : .texts($0.hosts)
      } write: {
        if case .texts(let hosts) = $1 { $0.hosts = hosts }
      },
      .text(
        "shared_folder", \.sharedFolder, of: "a folder",
        "a folder that all machines see under the same path; slurm: the folder of the job if left out; ssh: files are "
          + "copied if left out"),
      .text(
        "program", \.program, of: "a file", "ssh and slurm: where the program is on the machines; as here if left out"),
    ]
  }

  /// Checks that every host is one.
  ///
  /// - Throws: ``SettingError`` at the hosts.
  public func validate() throws(SettingError) {
    guard !hosts.isEmpty else { return }
    do { _ = try LaunchHost.list(hosts) } catch {
      throw SettingError((error as? CopurError)?.message ?? "\(error)", at: "hosts")
    }
  }

  /// The folder that all machines share, if one is given.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` if it is not there.
  public func folder() throws -> URL? {
    guard let folder = sharedFolder.map({ URL(filePath: $0).absoluteURL }) else { return nil }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw CopurError(.missingInput, "\(folder.path): the folder that machines share is not there")
    }
    return folder
  }
}
