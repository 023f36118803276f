/// The last events, for pages that come back.
package struct EventLog {
  private let run: String
  private let limit: Int
  private var events: [ServerSentEvent] = []
  /// The number of the newest event; 0 before the first.
  package private(set) var number = 0

  /// - Parameters:
  ///   - run: Names this run of the service.
  ///   - limit: How many events are kept, at least 1.
  package init(run: String, limit: Int) {
    self.run = run
    self.limit = limit
  }

  /// The name of the newest event.
  package var latest: EventID { EventID(run: run, number: number) }

  /// Adds an event.
  package mutating func append(_ name: String, data: String) -> ServerSentEvent {
    number += 1
    let event = ServerSentEvent(id: latest, name: name, data: data)
    if events.count == limit { events.removeFirst() }
    events.append(event)
    return event
  }

  /// The events after one that a page has seen; nil if they are not all here, so that it needs everything anew.
  package func events(after seen: EventID) -> [ServerSentEvent]? {
    guard seen.run == run, seen.number <= number else { return nil }
    let needed = number - seen.number
    return needed <= events.count ? Array(events.suffix(needed)) : nil
  }
}
