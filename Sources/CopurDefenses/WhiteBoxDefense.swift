public import CopurCore

/// A defence that ends in a fusion model which an attacker may know and differentiate.
public protocol WhiteBoxDefense: Defense {
  /// The fusion model that decides.
  var model: FusionModel { get }
}
