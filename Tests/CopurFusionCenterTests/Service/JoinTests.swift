import CopurFusionCenter
import CopurWire
import GRPCCore
import Testing

@Suite struct JoinTests {
  @Test func tellsTheRoundSettings() async throws {
    let defenses = [ToyDefense("first"), ToyDefense("second")]
    try await withFusionCenter(configuration(defenses: defenses, quorum: 2)) { stub, _ in
      let settings = try await stub.join(join("c", width: 3))
      #expect(settings.index == 2 && settings.agents == ["a", "b", "c"] && settings.modelVersion == "m1")
      #expect(settings.deadlineMs == 250 && settings.idleTimeoutMs == 2500 && settings.quorum == 2)
      #expect(settings.defenses == ["first", "second"])
      #expect(settings.maxMessageBytes == 4 << 20 && settings.maxSamplesPerMessage == 4096)
    }
  }

  @Test func refusesWithRuleAndValue() async throws {
    let cases: [(Copur_V1_JoinRequest, RPCError.Code, String)] = [
      (join("z"), .notFound, "(actual: \"z\")"),
      (join(""), .notFound, "(actual: \"\")"),
      (join(String(repeating: "x", count: 100_000)), .notFound, "agent: one of those that the model expects"),
      (join("a\u{0}\n"), .notFound, "agent"),
      (join("a", width: 3), .failedPrecondition, "width: agent a's block is 2 wide (actual: 3)"),
      (join("a", width: .max), .failedPrecondition, "(actual: 4294967295)"),
      (join("a", width: 0), .failedPrecondition, "(actual: 0)"),
      (join("a", model: "m2"), .failedPrecondition, "(expected: \"m1\", actual: \"m2\")"),
      (join("a", model: ""), .failedPrecondition, "model_version"),
    ]
    try await withFusionCenter(configuration()) { stub, _ in
      for (request, code, text) in cases {
        let failure = await failure { _ = try await stub.join(request) }
        #expect(failure?.code == code, "\(text)")
        #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "")")
        #expect(failure.map { $0.message.utf8.count < 400 } == true)
      }
    }
  }

  /// A stream is held to the same rules as Join.
  @Test func aStreamMustBeOfAnExpectedAgentAndTheSameModel() async throws {
    try await withFusionCenter(configuration()) { stub, _ in
      for (agent, model, code) in [
        ("z", "m1", RPCError.Code.notFound), ("a", "m2", .failedPrecondition), ("a", "", .failedPrecondition),
      ] {
        let failure = await failure {
          try await stub.contributing(as: agent, modelVersion: model) { stream in
            stream.send([1], width: 2, [1])
            try await stream.expect([])
            _ = try await stream.next()
          }
        }
        #expect(failure?.code == code, "\(agent) \(model)")
      }
    }
  }

  @Test(
    arguments: [
      (["spiffe://copur/agent/a"], nil),
      (["https://example.org", "spiffe://copur/agent/a"], nil),
      (["spiffe://copur/agent/b"], .permissionDenied),
      (["spiffe://copur/agent/a/b"], .permissionDenied),
      (["spiffe://copur/client/a"], .permissionDenied),
      ([], .permissionDenied),
      (nil, .unauthenticated),
    ] as [([String]?, RPCError.Code?)])
  func theCertificateNamesTheAgent(uris: [String]?, expected: RPCError.Code?) async throws {
    try await withFusionCenter(
      configuration(), identification: .certificates { _ in uris.map { PeerCredentials(uris: $0) } }
    ) { stub, _ in
      let joining = await failure { _ = try await stub.join(join("a")) }
      #expect(joining?.code == expected)
      let contribute = await failure {
        try await stub.contributing(as: "a") { stream in
          stream.send([1], width: 2, [1])
          try await stream.expect([.accepted])
        }
      }
      #expect(contribute?.code == expected)
    }
  }
}
