import CopurLaunch
import Foundation
import Testing

extension ProcessTests {
  /// Models that PyTorch trained, behind the fusion center: the guide as it stands, and what it refuses.
  struct ImportTests {
    /// Files that `train.py` of the example wrote: PyTorch is too large to be installed for tests.
    private static let fixtures = Programs.package.appending(path: "Tests/copurTests/Fixtures/PyTorch")
    private static let examples = Programs.package.appending(path: "Deploy/python/examples/pytorch")

    private let folder: TestFolder

    init() throws {
      folder = try TestFolder()
      try FileManager.default.createDirectory(atPath: folder.path("bin"), withIntermediateDirectories: false)
      for (name, program) in [("copur", try Programs.copur()), ("python", try Programs.python())] {
        // A link would be another Python, without its packages.
        try folder.write("#!/bin/sh\nexec '\(program)' \"$@\"\n", to: "bin/\(name)")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path("bin/\(name)"))
      }
      try FileManager.default.copyItem(atPath: Self.examples.path, toPath: folder.path("machines"))
    }

    private func shell(_ commands: String) -> [String] { ["-ec", "cd '\(folder.path("machines"))'\n\(commands)"] }

    private var environment: [String: String] {
      [
        "PATH": "\(folder.path("bin")):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin")",
        "XDG_CACHE_HOME": folder.path("cache"),
        "PYTHONPATH": Programs.package.appending(path: "Deploy/python/src").path,
      ]
    }

    /// Runs commands in the example's folder.
    private func play(_ commands: String) async throws -> FinishedProgram {
      try await run(Programs.system("bash"), shell(commands), environment: environment)
    }

    private func takeFixtures() throws {
      for name in ["model.safetensors", "heat.onnx", "examples.safetensors"] {
        try FileManager.default.copyItem(
          atPath: Self.fixtures.appending(path: name).path, toPath: folder.path("machines/\(name)"))
      }
    }

    @Test("The guide's commands do what it says, to PyTorch's own probabilities", .timeLimit(.minutes(2)))
    func guide() async throws {
      let page = try String(
        contentsOf: Programs.package.appending(path: "Sources/CopurCore/Docs.docc/PyTorch.md"), encoding: .utf8)
      let statement = try String(contentsOf: Self.examples.appending(path: "models.yaml"), encoding: .utf8)
      #expect(page.contains(try #require(statement.split(separator: "\nagents:").last)))
      let steps = page.matches(of: /```sh\n(?<commands>[^`]+)```/).map { String($0.commands) }
      try #require(steps.count == 6)
      #expect(steps[0].hasPrefix("cp -r Deploy/python/examples/pytorch machines\n"))
      // What PyTorch writes is here already.
      let data = try await play(steps[1].replacing("python train.py\n", with: ""))
      #expect(data.code == 0, "\(data.errors)")
      try takeFixtures()

      let imported = try await play(steps[2])
      #expect(imported.code == 0, "\(imported.errors)")
      for line in ["heat: 4 features → dense, dense, activation, dense → 4", "fusion: 12 values → dense, dense → 2"] {
        #expect(page.contains(line) && imported.output.contains(line), "\(imported.output)")
      }
      let differences = imported.output.matches(of: /300 examples, outputs at most (\S+) away/)
      #expect(differences.count == 4, "\(imported.output)")
      for difference in differences { #expect(try #require(Float(difference.1)) < 1e-5) }

      let attacked = try await play(steps[3])
      #expect(attacked.code == 0, "\(attacked.errors)")
      let table = try String(contentsOfFile: folder.path("machines/results/results.csv"), encoding: .utf8)
      let lines = table.split(whereSeparator: \.isNewline).map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      let column = try #require(lines[0].firstIndex(of: "accuracy"))
      func accuracy(_ defense: Substring, _ attack: Substring) throws -> Double {
        let line = try #require(lines.first { $0.contains(defense) && $0.contains(attack) })
        return try #require(Double(line[column]))
      }
      #expect(try accuracy("unsecured", "clean") > 0.95)
      #expect(try accuracy("unsecured", "ascent") < 0.6)
      #expect(try accuracy("copur", "ascent") > accuracy("unsecured", "ascent") + 0.2)

      let serve = steps[4].split(separator: "\n").map(String.init)
      let trained = try await play(serve[0])
      #expect(trained.code == 0, "\(trained.errors)")
      try await withProgram(
        Programs.system("bash"), shell("exec " + serve[1].replacing("127.0.0.1:8001", with: "127.0.0.1:0")),
        environment: environment
      ) { center in
        let port = try await center.listening().port
        let compared = try await play(steps[5].replacing("127.0.0.1:8001", with: "127.0.0.1:\(port)") + "wait\n")
        #expect(compared.code == 0, "\(compared.errors)")
        let words = try #require(
          compared.output.firstMatch(of: /300 verdicts; probabilities at most (\S+) from PyTorch's/),
          "\(compared.output)")
        #expect(try #require(Double(words.1)) < 1e-5)
      }
    }

    @Test("Files that the packages onnx and safetensors write are taken, and what has no layer is refused by name")
    func independent() async throws {
      let written = try await play(
        """
        cat > write.py <<'END'
        import numpy as np, onnx
        from onnx import helper, numpy_helper
        from safetensors.numpy import save_file
        numbers = np.random.default_rng(1)
        w, b, mean, scale = (numbers.normal(size=size).astype(np.float32) for size in [(5, 3), (3,), (5,), (5,)])
        scale = np.abs(scale) + np.float32(0.1)
        x = numbers.normal(size=(7, 5)).astype(np.float32)
        def write(name, nodes, arrays):
            graph = helper.make_graph(
                nodes, "g", [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [None, 5])],
                [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [None, 3])],
                [numpy_helper.from_array(array, key) for key, array in arrays.items()])
            model = helper.make_model(graph)
            onnx.checker.check_model(model)
            onnx.save(model, name)
        arrays = {"mean": mean, "scale": scale, "w": w.astype(np.float64).astype(np.float32), "b": b}
        head = [helper.make_node("Sub", ["x", "mean"], ["c"]), helper.make_node("Div", ["c", "scale"], ["d"]),
                helper.make_node("MatMul", ["d", "w"], ["e"]), helper.make_node("Add", ["e", "b"], ["f"])]
        write("own.onnx", head + [helper.make_node("Tanh", ["f"], ["y"])], arrays)
        write("gelu.onnx", head + [helper.make_node("Gelu", ["f"], ["y"])], arrays)
        write("branch.onnx", head + [helper.make_node("Sigmoid", ["f"], ["g"]), helper.make_node("Mul", ["f", "g"], ["y"])], arrays)
        y = np.tanh((x - mean) / scale @ w + b)
        save_file({"one.input": x, "one.output": y, "two.input": x, "two.output": (x @ w + b).astype(np.float32)}, "own-examples.safetensors")
        save_file({"net.0.weight": w.T.copy().astype(np.float64), "net.0.bias": b}, "own.safetensors")
        save_file({"net.0.weight": np.where(w.T == w.max(), np.nan, w.T).astype(np.float32)}, "nan.safetensors")
        save_file({"net.0.weight": w.T.astype(np.int32)}, "whole.safetensors")
        END
        python write.py
        """)
      #expect(written.code == 0, "\(written.errors)")
      func importing(_ statement: String, _ options: String = "") async throws -> FinishedProgram {
        try folder.write(statement, to: "machines/own.yaml")
        return try await play("copur import own.yaml --out own \(options)")
      }
      let both = """
        agents:
          one: { file: own.onnx }
          two: { file: own.safetensors, prefix: net, layers: [linear] }

        """
      let taken = try await importing(both, "--examples own-examples.safetensors")
      #expect(taken.code == 0, "\(taken.errors)")
      #expect(taken.output.matches(of: /7 examples/).count == 2, "\(taken.output)")
      // Examples of another network.
      let other = try await importing(
        "agents: { two: { file: own.onnx } }\n", "--examples own-examples.safetensors")
      #expect(other.code == 65 && other.errors.contains("two gives what it gave there"), "\(other.errors)")

      for (statement, code, rule) in [
        ("agents: { one: { file: gelu.onnx } }", 65, "(Gelu): an operator is one of Add, "),
        ("agents: { one: { file: branch.onnx } }", 65, "a network is a chain"),
        ("agents: { one: { file: nowhere.onnx } }", 66, "cannot be read"),
        ("agents: { one: { file: own.yaml } }", 78, "ends in .safetensors or .onnx"),
        ("agents: { one: { file: own.onnx, layers: [linear] } }", 78, "is said by an ONNX file itself"),
        ("agents: { one: { file: own.safetensors, prefix: net } }", 78, "has the key \"layers\""),
        ("agents: { one: { file: own.safetensors, prefix: net, layers: [gelu] } }", 78, "a layer is one of"),
        ("agents: { one: { file: own.safetensors, prefix: net, layers: [linear, linear] } }", 65, "\"net.1.weight\""),
        ("agents: { one: { file: own.safetensors, layers: [linear] } }", 65, "has an array \"0.weight\""),
        ("agents: { one: { file: nan.safetensors, prefix: net, layers: [linear] } }", 65, "holds NaN"),
        ("agents: { one: { file: whole.safetensors, prefix: net, layers: [linear] } }", 65, "arrays of type"),
        ("agents: { one: { file: examples.safetensors, layers: [linear] } }", 66, "cannot be read"),
        ("agents: { one: { file: own.onnx } }\nfusion: { file: own.onnx }", 65, "a fusion model has linear layers"),
        ("agents: { \"a b\": { file: own.onnx } }", 78, "an agent's name is"),
        ("agents: {}", 78, "at least one agent"),
      ] {
        let refused = try await importing(statement + "\n")
        #expect(refused.code == Int32(code) && refused.errors.contains(rule), "\(statement): \(refused.errors)")
      }
      // What is in the folder stays as it was.
      #expect(try await play("copur import own.yaml --out bin").code == 78)
      try folder.write(both, to: "machines/own.yaml")
      let beside = try await play("mkdir -p full && touch full/notes && copur import own.yaml --out full")
      #expect(beside.code == 73 && beside.errors.contains("notes"), "\(beside.errors)")
    }

    @Test("A scenario says what imported models do not fit")
    func scenario() async throws {
      let data = try await play("python data.py")
      #expect(data.code == 0, "\(data.errors)")
      try takeFixtures()
      #expect(try await play("copur import models.yaml --out models").code == 0)
      for (setting, code, rule) in [
        ("training.embedding=4", 78, "imported ones are taken as they are"),
        ("training.extractor.folder=nowhere", 66, "as `copur import` writes it"),
        ("training={ extractor: imported }", 78, "folder"),
        ("dataset.agents.heat=[heat_0]", 78, "takes 4 features (the data set's: 1)"),
        ("agents=[heat, sound]", 78, "is for the agents vibration, heat, sound"),
        ("manifold.code=12", 78, "a code is narrower than the embedding of all agents (12)"),
      ] {
        let refused = try await play("copur train machines.yaml --out bundle --set '\(setting)'")
        #expect(refused.code == Int32(code) && refused.errors.contains(rule), "\(setting): \(refused.errors)")
      }
      // Weights of another maker's.
      let changed = try await play(
        "printf x | dd of=models/weights.safetensors bs=1 seek=2000 conv=notrunc 2>/dev/null; "
          + "copur train machines.yaml --out bundle")
      #expect(changed.code == 65 && changed.errors.contains("was changed"), "\(changed.errors)")
    }
  }
}
