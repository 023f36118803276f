/// How a solver's iterations for one sample ended.
struct SolverOutcome {
  var iterations = 0
  /// What the tolerance is compared with.
  var stationarity = Double.infinity
  var status = Purification.Report.Status.iterationLimit
  /// The smoothed objective after each iteration, if the settings ask for it.
  var history: [Double] = []
  /// The decoder's hidden units on whose kinks the solution lies; a curved manifold's only.
  var heldUnits: [Int] = []
}
