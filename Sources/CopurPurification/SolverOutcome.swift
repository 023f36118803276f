/// The end of a solver's iterations for one sample.
struct SolverOutcome {
  var iterations = 0
  /// The number that the tolerance is compared with.
  var stationarity = Double.infinity
  var status = Purification.Report.Status.iterationLimit
  /// The smoothed objective after each iteration, if the settings ask for it.
  var history: [Double] = []
  /// The decoder's hidden units on whose kinks the solution lies; only where the decoder is piecewise affine.
  var heldUnits: [Int] = []
}
