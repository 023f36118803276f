import CopurCore
import CopurFusionCenter
import CopurServing
import Testing

struct PurificationIterationsTests {
  @Test("Steps are counted of each sample of a request")
  func inference() async throws {
    try await withPlane { url, _ async throws in
      let body = """
        {"inputs":[{"name":"left","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]},\
        {"name":"right","shape":[2,1],"datatype":"FP32","data":[1,2]}]}
        """
      #expect(try await post("v2/models/fusion/infer", body, of: url).status == 200)
      let lines = try await get("metrics", of: url).body.split(separator: "\n")
      for line in [
        #"copur_purification_iterations_bucket{of="inference",le="3"} 0"#,
        #"copur_purification_iterations_bucket{of="inference",le="5"} 2"#,
        #"copur_purification_iterations_sum{of="inference"} 8"#,
        #"copur_purification_iterations_count{of="inference"} 2"#,
        #"copur_purification_iterations_count{of="rounds"} 0"#,
      ] {
        #expect(lines.contains(line[...]), "\(line)")
      }
    }
  }

  @Test("Steps are counted of rounds that a solver decided")
  func rounds() {
    let decisions = [
      Decision(label: 0, probabilities: [1], iterations: 7), Decision(label: 0, probabilities: [1]), nil,
      Decision(label: 0, probabilities: [1], iterations: 0),
    ]
    var meters = RoundMeters(roster: SumDefense.roster)
    meters.count(
      decisions.map { decision in
        DecidedRound(
          verdict: Verdict(
            session: "s", sample: 0, modelVersion: "1", defense: "sum", contributed: [], missing: [], decision: decision
          ),
          latency: nil)
      }, lost: 0)
    #expect(meters.iterations.count == 2 && meters.iterations.sum == 7)
  }
}
