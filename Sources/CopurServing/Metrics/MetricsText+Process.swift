internal import Foundation

extension MetricsText {
  /// Peers that were refused.
  mutating func addRefusals(access: [(reason: String, count: Int)], http: [(rule: String, count: Int)]) {
    counter(
      "copur_access_refused_total", "Calls that their peer may not make, by reason.",
      access.map { ([("reason", $0.reason)], Double($0.count)) })
    counter(
      "copur_http_refused_total", "Connections that the HTTP plane refused or closed, by rule.",
      http.map { ([("rule", $0.rule)], Double($0.count)) })
  }

  /// The counts of HTTP requests.
  mutating func addRequests(_ meters: HTTPMeters) {
    let requests = meters.snapshot
    counter(
      "copur_http_requests_total", "HTTP requests.",
      requests.requests.map { route, count in
        (
          [("method", route.method), ("route", route.path), ("status", "\(route.status)")] as [Label],
          Double(count)
        )
      }.sorted { "\($0.0)" < "\($1.0)" })
    histogram(
      "copur_http_request_seconds", "From HTTP requests to their answers' heads.", [([], requests.seconds)])
  }

  /// The process itself, by the usual names of Prometheus' client libraries.
  mutating func addProcess() {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    if let resident = pages?.dropFirst().first.flatMap({ Double($0) }) {
      gauge(
        "process_resident_memory_bytes", "Resident memory.", [([], resident * Double(sysconf(Int32(_SC_PAGESIZE))))])
    }
    if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      gauge("process_open_fds", "Open files.", [([], Double(open.count))])
    }
  }
}
