import CopurAgent
import CopurWire
import Testing

private func told(_ build: (inout Copur_V1_CompromiseRequest) -> Void) -> Copur_V1_CompromiseRequest {
  var request = Copur_V1_CompromiseRequest()
  build(&request)
  return request
}

@Suite struct AgentBehaviourTests {
  @Test func whatIsSent() throws {
    let embedding: ArraySlice<Float> = [1, -2, 0]
    #expect(try AgentBehaviour.honest.block(of: 0, embedding: embedding) == embedding)
    #expect(try AgentBehaviour.silent.block(of: 0, embedding: embedding) == nil)
    #expect(try AgentBehaviour.flip(amplification: 10).block(of: 0, embedding: embedding) == [-10, 20, 0])
    let values = AgentBehaviour.values([4: [7, 8, 9]])
    #expect(try values.block(of: 4, embedding: embedding) == [7, 8, 9])
    #expect(throws: AgentBehaviour.NoValue(sample: 5)) { try values.block(of: 5, embedding: embedding) }
  }

  @Test func messagesToldInTurn() throws {
    let first = told {
      $0.values.samples = [1, 2]
      $0.values.values = [1, 1, 2, .nan]
    }
    let more = told {
      $0.values.samples = [2, 3]
      $0.values.values = [5, 5, 3, 3]
      $0.values.extend = true
    }
    let known = try AgentBehaviour(first, before: .silent, width: 2)
    guard case .values(let values) = known else {
      Issue.record("\(known)")
      return
    }
    #expect(values[2]?.last?.isNaN == true)
    #expect(try AgentBehaviour(more, before: known, width: 2) == .values([1: [1, 1], 2: [5, 5], 3: [3, 3]]))
    #expect(try AgentBehaviour(more, before: .honest, width: 2) == .values([2: [5, 5], 3: [3, 3]]))
    #expect(try AgentBehaviour(told { $0.flip.amplification = 3 }, before: known, width: 2) == .flip(amplification: 3))
    #expect(try AgentBehaviour(told { $0.silent = .init() }, before: known, width: 2) == .silent)
    #expect(try AgentBehaviour(told { $0.honest = .init() }, before: known, width: 2) == .honest)
  }

  @Test func messagesThatMakeNoSense() {
    let cases: [(Copur_V1_CompromiseRequest, String)] = [
      (told { _ in }, "CompromiseRequest.behaviour"),
      (told { $0.flip.amplification = .nan }, "CompromiseRequest.flip.amplification"),
      (told { $0.flip.amplification = -1 }, "CompromiseRequest.flip.amplification"),
      (told { $0.values.samples = [1] }, "CompromiseRequest.values.values"),
      (told { $0.values.values = [1] }, "CompromiseRequest.values.values"),
      (
        told {
          $0.values.samples = [1, 1]
          $0.values.values = [1, 1, 1, 1]
        }, "CompromiseRequest.values.samples"
      ),
    ]
    for (message, field) in cases {
      let error = #expect(throws: WireError.self) { try AgentBehaviour(message, before: nil, width: 2) }
      #expect(error?.field == field)
    }
  }
}
