internal import CopurWire
internal import GRPCCore
internal import GRPCProtobuf
internal import SwiftProtobuf

/// gRPC's server reflection, under its two names `grpc.reflection.v1` and `v1alpha`, whose messages are alike.
struct ReflectionService: RegistrableRPCService {
  static let names = ["v1", "v1alpha"].map { "grpc.reflection.\($0).ServerReflection" }

  let files: ProtocolFiles
  /// The full names of the services that the server has.
  let services: [String]

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    for name in Self.names {
      router.registerHandler(
        forMethod: MethodDescriptor(fullyQualifiedService: name, method: "ServerReflectionInfo"),
        deserializer: ProtobufDeserializer<Grpc_Reflection_V1_ServerReflectionRequest>(),
        serializer: ProtobufSerializer<Grpc_Reflection_V1_ServerReflectionResponse>()
      ) { request, _ in
        StreamingServerResponse { writer in
          for try await question in request.messages { try await writer.write(answer(to: question)) }
          return [:]
        }
      }
    }
  }

  /// The answer to a question.
  func answer(
    to request: Grpc_Reflection_V1_ServerReflectionRequest
  ) throws -> Grpc_Reflection_V1_ServerReflectionResponse {
    var response = Grpc_Reflection_V1_ServerReflectionResponse()
    response.validHost = request.host
    response.originalRequest = request
    switch request.messageRequest {
    case .listServices:
      response.listServicesResponse.service = services.map { name in .with { $0.name = name } }
    case .fileByFilename(let name):
      try answer(&response, file: name, or: "there is no file \(name.prefix(128).debugDescription)")
    case .fileContainingSymbol(let symbol):
      try answer(
        &response, file: files.file(declaring: symbol),
        or: "no file declares \(symbol.prefix(128).debugDescription)")
    case .fileContainingExtension(let asked):
      refuse(&response, "no file extends \(asked.containingType.prefix(128).debugDescription)")
    case .allExtensionNumbersOfType(let type):
      if files.hasMessage(type) {
        response.allExtensionNumbersResponse.baseTypeName = type
      } else {
        refuse(&response, "no file declares \(type.prefix(128).debugDescription)")
      }
    case nil:
      refuse(&response, "message_request: one of its fields is set", code: .invalidArgument)
    }
    return response
  }

  private func answer(
    _ response: inout Grpc_Reflection_V1_ServerReflectionResponse, file: String?, or problem: String
  ) throws {
    if let file, let descriptors = try files.file(named: file) {
      response.fileDescriptorResponse.fileDescriptorProto = descriptors
    } else {
      refuse(&response, problem)
    }
  }

  private func refuse(
    _ response: inout Grpc_Reflection_V1_ServerReflectionResponse, _ problem: String, code: Status.Code = .notFound
  ) {
    response.errorResponse.errorCode = Int32(code.rawValue)
    response.errorResponse.errorMessage = problem
  }
}
