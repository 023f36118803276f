import CopurCore
import CopurNumerics

/// Decides as ``ToyDefense``; its certificates say how many contributors there are beyond the quorum.
struct CertifiedDefense: CertifiableDefense {
  struct Certifier: ToleranceCertifier {
    let quorum: Int
    let isCheap: Bool

    func tolerances(_ predictions: [Int?], of observation: Observation) -> [Int?] {
      predictions.indices.map { sample in
        predictions[sample].map { _ in observation.observedCount(of: sample) - quorum }
      }
    }
  }

  let toy: ToyDefense
  let isCheap: Bool

  init(_ name: String, isCheap: Bool) { (toy, self.isCheap) = (ToyDefense(name), isCheap) }

  var name: String { toy.name }
  var layout: BlockLayout { toy.layout }

  func decide(_ observation: Observation) -> [Decision] { toy.decide(observation) }
  func toleranceCertifier(quorum: Int) -> any ToleranceCertifier { Certifier(quorum: quorum, isCheap: isCheap) }
}
