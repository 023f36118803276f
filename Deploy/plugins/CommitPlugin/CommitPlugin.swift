import Foundation
import PackagePlugin

/// Writes which commit is built into a Swift file of the target, anew at each build: a manifest knows the commit, too, but
/// is evaluated only when its text changes.
@main
struct CommitPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) -> [Command] {
    let folder = context.pluginWorkDirectoryURL.appending(path: "commit")
    return [
      .prebuildCommand(
        displayName: "Noting the commit", executable: URL(filePath: "/bin/sh"),
        arguments: [
          context.package.directoryURL.appending(path: "Deploy/plugins/CommitPlugin/write-commit.sh").path,
          context.package.directoryURL.path, folder.path,
        ],
        outputFilesDirectory: folder)
    ]
  }
}
