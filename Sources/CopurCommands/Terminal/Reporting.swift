import ArgumentParser
import CopurCore
import CopurHTTP2
import CopurNumerics
import CopurTLS
import Foundation
import GRPCCore
import Logging

/// Standard output and error, unbuffered.
enum Terminal {
  /// Whether standard error is a terminal, which is where progress goes.
  static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }
  /// Whether standard output is a terminal, which is where tables go.
  static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }
  /// Whether tables may have colours: on a terminal that knows them, unless the user has set `NO_COLOR` (no-color.org).
  static var showsColors: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isInteractive && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  /// The number of characters that a line of standard output may have: as `COLUMNS` says, or as wide as the terminal is, 80
  /// where it does not say; nil if it is no terminal, where lines may be as long as they are.
  static var width: Int? {
    if let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
    guard isInteractive else { return nil }
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }

  /// Writes what a command was asked for.
  ///
  /// - Throws: ``CopurError`` of code `.io` if it cannot be written: the disk is full, or a pipe's reader is gone.
  static func print(_ text: String, terminator: String = "\n") throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data((text + terminator).utf8))
    } catch {
      throw CopurError(.io, "standard output cannot be written", cause: error)
    }
  }

  /// Writes progress or an error; where nobody can read it, it is lost, and the work goes on.
  static func report(_ text: String, terminator: String = "\n") {
    try? FileHandle.standardError.write(contentsOf: Data((text + terminator).utf8))
  }
}

/// Runs a command's work; an error is printed, and its kind becomes the exit code.
func reporting<Result>(_ work: () async throws -> Result) async throws -> Result {
  do {
    return try await work()
  } catch let error as ExitCode {
    throw error
  } catch let error as ValidationError {
    throw error
  } catch {
    let (message, status) = described(error)
    let text = "copur: error: \(message)"
    Terminal.report(JournalStream.isStandardError ? JournalStream.text(text, .error) : text)
    throw ExitCode(status)
  }
}

private func described(_ error: any Error) -> (message: String, status: Int32) {
  switch error {
  case let error as CopurError: (words(error.message, error.cause), error.code.exitStatus)
  case let error as HTTP2Error: (error.message, CopurError.Code.unavailable.exitStatus)
  case let error as NumericsError: (error.description, CopurError.Code.invalidData.exitStatus)
  case let error as TLSError: (words(error.message, error.cause), exitStatus(of: error.code))
  case let error as RPCError: (words(error.message, error.cause), exitStatus(of: error.code))
  case let error as Interruption: ("\(error)", error.exitStatus)
  default: ("\(error)", CopurError.Code.software.exitStatus)
  }
}

private func words(_ message: String, _ cause: (any Error)?) -> String {
  cause.map { "\(message): \(reason($0))" } ?? message
}

/// An error in words for people: of Foundation's, whose description is for debuggers, what the system said.
private func reason(_ error: any Error) -> String {
  guard let error = error as? CocoaError else { return "\(error)" }
  return (error.underlying as? POSIXError).map { String(cString: strerror($0.code.rawValue)) }
    ?? error.localizedDescription
}

private func exitStatus(of code: TLSError.Code) -> Int32 {
  switch code {
  case .fileUnreadable: CopurError.Code.missingInput.exitStatus
  case .fileUnwritable: CopurError.Code.cannotCreate.exitStatus
  case .malformedPEM: CopurError.Code.invalidData.exitStatus
  case .invalidName: CopurError.Code.invalidArgument.exitStatus
  default: CopurError.Code.configuration.exitStatus
  }
}

private func exitStatus(of code: RPCError.Code) -> Int32 {
  switch code {
  case .invalidArgument, .outOfRange: CopurError.Code.invalidArgument.exitStatus
  case .permissionDenied, .unauthenticated: CopurError.Code.noPermission.exitStatus
  case .failedPrecondition, .notFound: CopurError.Code.configuration.exitStatus
  default: CopurError.Code.unavailable.exitStatus
  }
}
