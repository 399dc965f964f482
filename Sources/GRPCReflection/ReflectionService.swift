import GRPC
import GRPCReflectionV1
import GRPCReflectionV1Alpha

/// `grpc.reflection.v1` and `v1alpha`: tells tools what a server serves. Both are needed: newer tools ask for v1, older
/// ones know v1alpha alone.
public struct Reflection: Sendable {
    /// Register all of these with the server.
    public let services: [any Service]

    /// Describes the named services, and reflection itself. Throws `DecodingError` when an embedded descriptor set cannot be
    /// read.
    public init(of described: [ServiceDescriptor]) throws {
        let reflection = [ReflectionV1.descriptor, ReflectionV1Alpha.descriptor]
        let index = try DescriptorIndex(described + reflection)
        services = [ReflectionV1(index: index), ReflectionV1Alpha(index: index)]
    }
}

private struct ReflectionV1: GRPCReflectionV1.ServerReflectionProtocol {
    typealias V1 = GRPCReflectionV1.ServerReflectionResponse

    let index: DescriptorIndex

    func serverReflectionInfo(
        _ requests: RequestStream<GRPCReflectionV1.ServerReflectionRequest>, _ responses: ResponseWriter<V1>,
        _ context: ServerContext
    ) async throws {
        for try await request in requests {
            let answer = ReflectionAnswer(question(request), index)
            try await responses.write(
                V1(validHost: request.host, originalRequest: request, messageResponse: response(answer)))
        }
    }

    private func question(_ request: GRPCReflectionV1.ServerReflectionRequest) -> ReflectionQuestion? {
        switch request.messageRequest {
        case .fileByFilename(let name): .file(name)
        case .fileContainingSymbol(let symbol): .symbol(symbol)
        case .fileContainingExtension(let field): .extension(type: field.containingType, number: field.extensionNumber)
        case .allExtensionNumbersOfType(let type): .extensionNumbers(type)
        case .listServices: .services
        case nil: nil
        }
    }

    private func response(_ answer: ReflectionAnswer) -> V1.MessageResponse {
        switch answer {
        case .files(let files): .fileDescriptorResponse(.init(fileDescriptorProto: files))
        case .services(let names): .listServicesResponse(.init(service: names.map { .init(name: $0) }))
        case .extensionNumbers(let type, let numbers):
            .allExtensionNumbersResponse(.init(baseTypeName: type, extensionNumber: numbers))
        case .error(let code, let message):
            .errorResponse(.init(errorCode: code.rawValue, errorMessage: message))
        }
    }
}

private struct ReflectionV1Alpha: GRPCReflectionV1Alpha.ServerReflectionProtocol {
    typealias V1Alpha = GRPCReflectionV1Alpha.ServerReflectionResponse

    let index: DescriptorIndex

    func serverReflectionInfo(
        _ requests: RequestStream<GRPCReflectionV1Alpha.ServerReflectionRequest>, _ responses: ResponseWriter<V1Alpha>,
        _ context: ServerContext
    ) async throws {
        for try await request in requests {
            let answer = ReflectionAnswer(question(request), index)
            try await responses.write(
                V1Alpha(validHost: request.host, originalRequest: request, messageResponse: response(answer)))
        }
    }

    private func question(_ request: GRPCReflectionV1Alpha.ServerReflectionRequest) -> ReflectionQuestion? {
        switch request.messageRequest {
        case .fileByFilename(let name): .file(name)
        case .fileContainingSymbol(let symbol): .symbol(symbol)
        case .fileContainingExtension(let field): .extension(type: field.containingType, number: field.extensionNumber)
        case .allExtensionNumbersOfType(let type): .extensionNumbers(type)
        case .listServices: .services
        case nil: nil
        }
    }

    private func response(_ answer: ReflectionAnswer) -> V1Alpha.MessageResponse {
        switch answer {
        case .files(let files): .fileDescriptorResponse(.init(fileDescriptorProto: files))
        case .services(let names): .listServicesResponse(.init(service: names.map { .init(name: $0) }))
        case .extensionNumbers(let type, let numbers):
            .allExtensionNumbersResponse(.init(baseTypeName: type, extensionNumber: numbers))
        case .error(let code, let message):
            .errorResponse(.init(errorCode: code.rawValue, errorMessage: message))
        }
    }
}
