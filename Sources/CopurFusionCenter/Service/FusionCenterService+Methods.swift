internal import CopurWire
public import GRPCCore
internal import GRPCProtobuf

extension FusionCenterService: RegistrableRPCService {
  public func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    typealias Method = Copur_V1_FusionCenter.Method
    router.registerHandler(
      forMethod: Method.Join.descriptor, deserializer: ProtobufDeserializer<Copur_V1_JoinRequest>(),
      serializer: ProtobufSerializer<Copur_V1_JoinResponse>()
    ) { request, context in
      let request = try await ServerRequest(stream: request)
      return StreamingServerResponse(
        single: ServerResponse(message: try await join(request: request.message, context: context)))
    }
    router.registerHandler(
      forMethod: Method.Contribute.descriptor, deserializer: ContributeRequestDeserializer(),
      serializer: ProtobufSerializer<Copur_V1_ContributeResponse>()
    ) { request, context in
      StreamingServerResponse { writer in
        try await contribute(request: request.messages, response: writer, context: context)
        return [:]
      }
    }
    // Verdicts are many: they are written without a message object for each.
    router.registerHandler(
      forMethod: Method.Predict.descriptor, deserializer: ProtobufDeserializer<Copur_V1_PredictRequest>(),
      serializer: EncodedMessageSerializer()
    ) { request, context in
      let request = try await ServerRequest(stream: request)
      return StreamingServerResponse { writer in
        try await predict(request: request.message, response: writer)
        return [:]
      }
    }
    router.registerHandler(
      forMethod: Method.Watch.descriptor, deserializer: ProtobufDeserializer<Copur_V1_WatchRequest>(),
      serializer: EncodedMessageSerializer()
    ) { request, _ in
      let request = try await ServerRequest(stream: request)
      return StreamingServerResponse { writer in
        try await watch(request: request.message, response: writer)
        return [:]
      }
    }
  }
}
