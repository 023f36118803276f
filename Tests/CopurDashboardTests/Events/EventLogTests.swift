import CopurDashboard
import Testing

struct EventLogTests {
  @Test("A page that comes back gets what it missed; everything anew if that is gone or of another run")
  func missed() {
    var log = EventLog(run: "abc", limit: 3)
    for number in 1...5 { _ = log.append("update", data: "\(number)") }
    #expect(log.events(after: EventID(run: "abc", number: 5)) == [])
    #expect(log.events(after: EventID(run: "abc", number: 3))?.map(\.data) == ["4", "5"])
    #expect(log.events(after: EventID(run: "abc", number: 2))?.map(\.data) == ["3", "4", "5"])
    #expect(log.events(after: EventID(run: "abc", number: 1)) == nil)
    #expect(log.events(after: EventID(run: "abc", number: 6)) == nil)
    #expect(log.events(after: EventID(run: "xyz", number: 4)) == nil)
    #expect(log.latest.description == "abc-5")
  }

  @Test("An event's name is read back; what is none is no error")
  func names() {
    #expect(EventID("a-b-12") == EventID(run: "a-b", number: 12))
    for text in ["", "12", "a-", "a-x", "a-99999999999999999999", String(repeating: "a", count: 70) + "-1"] {
      #expect(EventID(text) == nil, "\(text)")
    }
  }

  @Test("An event as it stands in the stream")
  func text() {
    var log = EventLog(run: "r", limit: 1)
    #expect(log.append("update", data: "{}").text == "id: r-1\nevent: update\ndata: {}\n\n")
  }
}
