package import CopurCore

extension PaperSchedule {
  /// ∇ Σ_{i∈Ω} ‖[h − D(E(l))]_i‖₂ at l, for sample 0 of an observation.
  package func searchGradient(at point: [Float], of observation: Observation) -> [Float] {
    ScheduleRun(self, capacity: 1).searchGradient(at: point, of: observation)
  }

  /// ∇(Σ_{i∈Ω} ‖[h − l]_i‖₂ + τ Σ_i ‖[D(E(l)) − l]_i‖₂) at l, for sample 0 of an observation.
  package func refinementGradient(at point: [Float], of observation: Observation) -> [Float] {
    ScheduleRun(self, capacity: 1).refinementGradient(at: point, of: observation)
  }
}
