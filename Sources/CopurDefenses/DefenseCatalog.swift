public import CopurCore
internal import CopurPurification

/// All defences by name.
public enum DefenseCatalog {
  /// The names, in the order in which tables show them.
  public static let names = [Unsecured.name, ManifoldProjection.name, CoPur.paperName, CoPur.name]

  /// Builds a defence from a bundle.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` that lists the names, if there is none of this name.
  public static func make(_ name: String, from bundle: ModelBundle) throws -> any WhiteBoxDefense {
    switch name {
    case Unsecured.name: Unsecured(layout: bundle.roster.layout, model: bundle.jointModel)
    case ManifoldProjection.name: ManifoldProjection(manifold: bundle.manifold, model: bundle.purifiedModel)
    case CoPur.paperName:
      CoPur(
        purifier: GatedPurifier(purifier: Purifier(manifold: bundle.manifold)), model: bundle.purifiedModel,
        residualLimits: bundle.calibration.residualLimits)
    case CoPur.name:
      CoPur(
        purifier: GatedPurifier(
          purifier: Purifier(manifold: bundle.manifold), gate: EmbeddingGate(bundle.calibration)),
        model: bundle.purifiedModel, residualLimits: bundle.calibration.gatedResidualLimits)
    default:
      throw CopurError(
        .invalidArgument, "a defence is one of \(names.joined(separator: ", ")) (actual: \"\(name)\")")
    }
  }
}
