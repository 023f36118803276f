internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// Blocks scaled so that each varies as much as any other, by what trains them: extractors send h_i/s_i, and the fusion
/// model multiplies by s_i, so that what both compute together stays as it was.
///
/// A manifold of few dimensions otherwise follows the agents whose blocks happen to be large, and those decide alone.
enum EqualEnergy {
  /// s_i: the root mean square of a block's distance from its mean, over that of an average block, which keeps its size.
  /// 1 for a block that never varies. Only observed blocks count.
  static func scales(of clean: Observation) -> [Float] {
    let (whole, layout) = (clean.embeddings.columnMeans, clean.layout)
    let energies = (0..<layout.count).map { block in
      let rows = clean.samples(observing: block)
      let isWhole = rows.count == clean.samples
      let embeddings = isWhole ? clean.embeddings : clean.embeddings.selecting(rows: rows)
      let means = isWhole ? whole : embeddings.columnMeans
      var energy = 0.0
      for row in 0..<embeddings.rows {
        for column in layout[block] {
          let difference = Double(embeddings[row, column] - means[column])
          energy += difference * difference
        }
      }
      // As if it were observed everywhere: 1, and exactly the sum, where it is.
      return energy * (Double(clean.samples) / Double(max(1, rows.count)))
    }
    let mean = energies.reduce(0, +) / Double(energies.count)
    return energies.map { $0 > 0 ? Float(($0 / mean).squareRoot()) : 1 }
  }

  /// The fusion model that undoes what scaled blocks were divided by.
  static func apply(_ scales: [Float], fusion: FusionModel, layout: BlockLayout) -> FusionModel {
    var network = fusion.network
    for (block, scale) in scales.enumerated() { network = network.scalingInput(layout[block], by: scale) }
    return FusionModel(network: network, classes: fusion.classes)
  }
}
