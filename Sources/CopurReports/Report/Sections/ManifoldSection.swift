/// The manifolds that defences decide by: one for all, unless some were asked to have their own.
struct ManifoldSection {
  let record: RunRecord

  var section: ReportSection? {
    let groups = groups
    guard !groups.isEmpty else { return nil }
    return ReportSection(id: "manifold", title: groups.count == 1 ? "The manifold" : "The manifolds") {
      for (number, bundles) in groups.enumerated() {
        if groups.count > 1 { HTML("h3") { "Of \(Number.list(bundles[0].defenses ?? []))" } }
        ManifoldPart(number: number, bundles: bundles, heading: groups.count == 1 ? "h3" : "h4").content
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
