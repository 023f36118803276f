// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A library module of the project. `Deploy/dev/layers.txt` lists what each may import.
///
/// - Parameter resources: The folder of files that are embedded in the program, as `PackageResources`; nil for none. Each
///   kilobyte takes a sixth of a second to compile, so it is a place for pages, not for data.
func module(_ name: String, _ dependencies: [Target.Dependency], resources: String? = nil) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources.map { [.embedInCode($0)] }, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + [.byName(name: name)], exclude: exclude, swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcInProcess = Target.Dependency.product(name: "GRPCInProcessTransport", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "copur",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "copur", targets: ["copur"]),
    // For programs of one's own: kinds of their own in scenarios, the algorithms without the service, parts of the service.
    .library(name: "CopurCommands", targets: ["CopurCommands"]),
    .library(name: "CopurScenarios", targets: ["CopurScenarios"]),
    .library(name: "CopurTraining", targets: ["CopurTraining"]),
    .library(name: "CopurRobustLearning", targets: ["CopurRobustLearning"]),
    .library(name: "CopurImages", targets: ["CopurImages"]),
    .library(name: "CopurDatasets", targets: ["CopurDatasets"]),
    .library(name: "CopurDefenses", targets: ["CopurDefenses"]),
    .library(name: "CopurAttacks", targets: ["CopurAttacks"]),
    .library(name: "CopurPurification", targets: ["CopurPurification"]),
    .library(name: "CopurCore", targets: ["CopurCore"]),
    .library(name: "CopurLearning", targets: ["CopurLearning"]),
    .library(name: "CopurNumerics", targets: ["CopurNumerics"]),
    .library(name: "CopurFusionCenter", targets: ["CopurFusionCenter"]),
    .library(name: "CopurAgent", targets: ["CopurAgent"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.0"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
  ],
  targets: [
    // C libraries, each behind one module of ours.
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // Calls of Linux and glibc that Swift's modules lack.
    .target(name: "CLinux"),

    // Numbers, models, algorithms: nothing here knows the network.
    .target(name: "CCopurKernels"),
    module("CopurNumerics", ["CCopurKernels", "COpenBLAS"]),
    module("CopurLearning", ["CopurNumerics"]),
    module("CopurCore", ["COpenSSL", "CopurLearning", "CopurNumerics"]),
    module("CopurDatasets", ["CopurCore", "CopurNumerics", "CPNG", "CZlib"]),
    module("CopurPurification", ["CopurCore", "CopurLearning", "CopurNumerics"]),
    module("CopurDefenses", ["CopurCore", "CopurLearning", "CopurNumerics", "CopurPurification"]),
    module("CopurAttacks", ["CopurCore", "CopurNumerics"]),
    module("CopurRobustLearning", ["CopurCore", "CopurLearning", "CopurNumerics"]),
    module("CopurImages", ["CopurCore", "CopurLearning", "CopurNumerics"]),
    module(
      "CopurTraining",
      ["CopurAttacks", "CopurCore", "CopurDefenses", "CopurLearning", "CopurNumerics", "CopurPurification"]),

    // The network: nothing here knows the algorithms.
    module("CopurTLS", ["COpenSSL", nioCore]),
    module("CopurHTTP2", ["CNGHTTP2", "CopurTLS", nioCore, nioPosix]),
    module("CopurGRPC", ["CopurHTTP2", "CopurTLS", grpcCore, nioCore, nioPosix]),
    module("CopurWire", ["CopurCore", grpcCore, grpcProtobuf, protobuf]),

    // Processes.
    module(
      "CopurFusionCenter",
      [
        "CopurCore", "CopurNumerics", "CopurWire", deque, grpcCore, grpcProtobuf, lifecycle, logging, protobuf, tracing,
      ]),
    // Spans of the service on their way to a collector.
    module(
      "CopurTelemetry",
      ["CopurFusionCenter", "CopurWire", deque, grpcCore, grpcProtobuf, lifecycle, logging, tracing]),
    // The journals, a module each.
    module("CopurJournalPostgreSQL", ["CLibPQ", "CopurCore", "CopurFusionCenter", deque]),
    module("CopurJournalSQLite", ["CopurCore", "CopurFusionCenter", deque, grdb]),
    // Existing clients and people: Open Inference Protocol, health, reflection, metrics over both ports; the dashboard.
    module(
      "CopurServing",
      [
        "CopurCore", "CopurFusionCenter", "CopurJointTraining", "CopurNumerics", "CopurTLS", "CopurTraining",
        "CopurWire",
        grpcCore, grpcProtobuf, hummingbird, hummingbirdCore, lifecycle, logging, nioCore, protobuf,
      ], resources: "Resources"),
    module(
      "CopurDashboard",
      ["CopurCore", "CopurFusionCenter", "CopurJointTraining", "CopurTraining", hummingbird, lifecycle, nioCore],
      resources: "Resources"),
    module(
      "CopurAgent",
      ["CopurCore", "CopurNumerics", "CopurWire", deque, grpcCore, lifecycle, logging]),
    // Joint training over the network: both sides.
    module(
      "CopurJointTraining",
      [
        "CopurAgent", "CopurCore", "CopurFusionCenter", "CopurGRPC", "CopurLearning", "CopurNumerics", "CopurTraining",
        "CopurWire", grpcCore, logging,
      ]),
    module("CopurReports", ["CopurCore"], resources: "Resources"),
    // Defences and attacks in programs of their own.
    module(
      "CopurExternal", ["CopurAttacks", "CopurCore", "CopurDefenses", "CopurNumerics", "CopurWire", protobuf]),
    // Manifests for those who run the service.
    module("CopurDeploy", ["CopurCore", "CopurTLS", yams]),
    // Processes of a simulation, on this machine or on many.
    module("CopurLaunch", ["CopurCore", subprocess, systemPackage]),
    module(
      "CopurScenarios",
      [
        "CopurAttacks", "CopurCore", "CopurDatasets", "CopurDefenses", "CopurExternal", "CopurGRPC", "CopurLaunch",
        "CopurLearning", "CopurNumerics", "CopurPurification", "CopurReports", "CopurRobustLearning", "CopurTLS",
        "CopurTraining", "CopurWire", grpcCore, yams,
      ]),
    .plugin(
      name: "CommitPlugin", capability: .buildTool(), path: "Deploy/plugins/CommitPlugin", exclude: ["write-commit.sh"]),
    .target(
      name: "CopurCommands",
      dependencies: [
        "CLinux", "CopurAgent", "CopurCore", "CopurDashboard", "CopurDatasets", "CopurDefenses", "CopurDeploy",
        "CopurFusionCenter", "CopurGRPC", "CopurHTTP2", "CopurImages", "CopurJointTraining",
        "CopurJournalPostgreSQL", "CopurJournalSQLite", "CopurLaunch", "CopurLearning", "CopurNumerics",
        "CopurPurification", "CopurReports", "CopurRobustLearning", "CopurScenarios", "CopurServing", "CopurTelemetry",
        "CopurTLS", "CopurTraining", "CopurWire", argumentParser, grpcCore, lifecycle, logging, tracing, unixSignals,
      ],
      swiftSettings: settings, plugins: ["CommitPlugin"]),
    .executableTarget(name: "copur", dependencies: ["CopurCommands"], swiftSettings: settings),

    tests("CopurNumerics", []),
    tests("CopurLearning", ["CopurNumerics"], exclude: ["Fixtures"]),
    tests("CopurCore", ["CopurLearning", "CopurNumerics"], exclude: ["Fixtures"]),
    tests("CopurDatasets", ["CopurCore", "CopurNumerics", "CZlib"]),
    tests("CopurPurification", ["CopurCore", "CopurLearning", "CopurNumerics"]),
    tests("CopurDefenses", ["CopurAttacks", "CopurCore", "CopurLearning", "CopurNumerics", "CopurPurification"]),
    tests("CopurAttacks", ["CopurCore", "CopurLearning", "CopurNumerics"]),
    tests(
      "CopurJointTraining",
      ["CopurCore", "CopurLearning", "CopurNumerics", "CopurTraining", "CopurWire", logging, protobuf]),
    tests("CopurRobustLearning", ["CopurCore", "CopurNumerics"]),
    tests("CopurImages", ["CopurCore", "CopurLearning", "CopurNumerics"]),
    tests("CopurTraining", ["CopurCore", "CopurDefenses", "CopurNumerics"]),
    tests("CopurTLS", [nioCore, nioEmbedded]),
    tests("CopurHTTP2", ["CopurTLS", nioCore, nioEmbedded]),
    tests("CopurGRPC", ["CopurHTTP2", "CopurTLS", grpcCore, nioCore]),
    tests("CopurWire", ["CopurCore", "CopurNumerics", grpcCore, protobuf]),
    tests(
      "CopurFusionCenter",
      [
        "CopurCore", "CopurJournalSQLite", "CopurNumerics", "CopurTelemetry", "CopurWire", grpcCore, grpcInProcess,
        lifecycle, logging,
      ]),
    tests(
      "CopurTelemetry",
      ["CopurFusionCenter", "CopurWire", grpcCore, grpcInProcess, grpcProtobuf, lifecycle, logging, tracing]),
    // With the contract of every kind of journal.
    tests(
      "CopurJournalPostgreSQL", ["CopurCore", "CopurFusionCenter", "CopurJournalSQLite", subprocess, systemPackage]),
    tests("CopurJournalSQLite", ["CopurCore", "CopurFusionCenter", grdb]),
    tests(
      "CopurServing",
      [
        "CopurCore", "CopurDefenses", "CopurFusionCenter", "CopurJointTraining", "CopurLearning", "CopurNumerics",
        "CopurPurification", "CopurWire", hummingbird, logging,
      ]),
    tests(
      "CopurDashboard",
      [
        "CopurCore", "CopurFusionCenter", "CopurJointTraining", "CopurNumerics", "CopurTraining", hummingbird, logging,
        nioCore, nioEmbedded,
      ]),
    tests(
      "CopurAgent",
      ["CopurCore", "CopurFusionCenter", "CopurNumerics", "CopurWire", grpcCore, grpcInProcess, logging]),
    tests("CopurReports", ["CopurCore"]),
    tests("CopurDeploy", ["CopurCore"]),
    tests("CopurLaunch", ["CopurCore"]),
    tests(
      "CopurScenarios",
      [
        "CopurAttacks", "CopurCore", "CopurDatasets", "CopurDefenses", "CopurLaunch", "CopurLearning", "CopurNumerics",
        "CopurReports", "CopurTraining",
      ]),
    // Real processes, real sockets, clients that others wrote.
    .testTarget(
      name: "copurTests",
      dependencies: [
        "CopurAgent", "CopurCore", "CopurGRPC", "CopurLaunch", "CopurLearning", "CopurNumerics", "CopurScenarios",
        "CopurTLS", "CopurWire", "copur", grdb, logging, subprocess, systemPackage,
      ],
      exclude: ["Clients", "Fixtures"],
      swiftSettings: settings),
  ]
)

