internal import CopurCore
internal import Synchronization

/// Programs that serve whoever needs them until they are ended, each started when it is first needed.
final class SharedPrograms<Key: Hashable & Sendable>: Sendable {
  /// One program: not yet started, started, or why it could not be.
  private final class Place: Sendable {
    let program = Mutex<Result<PluginProgram, CopurError>?>(nil)
  }

  private let places = Mutex<[Key: Place]>([:])

  /// A program, which is started if it was not yet.
  ///
  /// Others may be started meanwhile; whoever needs the same one waits.
  ///
  /// - Throws: ``CopurError`` if it cannot be started, the same to all who ask.
  func program(for key: Key, start: () throws -> PluginProgram) throws -> PluginProgram {
    let place = places.withLock { places in
      let place = places[key] ?? Place()
      places[key] = place
      return place
    }
    return try place.program.withLock { program in
      let result = program ?? Self.result(of: start)
      program = result
      return result
    }.get()
  }

  /// Why a program failed or could not be started; nil if it did not, or nobody needed it yet.
  func failure(of key: Key) -> CopurError? {
    guard let place = places.withLock({ $0[key] }) else { return nil }
    switch place.program.withLock({ $0 }) {
    case .success(let program): return program.failure
    case .failure(let error): return error
    case nil: return nil
    }
  }

  /// Ends all programs; whoever needs one afterwards starts it anew.
  func endAll() { places.withLock { $0 = [:] } }

  private static func result(of start: () throws -> PluginProgram) -> Result<PluginProgram, CopurError> {
    do { return .success(try start()) } catch {
      return .failure(error as? CopurError ?? CopurError(.unavailable, "a program cannot be started", cause: error))
    }
  }
}
