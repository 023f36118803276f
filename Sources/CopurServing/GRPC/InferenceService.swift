internal import CopurFusionCenter
internal import CopurWire
internal import GRPCCore
internal import SwiftProtobuf

/// The gRPC service `inference.GRPCInferenceService`.
struct InferenceService: Inference_GRPCInferenceService.SimpleServiceProtocol {
  let inference: FusionInference

  func serverLive(
    request: Inference_ServerLiveRequest, context: ServerContext
  ) async throws -> Inference_ServerLiveResponse {
    .with { $0.live = true }
  }

  func serverReady(
    request: Inference_ServerReadyRequest, context: ServerContext
  ) async throws -> Inference_ServerReadyResponse {
    .with { $0.ready = inference.center.isReady }
  }

  func modelReady(
    request: Inference_ModelReadyRequest, context: ServerContext
  ) async throws -> Inference_ModelReadyResponse {
    _ = try inference.model(request.name, version: request.version)
    return .with { $0.ready = inference.center.isReady }
  }

  func serverMetadata(
    request: Inference_ServerMetadataRequest, context: ServerContext
  ) async throws -> Inference_ServerMetadataResponse {
    .with { response in
      response.name = ServerDescription.name
      response.version = ServerDescription.version
      response.extensions = ServerDescription.extensions
    }
  }

  func modelMetadata(
    request: Inference_ModelMetadataRequest, context: ServerContext
  ) async throws -> Inference_ModelMetadataResponse {
    let model = try inference.model(request.name, version: request.version)
    return .with { response in
      response.name = FusionInference.modelName
      response.versions = [model.version]
      response.platform = FusionInference.platform
      response.inputs = inference.inputs(of: model).map { .init($0) }
      response.outputs = inference.outputs(of: model).map { .init($0) }
      response.properties = inference.properties(of: model)
    }
  }

  func modelConfig(
    request: Inference_ModelConfigRequest, context: ServerContext
  ) async throws -> Inference_ModelConfigResponse {
    let model = try inference.model(request.name, version: request.version)
    return .with { response in
      response.config = .with { config in
        config.name = FusionInference.modelName
        config.platform = FusionInference.platform
        config.backend = FusionInference.platform
        config.versionPolicy.latest = .with { $0.numVersions = 1 }
        config.maxBatchSize = Int32(FusionInference.maximumSamples)
        config.input = inference.inputs(of: model).map { .init($0) }
        config.output = inference.outputs(of: model).map { .init($0) }
        config.parameters = inference.properties(of: model).mapValues { value in .with { $0.stringValue = value } }
      }
    }
  }

  func modelInfer(
    request: Inference_ModelInferRequest, context: ServerContext
  ) async throws -> Inference_ModelInferResponse {
    let response = try await inference.infer(InferenceRequest(request))
    // A client gets its answer in the form in which it asked.
    return Inference_ModelInferResponse(response, raw: !request.rawInputContents.isEmpty)
  }

  func modelStatistics(
    request: Inference_ModelStatisticsRequest, context: ServerContext
  ) async throws -> Inference_ModelStatisticsResponse {
    let model = try inference.model(
      request.name.isEmpty ? FusionInference.modelName : request.name, version: request.version)
    let statistics = inference.statistics.snapshot
    return .with { response in
      response.modelStats = [
        .with { stats in
          stats.name = FusionInference.modelName
          stats.version = FusionInference.number(ofVersion: model.version)
          stats.lastInference = statistics.lastInference
          stats.inferenceCount = statistics.inferences
          stats.executionCount = statistics.executions
          stats.inferenceStats = .with { durations in
            durations.success = .init(statistics.success)
            durations.fail = .init(statistics.failure)
            durations.queue = .init(statistics.queue)
            durations.computeInput = .init(.init(count: statistics.success.count))
            durations.computeInfer = .init(statistics.compute)
            durations.computeOutput = .init(.init(count: statistics.success.count))
          }
          stats.batchStats = statistics.batches.sorted { $0.key < $1.key }.map { samples, compute in
            .with { batch in
              batch.batchSize = UInt64(samples)
              batch.computeInput = .init(.init(count: compute.count))
              batch.computeInfer = .init(compute)
              batch.computeOutput = .init(.init(count: compute.count))
            }
          }
        }
      ]
    }
  }

  func repositoryIndex(
    request: Inference_RepositoryIndexRequest, context: ServerContext
  ) async throws -> Inference_RepositoryIndexResponse {
    let isReady = inference.center.isReady
    return .with { response in
      guard isReady || !request.ready else { return }
      response.models = [
        .with { model in
          model.name = FusionInference.modelName
          model.version = inference.center.model.version
          model.state = isReady ? "READY" : "UNAVAILABLE"
          model.reason = isReady ? "" : "the fusion center shuts down, or its journal has failed"
        }
      ]
    }
  }
}
