import Foundation
import Testing

extension ProcessTests {
  /// `copur export` on the folder of a run.
  struct ExportTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func export(_ arguments: String...) async throws -> FinishedProgram {
      try await run(Programs.copur(), ["export"] + arguments)
    }

    @Test("A run's results are read by TensorBoard and pandas, and are in LaTeX and figures", .timeLimit(.minutes(2)))
    func formats() async throws {
      let workshop = try await Workshop.shared.value
      let scenario = try folder.write(SmallScenario().text, to: "small.yaml")
      let out = folder.path("out")
      let ran = try await run(
        Programs.copur(), ["run", scenario, "--in-process", "--out", out, "--cache", workshop.cache])
      #expect(ran.code == 0, "\(ran.errors)")

      let events = try await export("tensorboard", out, "--out", folder.path("events"))
      #expect(events.code == 0 && events.output.hasSuffix("events of 1 seed"), "\(events.errors)")
      let numbers = try await export("csv", out, "--output", folder.path("numbers.csv"))
      #expect(numbers.code == 0, "\(numbers.errors)")
      let read = try await run(
        Programs.python(),
        [
          "-c",
          """
          import glob, sys, pandas
          from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
          frame = pandas.read_csv(sys.argv[2])
          whole = frame[frame.agent.isna() & ~frame.metric.isin(["n", "amplification"])]
          events = EventAccumulator(glob.glob(sys.argv[1] + "/*")[0], size_guidance={"scalars": 0}); events.Reload()
          scalars = [event for tag in events.Tags()["scalars"] for event in events.Scalars(tag)]
          assert len(scalars) == len(whole) > 20, (len(scalars), len(whole))
          losses = [events.Scalars(tag) for tag in events.Tags()["scalars"] if tag.startswith("loss/")]
          assert losses and all([event.step for event in loss] == sorted({event.step for event in loss}) for loss in losses)
          assert abs(sum(event.value for event in scalars) - whole.value.sum()) < 1e-3 * len(scalars)
          print("read", len(losses), "losses")
          """, folder.path("events"), folder.path("numbers.csv"),
        ])
      #expect(read.code == 0 && read.output.contains("read "), "\(read.errors)")
      let again = try await export("tensorboard", out, "--out", folder.path("events"))
      #expect(again.code == 73 && again.errors.contains("beside no others"), "\(again.errors)")

      let latex = try await export("latex", out, "--defense", "copur", "--value", "balanced-accuracy")
      #expect(latex.code == 0 && latex.output.contains("\\begin{tabular}{lr}"), "\(latex.errors)")
      let unknown = try await export("latex", out, "--defense", "none")
      #expect(unknown.code == 64 && unknown.errors.contains("a defense of the run"), "\(unknown.errors)")
      let flow = try await export("mlflow", out, "--out", folder.path("mlruns"))
      #expect(flow.code == 0 && flow.output.hasSuffix("1 run"), "\(flow.errors)")

      let figures = try await export("figures", out, "--out", folder.path("figures"))
      #expect(figures.code == 0, "\(figures.errors)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("figures"))
      #expect(files.contains("loss-0.svg") && files.allSatisfy { $0.hasSuffix(".svg") }, "\(files)")
      // Where the program is not there that makes other formats, its package is named.
      let without = try await run(
        Programs.copur(), ["export", "figures", out, "--out", folder.path("pdf"), "--format", "pdf"],
        environment: ["PATH": folder.path("none")])
      #expect(without.code == 69 && without.errors.contains("librsvg2-bin"), "\(without.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.path("pdf")))
      if (try? Programs.system("rsvg-convert")) != nil {
        let made = try await export("figures", out, "--out", folder.path("png"), "--format", "png")
        #expect(made.code == 0, "\(made.errors)")
        let png = try Data(contentsOf: URL(filePath: folder.path("png/loss-0.png")))
        #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]) && png.count > 5_000)
      }
      #expect(try await export("csv", folder.path("nowhere")).code == 66)
    }
  }
}
