import CopurGRPC
import Testing

struct WorkSlotsTests {
  @Test("Streams take slots and give them back")
  func streams() {
    var slots = WorkSlots(maximum: 2)
    #expect([slots.streamOpened(), slots.streamOpened(), slots.streamOpened()] == [true, true, false])
    slots.streamClosed(workGoesOn: false)
    #expect([slots.streamOpened(), slots.streamOpened()] == [true, false])
  }

  @Test("A stream that is reset keeps its slot until its work has ended")
  func abandonedWork() {
    var slots = WorkSlots(maximum: 2)
    var opened: [Bool] = []
    for _ in 0..<2 {
      opened.append(slots.streamOpened())
      slots.streamClosed(workGoesOn: true)
    }
    opened.append(slots.streamOpened())
    #expect(opened == [true, true, false])
    slots.abandonedWorkEnded()
    #expect([slots.streamOpened(), slots.streamOpened()] == [true, false])
  }
}
