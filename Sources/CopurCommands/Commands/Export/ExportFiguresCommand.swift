import ArgumentParser
import CopurCore
import CopurReports
import Foundation

/// `copur export figures`.
struct ExportFiguresCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures", abstract: "Write the figures of a run's report as files that stand alone.",
    discussion: """
      SVG files with their own style and legend; they load nothing. PDF and PNG files are made of them by rsvg-convert, of \
      Debian's package librsvg2-bin.

      Example:
        copur export figures results --out figures --format pdf
      """)

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "dir"), completion: .directory)
  var folder: String

  @Option(help: ArgumentHelp("The folder for the files; those of their names are replaced.", valueName: "dir"))
  var out: String

  @Option(help: "The format of the files.")
  var format = Format.svg

  /// A format of figures.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case svg, pdf, png
  }

  /// Pixels of a PNG file for each of the report's.
  private static let zoom = 3

  func run() async throws {
    try await reporting {
      let folder = URL(filePath: folder)
      guard !SweepRecord.isThere(in: folder) else {
        throw CopurError(
          .invalidArgument,
          "\(self.folder): figures are those of one run; name the folder of a point, as in points/NAME")
      }
      let report = try RunReport(reading: folder)
      let converter = format == .svg ? nil : try FigureConverter()
      let out = try OutputFolder.make(self.out)
      for figure in report.figures {
        let file = out.appending(path: "\(figure.name).\(format.rawValue)")
        switch converter {
        case nil:
          do { try Data(figure.svg.utf8).write(to: file, options: .atomic) } catch {
            throw CopurError(.cannotCreate, "\(file.relativePath): cannot be written", cause: error)
          }
        case let converter?: try converter.convert(figure.svg, to: format.rawValue, zoom: Self.zoom, file: file)
        }
      }
      try Terminal.print("\(self.out): \(report.figures.count) figures")
    }
  }
}

/// `rsvg-convert`, which makes other formats of SVG.
struct FigureConverter {
  private static let name = "rsvg-convert"
  private let program: URL

  /// - Throws: ``CopurError`` of code `.unavailable` if it is not there.
  init() throws {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    guard let path = folders.map({ "\($0)/\(Self.name)" }).first(where: FileManager.default.isExecutableFile) else {
      throw CopurError(
        .unavailable,
        "PDF and PNG files are made by \(Self.name), which is not in $PATH: apt-get install librsvg2-bin, or --format svg"
      )
    }
    program = URL(filePath: path)
  }

  /// - Throws: ``CopurError``: `.cannotCreate` if the file is not written, `.unavailable` if the program fails.
  func convert(_ svg: String, to format: String, zoom: Int, file: URL) throws {
    let process = Process()
    process.executableURL = program
    process.arguments =
      ["--format", format, "--output", file.path] + (format == "png" ? ["--zoom", "\(zoom)"] : [])
      + ["--background-color", "white"]
    let (input, errors) = (Pipe(), Pipe())
    (process.standardInput, process.standardError) = (input, errors)
    do {
      try process.run()
      // A program that has ended reads nothing any more.
      signal(SIGPIPE, SIG_IGN)
      try? input.fileHandleForWriting.write(contentsOf: Data(svg.utf8))
      try input.fileHandleForWriting.close()
    } catch {
      throw CopurError(.unavailable, "\(program.path): cannot be run", cause: error)
    }
    let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw CopurError(
        .cannotCreate,
        "\(file.relativePath): \(program.lastPathComponent) made no file: "
          + words.split(whereSeparator: \.isNewline).joined(separator: " "))
    }
  }
}
