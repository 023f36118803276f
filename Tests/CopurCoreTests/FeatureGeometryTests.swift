import CopurCore
import Foundation
import Testing

@Suite("FeatureGeometry")
struct FeatureGeometryTests {
  @Test("a grid fits as many values as it has cells times channels, plain features any number")
  func fits() {
    #expect(FeatureGeometry.plain.fits(1) && FeatureGeometry.plain.fits(784))
    let image = FeatureGeometry.grid(rows: 14, columns: 7, channels: 3)
    #expect(image.fits(294) && !image.fits(295))
    #expect(!FeatureGeometry.grid(rows: -2, columns: -3, channels: 1).fits(6))
    #expect(!FeatureGeometry.grid(rows: .max, columns: 2, channels: 2).fits(6))
  }

  @Test("JSON and back", arguments: [FeatureGeometry.plain, .grid(rows: 14, columns: 7, channels: 3)])
  func codable(geometry: FeatureGeometry) throws {
    #expect(try JSONDecoder().decode(FeatureGeometry.self, from: JSONEncoder().encode(geometry)) == geometry)
  }

  @Test("a roster has the geometry of each agent, plain by default, and refuses one that does not fit")
  func roster() throws {
    let agents = try ["left", "right"].map { try AgentID($0) }
    #expect(try AgentRoster(agents: agents, widths: [6, 4]).geometries == [.plain, .plain])
    let grid = FeatureGeometry.grid(rows: 2, columns: 3, channels: 1)
    #expect(try AgentRoster(agents: agents, widths: [6, 4], geometries: [grid, .plain]).geometries[0] == grid)
    let error = #expect(throws: CopurError.self) {
      try AgentRoster(agents: agents, widths: [6, 4], geometries: [grid, grid])
    }
    #expect(error?.message.contains("(\"right\": 2 × 3 × 1, width 4)") == true)
    #expect(throws: CopurError.self) { try AgentRoster(agents: agents, widths: [6, 4], geometries: [grid]) }
  }
}
