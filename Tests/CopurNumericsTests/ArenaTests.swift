import CopurNumerics
import Testing

@Suite("Arena")
struct ArenaTests {
  @Test("arrays lie one after the other and keep what is written to them")
  func arrays() {
    let arena = Arena<Double>(count: 7, repeating: 1)
    let (a, b, none) = (arena.take(3), arena.take(4), arena.take(0))
    arena.close()
    #expect(a.count == 3 && b.count == 4 && none.count == 0)
    #expect(b.pointer - a.pointer == 3 && Int(bitPattern: a.pointer) % 64 == 0)
    a.fill(with: 5)
    b[3] += 2
    b.pointer(at: 1, count: 2)[0] = -1
    #expect((0..<3).map { a[$0] } == [5, 5, 5] && (0..<4).map { b[$0] } == [1, -1, 1, 3])
  }

  @Test("more than there is ends the process in every build")
  func exhausted() async {
    await #expect(processExitsWith: .failure) {
      let arena = Arena<Float>(count: 3, repeating: 0)
      _ = arena.take(2)
      _ = arena.take(2)
    }
  }

  #if DEBUG
    @Test("in debug builds an index outside an array, and an arena that is not used up, end the process")
    func unchecked() async {
      await #expect(processExitsWith: .failure) {
        let arena = Arena<Float>(count: 4, repeating: 0)
        let (first, _) = (arena.take(2), arena.take(2))
        first[2] = 1
      }
      await #expect(processExitsWith: .failure) {
        let arena = Arena<Float>(count: 4, repeating: 0)
        let (first, _) = (arena.take(2), arena.take(2))
        _ = first.pointer(at: 1, count: 2)
      }
      await #expect(processExitsWith: .failure) {
        let arena = Arena<Float>(count: 4, repeating: 0)
        _ = arena.take(3)
        arena.close()
      }
    }
  #endif
}