// A part of the package, for the instruments in Deploy/dev: what is not looked at is not built with them.
switch Context.environment["COPUR_PART"] {
case "transport":
  let part: Set = ["CNGHTTP2", "COpenSSL", "CopurTLS", "CopurHTTP2", "CopurGRPC"]
  package.products = []
  package.targets.removeAll { !part.contains($0.name) && !part.contains(String($0.name.dropLast("Tests".count))) }
case "algorithms":
  let part: Set = [
    "CCopurKernels", "COpenBLAS", "COpenSSL", "CPNG", "CZlib", "CopurNumerics", "CopurLearning", "CopurCore",
    "CopurDatasets", "CopurPurification", "CopurDefenses", "CopurAttacks", "CopurRobustLearning", "CopurImages",
    "CopurTraining",
  ]
  package.products = []
  package.dependencies = []
  package.targets.removeAll { !part.contains($0.name) && !part.contains(String($0.name.dropLast("Tests".count))) }
case "learning":
  let part: Set = ["CCopurKernels", "COpenBLAS", "CopurNumerics", "CopurLearning"]
  package.products = []
  package.dependencies = []
  package.targets.removeAll { !part.contains($0.name) && !part.contains(String($0.name.dropLast("Tests".count))) }
case "reports":
  let part: Set = [
    "CCopurKernels", "COpenBLAS", "COpenSSL", "CopurNumerics", "CopurLearning", "CopurCore", "CopurReports",
  ]
  package.products = []
  package.dependencies = []
  package.targets.removeAll { !part.contains($0.name) && !part.contains(String($0.name.dropLast("Tests".count))) }
case "fuzzing":
  package.targets.removeAll { $0.type == .test || $0.type == .executable }
  for target in package.targets
  where ["CopurCore", "CopurGRPC", "CopurHTTP2", "CopurLearning", "CopurScenarios"].contains(target.name) {
    target.swiftSettings = settings + [.unsafeFlags(["-sanitize=fuzzer"])]
  }
  package.targets.append(
    .target(
      name: "CopurFuzzing",
      dependencies: ["CopurCore", "CopurGRPC", "CopurHTTP2", "CopurLearning", "CopurScenarios", nioCore],
      path: "Tests/Fuzz", swiftSettings: settings))
  package.products = [.library(name: "CopurFuzzing", type: .static, targets: ["CopurFuzzing"])]
default:
  break
}
