/// The manifolds that defences decide by: one for all, unless some were asked to have their own.
struct ManifoldSection {
  let record: RunRecord

  var section: ReportSection? {
    let groups = groups
    guard !groups.isEmpty else { return nil }
    return ReportSection(
      id: "manifold", title: groups.count == 1 ? "The manifold" : "The manifolds", explanation: Self.explanation
    ) {
      for (number, bundles) in groups.enumerated() {
        if groups.count > 1 { HTML("h3") { "Of \(Number.list(bundles[0].defenses ?? []))" } }
        ManifoldPart(number: number, bundles: bundles, heading: groups.count == 1 ? "h3" : "h4").content
      }
    }
  }

  private static var explanation: HTML {
    HTML {
      HTML("p") {
        "The set of embeddings that clean samples have, learned from training rows. δ of the paper’s Eq. 6 is what Σ"
        HTML("sub") { "i" }
        " ‖[D(E(l)) − l]"
        HTML("sub") { "i" }
        "‖"
        HTML("sub") { "2" }
        " of a clean embedding stays under, from training rows that were held out."
      }
      HTML("p") {
        "The leverage constant c"
        HTML("sub") { "q" }
        " (Remark 2) is the smallest share of a difference between two points of the manifold that any q lying agents "
        "leave to the honest ones, all agents observed. Above ½ Theorem 2’s condition holds: whatever they send, the true "
        "embedding on the manifold is the only solution."
      }
    }
  }

  /// The bundles by the defences that decide by them, in the order of the first seed.
  private var groups: [[RunRecord.Bundle]] {
    var groups: [[RunRecord.Bundle]] = []
    for bundle in record.bundles {
      if let index = groups.firstIndex(where: { $0[0].defenses == bundle.defenses }) {
        groups[index].append(bundle)
      } else {
        groups.append([bundle])
      }
    }
    return groups
  }
}
