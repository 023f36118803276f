internal import Foundation

func exponential(_ x: Double) -> Double { exp(x) }
func logarithm(_ x: Double) -> Double { log(x) }

/// log(1 + eˣ) for x ≤ 0.
func logPlusOne(_ x: Double) -> Double { log1p(exp(x)) }

/// 1 / (1 + e^−x), without overflow.
func logistic(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
func cosine(_ x: Double) -> Double { cos(x) }

/// log Γ(x) for x > 0.
func logGamma(_ x: Double) -> Double { lgamma(x) }

func exponential(_ x: Float) -> Float { expf(x) }
func hyperbolicTangent(_ x: Float) -> Float { tanhf(x) }
