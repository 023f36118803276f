public import CopurCore

/// A defence that ends in a fusion model which an attacker may know and differentiate.
///
/// One that is also a `Victim` can be attacked adaptively: gradients then go through the whole defence. A randomized
/// defence conforms with ``CopurCore/Victim/isRandomized`` true and gives the gradient of one draw from the seeds at hand.
public protocol WhiteBoxDefense: Defense {
  /// The fusion model that decides.
  var model: FusionModel { get }
}

extension WhiteBoxDefense {
  /// As many as the fusion model has.
  public var classes: Int { model.classes }
}
