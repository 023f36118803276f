internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import Hummingbird

/// Sessions that wait for their agents, and the operator's word that one is not to wait any longer.
struct SessionRoutes: Sendable {
  let center: FusionCenter

  func add(to router: Router<HTTPPlaneContext>) {
    router.get("sessions/waiting") { _, _ in
      Response(
        json: .object([
          "sessions": .array(
            center.status.waitingSessions.map { session in
              .object([
                "name": .string(session.name), "agents": .array(session.agents.map { .string($0.name) }),
                "waited_seconds": .number(session.waited / .seconds(1)),
                "longest_seconds": .number(session.longest / .seconds(1)),
              ])
            })
        ]))
    }
    router.post("sessions/{session}/open") { _, context in
      let name = context.parameters.get("session")?.removingPercentEncoding ?? ""
      guard center.open(session: name) else {
        throw Problem(
          .notFound, "session: one that waits for its agents (actual: \(name.prefix(128).debugDescription))")
      }
      return Response(json: .object(["name": .string(name)]))
    }
  }
}
