import CopurCore
import CopurDefenses
import CopurFusionCenter
import CopurLearning
import CopurNumerics
import CopurPurification
import Foundation
import Testing

struct InferenceRoutesTests {
  /// A request, and what its answer is.
  struct Case: CustomTestStringConvertible {
    var body: String
    var status: Int
    var error: String
    var testDescription: String { error }
  }

  static let cases = [
    Case(body: "{", status: 400, error: "body: "),
    Case(body: #"{"inputs":[]}"#, status: 400, error: "inputs: there is at least one input (actual: 0)"),
    Case(body: #"{"outputs":[]}"#, status: 400, error: "inputs: is needed"),
    Case(body: #"{"inputs":[{"shape":[1,2],"datatype":"FP32"}]}"#, status: 400, error: "inputs[0].name: is needed"),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[1,2],"datatype":"FP64","data":[1,2]}]}"#, status: 400,
      error: #"input "left": the datatype is FP32 or BOOL (actual: "FP64")"#),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}"#, status: 400,
      error: #"input "left": the shape is [samples, 2] with 1 to 4096 samples (actual: [1, 3])"#),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[0,2],"datatype":"FP32","data":[]}]}"#, status: 400,
      error: #"input "left": the shape is [samples, 2] with 1 to 4096 samples (actual: [0, 2])"#),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[-1,2],"datatype":"FP32","data":[]}]}"#, status: 400,
      error: #"input "left": a size in a shape is at least 0"#),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[4294967296,4294967296],"datatype":"FP32","data":[]}]}"#, status: 400,
      error: #"input "left": a tensor is not that large"#),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[1,2],"datatype":"FP32","data":[1]}]}"#, status: 400,
      error: #"input "left": the shape [1, 2] has 2 values (actual: 1)"#),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[2,2],"datatype":"FP32","data":[[1,2,3],[4]]}]}"#, status: 400,
      error: #"input "left": nested data has the rows that the shape says"#),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[1,2],"datatype":"FP32","data":[1,"2"]}]}"#, status: 400,
      error: "inputs[0].data[1]: "),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[1,2],"datatype":"FP32","data":[1,NaN]}]}"#, status: 400,
      error: "body: "
    ),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[1,2],"datatype":"FP32","data":[1,1e39]}]}"#, status: 400,
      error: "inputs"
    ),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[1,2],"datatype":"FP32"}]}"#, status: 400,
      error: #"input "left": either data or parameters.binary_data_size"#),
    Case(
      body: #"{"inputs":[{"name":"who","shape":[1,2],"datatype":"FP32","data":[1,2]}]}"#, status: 400,
      error: #"input "who": an input is named as one of the agents (left, right, far)"#),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[1,2],"datatype":"FP32","data":[1,2]}]}"#, status: 422,
      error: "quorum: a sample has at least 2 agents' blocks (sample 0: 1)"),
    Case(
      body: #"{"parameters":{"defense":"magic"},"inputs":[]}"#, status: 404,
      error: #"parameters.defense: one of ["sum"] (actual: "magic")"#),
    Case(
      body: #"{"outputs":[{"name":"purified"}],"inputs":[]}"#, status: 400,
      error: #"output "purified": one that defence sum has (label, probabilities, block_residual"#),
    Case(
      body: #"{"parameters":{"sequence_id":7},"inputs":[]}"#, status: 400,
      error: #"parameters: the parameters of a request here are defense, binary_data_output, "#
        + #"triton_enable_empty_final_response (actual: "sequence_id")"#),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[1,2],"datatype":"FP32","parameters":{"shared_memory_region":"a"}}]}"#,
      status: 400, error: "inputs[0].parameters: the parameters of an input here are binary_data_size, content_type"),
    Case(
      body: #"{"outputs":[{"name":"label","parameters":{"shared_memory_region":"a"}}],"inputs":[]}"#, status: 400,
      error: "outputs[0].parameters: the parameters of an output here are binary_data, classification"),
    Case(
      body: #"{"outputs":[{"name":"label","parameters":{"classification":1}}],"inputs":[]}"#, status: 400,
      error: #"output "label": classification is of probabilities alone"#),
    Case(
      body: #"{"outputs":[{"name":"probabilities","parameters":{"classification":0}}],"inputs":[]}"#, status: 400,
      error: #"output "probabilities": classification is at least 1 (actual: 0)"#),
    Case(
      body: #"{"inputs":[{"name":"left","shape":[1,2],"datatype":"BYTES","data":["a","b"]}]}"#, status: 400,
      error: #"input "left": the datatype is FP32 or BOOL (actual: "BYTES")"#),
  ]

  @Test("What is wrong with a request is said with its field")
  func refusals() async throws {
    try await withPlane { url, _ async throws in
      for each in Self.cases {
        let answer = try await post("v2/models/fusion/infer", each.body, of: url)
        #expect(answer.status == each.status && answer.type == "application/problem+json", "\(each.error)")
        let problem = try JSONDecoder().decode([String: JSONValue].self, from: Data(answer.body.utf8))
        guard case .string(let error) = problem["error"] else {
          Issue.record("no error: \(answer.body)")
          continue
        }
        #expect(error.hasPrefix(each.error), "\(error)")
      }
    }
  }

  @Test("An input left out is a missing agent; the answer names it, and has no number for it")
  func missing() async throws {
    try await withPlane { url, center in
      let body = """
        {"id":"seven","inputs":[{"name":"far","shape":[2,3],"datatype":"FP32","data":[[1,1,1],[-5,-5,200]]},\
        {"name":"left","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}]}
        """
      for path in ["v2/models/fusion/infer", "v2/models/fusion/versions/\(center.model.version)/infer"] {
        let answer = try await post(path, body, of: url)
        #expect(answer.status == 200 && answer.type == "application/json")
        #expect(
          answer.body == """
            {"id":"seven","model_name":"fusion","model_version":"0123456789abcdef","outputs":[\
            {"data":[1,1],"datatype":"INT64","name":"label","shape":[2]},\
            {"data":[0.25,0.75,0.25,0.75],"datatype":"FP32","name":"probabilities","shape":[2,2]},\
            {"data":[2,null,1,4,null,200],"datatype":"FP32","name":"block_residual","shape":[2,3]},\
            {"data":[false,false,false,false,false,true],"datatype":"BOOL","name":"suspect","shape":[2,3]},\
            {"data":[true,true],"datatype":"BOOL","name":"converged","shape":[2]},\
            {"data":[1.5,1.5],"datatype":"FP32","name":"objective","shape":[2]}],\
            "parameters":{"contributors":"left,far","defense":"sum","missing":"right","suspects":";far"}}
            """)
      }
      #expect(try await post("v2/models/fusion/versions/9/infer", body, of: url).status == 404)
      // Triton's tools take a version for a number: that of the statistics, by which it can be named, too.
      #expect(try await get("v2/models/fusion/stats", of: url).body.contains(#""version":"5124095576030430""#))
      let numbered = try await post("v2/models/fusion/versions/5124095576030430/infer", body, of: url)
      #expect(numbered.status == 200 && numbered.body.contains(#""model_version":"0123456789abcdef""#))
    }
  }

  @Test(
    "Classes in place of probabilities: the likeliest first, no more than there are",
    arguments: [
      (1, #"{"data":["0.75:1","0.75:0"],"datatype":"BYTES","name":"probabilities","shape":[2,1]}"#),
      (2, #"{"data":["0.75:1","0.25:0","0.75:0","0.25:1"],"datatype":"BYTES","name":"probabilities","shape":[2,2]}"#),
      (9, #"{"data":["0.75:1","0.25:0","0.75:0","0.25:1"],"datatype":"BYTES","name":"probabilities","shape":[2,2]}"#),
    ])
  func classification(_ classes: Int, _ expected: String) async throws {
    try await withPlane { url, _ async throws in
      func ask(_ parameters: String) async throws -> String {
        let body = """
          {"outputs":[{"name":"probabilities","parameters":{\(parameters)}}],"inputs":[\
          {"name":"left","shape":[2,2],"datatype":"FP32","data":[1,2,-3,-4],"parameters":{"content_type":"np"}},\
          {"name":"right","shape":[2,1],"datatype":"FP32","data":[1,-1]}]}
          """
        return try await post("v2/models/fusion/infer", body.replacing("\n", with: ""), of: url).body
      }
      let answer = try await ask(#""classification":\#(classes)"#)
      #expect(answer.contains(expected), "\(answer)")
      guard classes == 1 else { return }
      // The same behind the JSON: each text has its length in front.
      let binary = try await ask(#""classification":1,"binary_data":true"#)
      #expect(binary.contains(#""parameters":{"binary_data_size":20}"#), "\(binary)")
      #expect(binary.hasSuffix("\u{6}\0\0\u{0}0.75:1\u{6}\0\0\u{0}0.75:0"), "\(binary.debugDescription)")
    }
  }

  /// CoPur on the line (t, …, t), of class 1 where t is over 0: three agents, of which the third has the most to say.
  private func lineDefense() -> CoPur {
    let layout = SumDefense.roster.layout
    let direction = [Float](repeating: 1 / Float(6).squareRoot(), count: 6)
    let manifold = LinearManifold(
      layout: layout, offset: [Float](repeating: 0, count: 6),
      directions: Matrix(rows: 1, columns: 6, values: direction), blockScale: 1)
    let head = DenseLayer(weights: Matrix(rows: 6, columns: 1, values: direction), bias: [0], activation: .identity)
    return CoPur(
      purifier: GatedPurifier(purifier: Purifier(manifold: manifold)),
      model: FusionModel(network: DenseNetwork(layers: [head]), classes: 2))
  }

  @Test("Certified agents come where they are asked for, and are what the certificates say")
  func certified() async throws {
    let defense = lineDefense()
    try await withPlane(defense: defense) { url, _ async throws in
      let inputs = """
        "inputs":[{"name":"left","shape":[2,2],"datatype":"FP32","data":[3,3,0.1,0.1]},\
        {"name":"right","shape":[2,1],"datatype":"FP32","data":[3,0.1]},\
        {"name":"far","shape":[2,3],"datatype":"FP32","data":[3,3,3,-0.1,-0.1,-0.1]}]
        """
      let asked = try await post(
        "v2/models/fusion/infer", #"{"outputs":[{"name":"certified_agents"},{"name":"label"}],\#(inputs)}"#, of: url)
      let rows: [[Float]] = [[3, 3, 3, 3, 3, 3], [0.1, 0.1, 0.1, -0.1, -0.1, -0.1]]
      let observation = Observation(layout: SumDefense.roster.layout, embeddings: Matrix(rows))
      let certifier = try CoPurCertifier(defense, quorum: 2)
      let tolerances = certifier.tolerances(certifier.predictions(observation), of: observation).map { $0 ?? -1 }
      #expect(tolerances == [1, 0])
      #expect(
        asked.body.contains(
          #"{"data":[\#(tolerances[0]),\#(tolerances[1])],"datatype":"INT32","name":"certified_agents","shape":[2]}"#),
        "\(asked.body)")
      let all = try await post("v2/models/fusion/infer", "{\(inputs)}", of: url)
      #expect(all.status == 200 && !all.body.contains("certified_agents"))
      let metadata = try await get("v2/models/fusion", of: url)
      #expect(
        metadata.body.contains(#"{"datatype":"INT32","name":"certified_agents","shape":[-1]}"#), "\(metadata.body)")
    }
  }

  @Test("Without certificates there are no certified agents to ask for")
  func uncertified() async throws {
    try await withPlane { url, _ async throws in
      let body = """
        {"outputs":[{"name":"certified_agents"}],"inputs":[{"name":"h","shape":[1,6],"datatype":"FP32","data":[1,1,1,1,1,1]},\
        {"name":"observed","shape":[1,3],"datatype":"BOOL","data":[true,true,true]}]}
        """
      let answer = try await post("v2/models/fusion/infer", body, of: url)
      #expect(answer.status == 400 && answer.body.contains("one that defence sum has (label, probabilities"))
      #expect(!(try await get("v2/models/fusion", of: url)).body.contains("certified"))
    }
  }

  @Test("h with the observed set: each sample has its own, and what is not observed means nothing")
  func observed() async throws {
    try await withPlane { url, _ async throws in
      let body = """
        {"outputs":[{"name":"label"}],"inputs":[\
        {"name":"h","shape":[2,6],"datatype":"FP32","data":[1,2,-100,1,1,1,1,1,-9,0,0,0]},\
        {"name":"observed","shape":[2,3],"datatype":"BOOL","data":[true,false,true,true,true,false]}]}
        """
      let answer = try await post("v2/models/fusion/infer", body, of: url)
      #expect(answer.body.contains(#"{"data":[1,0],"datatype":"INT64","name":"label","shape":[2]}"#), "\(answer.body)")
      #expect(answer.body.contains(#""contributors":"left,far;left,right""#))
      #expect(answer.body.contains(#""missing":"right;far""#))
    }
  }

  @Test("A verb that a path does not take: 405 with those that it takes; what is too long: 413")
  func verbs() async throws {
    try await withPlane { url, _ async throws in
      #expect(try await post("v2", "", of: url).status == 405)
      #expect(try await get("v2/models/fusion/infer", of: url).body.contains("takes POST (actual: GET)"))
      let long = String(repeating: " ", count: (16 << 20) + 1)
      let answer = try await post("v2/models/fusion/infer", long, of: url)
      #expect(answer.status == 413 && answer.body.contains("body: at most 16777216 bytes"))
    }
  }
}
