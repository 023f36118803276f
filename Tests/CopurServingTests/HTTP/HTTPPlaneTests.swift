import CopurCore
import CopurFusionCenter
import CopurServing
import Foundation
import FoundationNetworking
import Hummingbird
import Logging
import Testing

struct HTTPPlaneTests {
  @Test("Health, other modules' routes, and a problem for what is not there")
  func routes() async throws {
    try await withPlane(routes: [{ router in router.get("hello") { _, _ in "hello" } }]) { url, center in
      #expect(try await get("v2/health/live", of: url) == Answer(200, "application/json", #"{"live":true}"#))
      #expect(
        try await get("v2/health/ready", of: url) == Answer(200, "application/json", #"{"live":true,"ready":true}"#))
      #expect(try await get("hello", of: url).body == "hello")
      let missing = try await get("nope", of: url)
      #expect(missing.status == 404 && missing.type == "application/problem+json")
      let problem = try JSONDecoder().decode([String: JSONValue].self, from: Data(missing.body.utf8))
      #expect(problem["error"] == .string("there is nothing at GET /nope") && problem["detail"] == problem["error"])
      #expect(problem["status"] == .number(404) && problem["instance"] == .string("/nope"))

      center.beginDraining()
      #expect(
        try await get("v2/health/ready", of: url) == Answer(503, "application/json", #"{"live":true,"ready":false}"#))
      #expect(try await get("v2/health/live", of: url).status == 200)
    }
  }

  @Test("A port in use: unavailable, and the address")
  func portInUse() async throws {
    try await withPlane { url, center in
      let port = try #require(url.port)
      let second = HTTPPlane(
        HTTPPlaneConfiguration(host: "127.0.0.1", port: port), clients: ClientServices(center: center),
        access: AccessControl(identification: .none, logger: Logger(label: "tests")), logger: Logger(label: "tests"))
      let error = await #expect(throws: CopurError.self) { try await second.run() }
      #expect(error?.code == .unavailable)
      #expect(error?.message == "cannot listen on 127.0.0.1:\(port): Address already in use")
    }
  }
}
