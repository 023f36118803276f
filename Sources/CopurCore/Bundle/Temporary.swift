public import CopurNumerics

extension ModelBundle {
  public func observe(_ features: Matrix, layout: BlockLayout) -> Observation {
    Observation(layout: roster.layout, embeddings: embed(features, layout: layout))
  }
}
