public import CopurCore
public import CopurNumerics

/// A way to find anomalies in a table without labels: what `copur detect` names and sets.
///
/// Tables of training rows are contaminated; a detector that leaves doubtful rows out is told which share may be, and does not
/// need to know it exactly.
public protocol Detector: Kind {
  /// Its name, what it is, and its defaults.
  static var entry: KindEntry<any Detector> { get }
  /// Whether the share of anomalies changes what is fitted.
  var usesShare: Bool { get }

  /// Fits to rows.
  ///
  /// - Parameters:
  ///   - rows: [n, d], finite, each column scaled to 0 to 1.
  ///   - share: ε, the share of anomalies among them, from 0 to under 1.
  ///   - seed: What is random follows from it.
  ///   - progress: Called with the share of the work that is done, from 0 to 1.
  /// - Throws: ``NumericsError`` if a training diverges; ``CopurError`` of code `.invalidArgument` if the rows do not suit;
  ///   `CancellationError`.
  func fit(
    _ rows: Matrix, share: Double, seed: UInt64, progress: @escaping (Double) -> Void
  ) throws -> any FittedDetector
}

extension Detector {
  /// The kind, as command lines and results spell it.
  public var kind: String { Self.entry.name }
  public var usesShare: Bool { true }
}

/// A detector after its fit.
public protocol FittedDetector: Sendable {
  /// The scores by which rows are anomalous; the larger, the more. No two scales are comparable.
  ///
  /// - Parameter rows: [n, d], scaled as those that it was fitted to.
  /// - Returns: n values.
  func scores(_ rows: Matrix) throws -> [Float]
}

extension KindEntry where Family == any Detector {
  /// - Parameters:
  ///   - name: Letters, digits and '-'.
  ///   - summary: What it is, in a sentence or two for the reference.
  ///   - initial: The detector with the defaults.
  public init<Value: Detector>(_ name: String, _ summary: String, _ initial: Value) {
    self.init(name, summary, as: { $0 as any Detector }, initial: { _ in initial })
  }
}

extension KindRegistry where Family == any Detector {
  /// The detectors. A new one is a file with its type, and a line here.
  public static let detectors = KindRegistry(
    of: "a detector",
    [
      RCA.entry, RCVA.entry, PlainAutoencoder.entry, RobustRealNVP.entry, TrimRealNVP.entry, RealNVP.entry,
      IsolationForestDetector.entry,
    ])
}
