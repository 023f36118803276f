import ArgumentParser
import CopurCore
import CopurDashboard
import CopurDatasets
import CopurFusionCenter
import CopurServing

/// The dashboard of `copur serve`, which the HTTP plane serves.
struct DashboardOptions: ParsableArguments {
  @Flag(
    help: """
      Show accuracy on the dashboard: take sample numbers for test rows of the data set that the bundle was trained on, \
      and read their labels.
      """)
  var labels = false

  @Option(
    help: ArgumentHelp("The name that the dashboard shows; that of the bundle if there is none.", valueName: "name"))
  var dashboardName: String?

  @OptionGroup var dataOptions: DataOptions

  /// The dashboard of a fusion center.
  ///
  /// - Parameter refusals: How often peers were refused, by rule.
  func dashboard(
    of center: FusionCenter, bundle: ModelBundle, refusals: @escaping @Sendable () -> [(rule: String, count: Int)]
  ) throws -> Dashboard {
    Dashboard(
      of: center,
      model: DashboardModel(
        name: dashboardName ?? bundle.manifest.name, agents: bundle.roster.agents, classes: bundle.manifest.classes,
        labels: labels ? try testLabels(of: bundle) : nil,
        training: ModelTraining(
          version: bundle.modelVersion, words: "trained by \(bundle.manifest.name), seed \(bundle.manifest.seed)",
          findings: BundleDescription(bundle).lines)), refusals: refusals)
  }

  private func testLabels(of bundle: ModelBundle) throws -> DashboardLabels {
    let dataset = try bundle.dataset(from: dataOptions.directory())
    return DashboardLabels(source: "test rows of \(dataset.name)", values: dataset.test.labels)
  }
}
