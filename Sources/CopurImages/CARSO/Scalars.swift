internal import Foundation

/// 1/(1 + e^−x); 0 and 1 at the ends, never NaN for a number.
func logistic(_ x: Float) -> Float { 1 / (1 + expf(-x)) }

/// log(1 + eˣ), without overflow.
func softplus(_ x: Float) -> Float { max(x, 0) + log1pf(expf(-abs(x))) }

func exponential(_ x: Float) -> Float { expf(x) }
func logarithm(_ x: Float) -> Float { logf(x) }
