public import CopurNumerics

/// A manifold as scenarios name and set it, and how it is learned from clean embeddings.
///
/// The manifold that it learns is a part of the bundle: a ``LinearManifold``, an ``AutoencoderManifold``, a
/// ``NetworkManifold``, or a type of one's own that is made known by ``BundlePartKinds/register(_:)``.
public protocol ManifoldKind: Kind {
  /// The kind, as scenarios spell it.
  var kind: String { get }

  /// Checks what depends on the width of all agents' embeddings.
  ///
  /// - Parameters:
  ///   - embeddingWidth: D.
  ///   - code: r, the manifold's dimension; nil where it is not chosen yet.
  ///   - keys: Those that were given.
  /// - Throws: ``SettingError`` at the key to blame.
  func validate(embeddingWidth: Int, code: Int?, given keys: Set<String>) throws(SettingError)

  /// Learns the manifold.
  ///
  /// - Parameters:
  ///   - embeddings: Clean ones of which no block is missing, [n, D].
  ///   - layout: How D values fall into blocks.
  ///   - code: r, the manifold's dimension, from 1 to D.
  ///   - batch: How many rows a step has, for what is learned in steps.
  ///   - seed: Gives what is random.
  ///   - report: Called after each epoch, if there are any, with its number from 1, the number of all, and its mean loss.
  /// - Throws: `NumericsError` if the embeddings are not finite, or what is learned diverges; `CancellationError`.
  func learn(
    _ embeddings: Matrix, layout: BlockLayout, code: Int, batch: Int, seed: UInt64,
    report: (_ epoch: Int, _ epochs: Int, _ loss: Float) -> Void
  ) throws -> any Manifold
}

extension ManifoldKind {
  public func validate(embeddingWidth: Int, code: Int?, given keys: Set<String>) throws(SettingError) {}
}

extension KindEntry where Family == any ManifoldKind {
  /// - Parameters:
  ///   - name: Letters, digits and '-'.
  ///   - summary: What it is, in a sentence or two for the reference.
  ///   - initial: The kind with the defaults.
  public init<Value: ManifoldKind>(_ name: String, _ summary: String, _ initial: Value) {
    self.init(name, summary, as: { $0 as any ManifoldKind }, initial: { _ in initial })
  }
}

extension KindRegistry where Family == any ManifoldKind {
  /// The manifolds. A new one is a file with its type, and a line here.
  public static let manifolds = KindRegistry(
    of: "a manifold", [LinearManifold.Settings.entry, AutoencoderManifold.Settings.entry])
}
