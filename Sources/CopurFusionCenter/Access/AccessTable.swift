/// Who may call what: a row an endpoint. What has no row nobody may call.
public struct AccessTable: Sendable {
  /// The roles that may call each endpoint.
  public private(set) var rows: [Endpoint: Set<Role>] = [:]

  /// A table without an endpoint: nobody may call anything.
  public init() {}

  /// The table of `copur serve`.
  public static let standard: AccessTable = {
    var table = AccessTable()
    table.allow([.agent], [.grpc("copur.v1.FusionCenter/Join"), .grpc("copur.v1.FusionCenter/Contribute")])
    table.allow([.client, .driver, .admin], [.grpc("copur.v1.FusionCenter/Predict")])
    table.allow([.client, .viewer, .admin], [.grpc("copur.v1.FusionCenter/Watch")])
    table.allowClients()
    return table
  }()

  /// The table of a process that hosts agents of a simulation: whoever may call it can make them lie.
  public static let simulation: AccessTable = {
    var table = AccessTable()
    table.allow([.driver], [.grpc("copur.v1.Simulation/Compromise"), .grpc("copur.v1.Simulation/Play")])
    return table
  }()

  /// Adds a row for each endpoint; one that has a row already gets the new roles instead.
  public mutating func allow(_ roles: Set<Role>, _ endpoints: [Endpoint]) {
    for endpoint in endpoints { rows[endpoint] = roles }
  }

  /// Whether a principal may call an endpoint.
  ///
  /// - Throws: ``AccessRefusal``.
  public func check(_ principal: Principal, calls endpoint: Endpoint) throws(AccessRefusal) {
    guard let roles = rows[endpoint] else { throw .unknownEndpoint(endpoint) }
    guard roles.contains(principal.role) else { throw .role(principal, endpoint, allowed: roles) }
  }
}
