public import CopurNumerics

/// An attack on one victim whose pictures are then shown to another.
public struct TransferAttack: PictureAttack {
  /// Who is attacked.
  public var source: any PictureVictim
  /// How.
  public var attack: any PictureAttack

  public init(_ attack: any PictureAttack, on source: any PictureVictim) {
    self.attack = attack
    self.source = source
  }

  public var passes: Int { attack.passes }

  public func search(
    _ ball: PictureBall, labels: [Int], numbers: [Int], against victim: any PictureVictim, seed: UInt64
  ) throws -> Matrix {
    try attack.search(ball, labels: labels, numbers: numbers, against: source, seed: seed)
  }
}
