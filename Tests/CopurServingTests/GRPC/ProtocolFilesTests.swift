import CopurServing
import Testing

struct ProtocolFilesTests {
  @Test("Symbols of all kinds are found in their files, with what those import")
  func symbols() throws {
    let files = ProtocolFiles.stored
    #expect(files.file(declaring: "copur.v1.FusionCenter") == "copur/v1/fusion.proto")
    #expect(files.file(declaring: "copur.v1.FusionCenter.Join") == "copur/v1/fusion.proto")
    #expect(files.file(declaring: "inference.ModelInferRequest.InferInputTensor") == "inference/grpc_service.proto")
    #expect(files.file(declaring: "inference.ModelInferRequest.model_name") == "inference/grpc_service.proto")
    #expect(
      files.file(declaring: "grpc.health.v1.HealthCheckResponse.ServingStatus") == "grpc/health/v1/health.proto")
    #expect(files.file(declaring: "copur.v1.Nothing") == nil)
    #expect(try files.file(named: "copur/v1/fusion.proto")?.count == 2, "it imports samples.proto")
    #expect(try files.file(named: "nothing.proto") == nil)
    #expect(files.services.contains("grpc.reflection.v1alpha.ServerReflection"))
  }
}
