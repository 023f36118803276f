/// An error with a code that programs act on and a message that people read.
public struct CopurError: Error, CustomStringConvertible {
  /// The kind of an error. The command line turns it into an exit code of sysexits.h.
  public struct Code: Hashable, Sendable, CaseIterable, CustomStringConvertible {
    private enum Kind: String, Sendable, CaseIterable {
      case invalidArgument, invalidData, missingInput, unavailable, software, cannotCreate, io, protocolViolation
      case noPermission, configuration
    }
    private let kind: Kind

    /// A request of the user that makes no sense (EX_USAGE, 64).
    public static let invalidArgument = Code(kind: .invalidArgument)
    /// A file's or a message's content breaks its format (EX_DATAERR, 65).
    public static let invalidData = Code(kind: .invalidData)
    /// A file that is needed is not there or cannot be read (EX_NOINPUT, 66).
    public static let missingInput = Code(kind: .missingInput)
    /// A service or process that is needed is not there (EX_UNAVAILABLE, 69).
    public static let unavailable = Code(kind: .unavailable)
    /// An error of this program's own (EX_SOFTWARE, 70).
    public static let software = Code(kind: .software)
    /// A file cannot be written (EX_CANTCREAT, 73).
    public static let cannotCreate = Code(kind: .cannotCreate)
    /// Reading or writing failed half-way (EX_IOERR, 74).
    public static let io = Code(kind: .io)
    /// The other side broke the protocol (EX_PROTOCOL, 76).
    public static let protocolViolation = Code(kind: .protocolViolation)
    /// Not allowed (EX_NOPERM, 77).
    public static let noPermission = Code(kind: .noPermission)
    /// A scenario or a setting is wrong (EX_CONFIG, 78).
    public static let configuration = Code(kind: .configuration)

    /// Every code, by its exit status; each has a page in the documentation.
    public static var allCases: [Code] { Kind.allCases.map(Code.init) }

    /// The exit code of sysexits.h.
    public var exitStatus: Int32 {
      switch kind {
      case .invalidArgument: 64
      case .invalidData: 65
      case .missingInput: 66
      case .unavailable: 69
      case .software: 70
      case .cannotCreate: 73
      case .io: 74
      case .protocolViolation: 76
      case .noPermission: 77
      case .configuration: 78
      }
    }

    public var description: String { kind.rawValue }
  }

  /// The kind of the error.
  public let code: Code
  /// The rule and the value that broke it.
  public let message: String
  /// The error underneath, if there is one.
  public let cause: (any Error)?

  /// - Parameter message: The rule and the value that broke it.
  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  public var description: String {
    if let cause { "\(message): \(cause)" } else { message }
  }
}
