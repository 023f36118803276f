import Foundation
import Testing

extension ProcessTests {
  /// The commands for pictures, on pictures that the tests draw.
  struct PictureTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// Pictures of 8 × 8 pixels: the class is in which of four quarters the light is.
    private func pictures(train: Int = 240, test: Int = 60) throws -> String {
      var state = UInt64(3)
      func byte() -> UInt8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 40)
      }
      func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
      for (name, count) in [("train", train), ("t10k", test)] {
        let labels = (0..<count).map { UInt8($0 % 4) }
        let pixels = labels.flatMap { label in
          (0..<64).map { pixel -> UInt8 in
            let quarter = (pixel / 8 < 4 ? 0 : 2) + (pixel % 8 < 4 ? 0 : 1)
            return quarter == Int(label) ? 128 + byte() / 2 : byte() / 4
          }
        }
        try folder.write(
          [0, 0, 8, 3] + number(count) + number(8) + number(8) + pixels, to: "light/\(name)-images-idx3-ubyte")
        try folder.write([0, 0, 8, 1] + number(count) + labels, to: "light/\(name)-labels-idx1-ubyte")
      }
      return folder.path("light")
    }

    @Test("Certificates of pixels in one table, and a run that goes on where it was stopped", .timeLimit(.minutes(2)))
    func pixels() async throws {
      let pictures = try pictures()
      let command = [
        "certify", "pixels", pictures, "--keep", "20", "--epochs", "3", "--draws", "100", "--images",
        "20",
        "--parts", "16", "--quadrant-parts", "4", "--partition-epochs", "20", "--attack", "4", "--restarts", "2",
        "--attack-draws", "50",
      ]
      let whole = try await run(Programs.copur(), command + ["--out", folder.path("whole")])
      #expect(whole.code == 0, "\(whole.errors)")
      for row in ["ablation, corollary 1", "ablation, corollary 2", "partition, run-off", "quadrants, votes"] {
        #expect(whole.output.contains(row))
      }
      #expect(whole.output.contains("never under a certificate"), "\(whole.output)")
      let lines = folder.lines(of: "whole/outcomes.csv")
      #expect(lines.count == 1 + 2 * 20 + 6 * 60 && lines[0] == "defense,image,outcome,radius")
      #expect(try lines[0] == ResultFiles.header("outcomes.csv of `copur certify pixels --out`"))
      #expect(lines.contains { $0.hasPrefix("\"partition, votes\",0,certified,") }, "\(lines.prefix(60))")
      // The radius of a whole agent is its 16 pixels, which not every picture has.
      let radii = lines.filter { $0.hasPrefix("\"quadrants, votes\"") }.compactMap {
        Int($0.split(separator: ",").last ?? "")
      }
      #expect(radii.allSatisfy { $0 <= 4 || $0 == 16 } && radii.contains { $0 <= 4 }, "\(radii)")
      let page = folder.lines(of: "whole/report.html").joined()
      #expect(page.contains("<svg") && page.contains("quadrants, run-off"))

      // Killed in the middle: an epoch fewer, votes of a few pictures, the last line cut off.
      let votes = folder.lines(of: "whole/ablation-votes.jsonl")
      try FileManager.default.createDirectory(atPath: folder.path("again"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: folder.path("whole/ablation.training"), toPath: folder.path("again/ablation.training"))
      try folder.write(votes.prefix(6).joined(separator: "\n") + "\n{\"bound", to: "again/ablation-votes.jsonl")
      let again = try await run(Programs.copur(), command + ["--out", folder.path("again")])
      #expect(again.code == 0 && again.errors.contains("goes on after epoch 3"), "\(again.errors)")
      #expect(folder.lines(of: "again/outcomes.csv") == lines)
      #expect(folder.lines(of: "again/ablation-votes.jsonl") == votes)

      let other = try await run(
        Programs.copur(), command + ["--seed", "1", "--defense", "ablation", "--out", folder.path("again")])
      #expect(other.code == 78 && other.errors.contains("by other settings"), "\(other.errors)")
      // Pictures of the same extents went on where those of another file had stopped, without a word.
      try await self.otherPictures(command)
      let wrong = try await run(
        Programs.copur(), ["certify", "pixels", pictures, "--keep", "65", "--defense", "ablation"])
      #expect(wrong.code == 64 && wrong.errors.contains("from 1 to 64 pixels are kept (actual: 65)"), "\(wrong.errors)")
      let missing = try await run(Programs.copur(), ["certify", "pixels", folder.path("nothing.npz")])
      #expect(missing.code == 66, "\(missing.errors)")
    }

    /// The same command on other pictures, in a folder that is taken.
    private func otherPictures(_ command: [String]) async throws {
      let before = folder.lines(of: "whole/results.json")
      _ = try pictures(train: 200)
      let others = try await run(Programs.copur(), command + ["--out", folder.path("whole")])
      #expect(others.code == 78 && others.errors.contains("on other pictures"), "\(others.errors)")
      #expect(folder.lines(of: "whole/results.json") == before)
    }

    @Test("A purifier and its classifier, every attack with what it moved", .timeLimit(.minutes(2)))
    func purifier() async throws {
      let study = try await run(
        Programs.copur(),
        [
          "study", "carso", try pictures(), "--radius", "0.1", "--train-pictures", "64", "--test-pictures", "8",
          "--classifier-epochs", "2", "--purifier-epochs", "1", "--seeds", "2", "--out", folder.path("carso"),
        ])
      #expect(study.code == 0, "\(study.errors)")
      for row in [
        "transfer: PGD on the classifier", "PGD + EOT, mean logit, margin", "reference aggregation", "Square",
      ] {
        #expect(study.output.contains(row), "\(study.output)")
      }
      #expect(study.output.contains("nats a picture") && study.output.contains("2 seeds"))
      #expect(folder.lines(of: "carso/report.html").joined().contains("CARSO"))
      let json = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(filePath: folder.path("carso/results.json"))))
      #expect((json as? [Any])?.count == 2)
    }
  }
}
