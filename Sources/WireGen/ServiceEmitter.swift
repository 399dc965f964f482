/// Writes a service as a protocol to implement, a client, and descriptors.
struct ServiceEmitter {
    let file: SwiftFile
    let contract: Contract

    func source(_ service: ServiceModel, from path: String) -> String {
        var out = Source()
        let types = service.methods.flatMap { [$0.request, $0.response] }
        file.header(&out, path: path, messages: [], types: types, importsC: false, importsGRPC: true)
        emitProtocol(service, &out)
        emitDefaults(service, &out)
        emitClient(service, &out)
        emitDescriptor(service, &out)
        return out.text
    }

    private func emitProtocol(_ service: ServiceModel, _ out: inout Source) {
        out.line()
        out.doc(service.comment)
        out.line("///")
        out.line("/// A method that is not implemented answers UNIMPLEMENTED.")
        out.block("public protocol \(service.name)Protocol: GRPC.Service") { out in
            for (index, method) in service.methods.enumerated() {
                if index > 0 { out.line() }
                out.doc(method.comment)
                out.line(method.signature)
            }
        }
    }

    private func emitDefaults(_ service: ServiceModel, _ out: inout Source) {
        out.line()
        out.block("extension \(service.name)Protocol") { out in
            out.line("public static var descriptor: ServiceDescriptor { \(service.name)Descriptor.service }")
            out.line()
            out.block("public func register(in router: inout Router)") { out in
                for method in service.methods {
                    out.block(
                        "router.\(method.routerFunction)(\(service.name)Descriptor.\(SwiftNames.escaped(method.swiftName)))"
                    ) { out in
                        out.line("(\(method.handlerParameters)) in")
                        out.line("try await self.\(memberName(method.swiftName))(\(method.handlerArguments))")
                    }
                }
            }
            for method in service.methods {
                out.line()
                out.block("public \(method.signature)") { out in
                    out.line(
                        "throw RPCError(code: .unimplemented, message: \"\(service.fullName)/\(method.name) is not implemented\")"
                    )
                }
            }
        }
    }

    private func emitClient(_ service: ServiceModel, _ out: inout Source) {
        out.line()
        out.doc(service.comment)
        out.block("public struct \(service.name)Client: Sendable") { out in
            out.line("private let channel: GRPC.Channel")
            out.line()
            out.block("public init(_ channel: GRPC.Channel)") { out in out.line("self.channel = channel") }
            for method in service.methods {
                out.line()
                out.doc(method.comment)
                emitCall(method, of: service, &out)
            }
        }
    }

    private func emitCall(_ method: MethodModel, of service: ServiceModel, _ out: inout Source) {
        let name = SwiftNames.escaped(method.swiftName)
        let descriptor = "\(service.name)Descriptor.\(name)"
        let request = method.request.reference
        let response = method.response.reference
        switch (method.clientStreams, method.serverStreams) {
        case (false, false):
            out.line("public func \(name)(")
            out.indented { out in out.line("_ request: \(request), _ options: CallOptions = .init()") }
            out.block(") async throws(RPCError) -> \(response)") { out in
                out.line("try await channel.unary(\(descriptor), request, options)")
            }
        case (false, true):
            out.line("public func \(name)(")
            out.indented { out in out.line("_ request: \(request), _ options: CallOptions = .init()") }
            out.block(") -> ResponseStream<\(response)>") { out in
                out.line("channel.serverStreaming(\(descriptor), request, options)")
            }
        case (true, false):
            out.line("public func \(name)(")
            out.indented { out in
                out.line("_ options: CallOptions = .init(),")
                out.line("_ send: (RequestWriter<\(request)>) async throws -> Void")
            }
            out.block(") async throws -> \(response)") { out in
                out.line("try await channel.clientStreaming(\(descriptor), options, send)")
            }
        case (true, true):
            out.line("public func \(name)<R>(")
            out.indented { out in
                out.line("_ options: CallOptions = .init(),")
                out.line("_ body: (RequestWriter<\(request)>, ResponseStream<\(response)>) async throws -> R")
            }
            out.block(") async throws -> R") { out in
                out.line("try await channel.bidirectional(\(descriptor), options, body)")
            }
        }
    }

    private func emitDescriptor(_ service: ServiceModel, _ out: inout Source) {
        out.line()
        out.line("/// What the runtime knows of `\(service.fullName)`.")
        out.block("public enum \(service.name)Descriptor") { out in
            out.line("public static let service = ServiceDescriptor(")
            out.indented { out in
                out.line("name: \"\(service.fullName)\",")
                let methods = service.methods.map { SwiftNames.escaped($0.swiftName) }.joined(separator: ", ")
                out.line("methods: [\(methods)],")
                out.line("fileDescriptorSet: { \(contract.module)FileDescriptors.serialized }")
            }
            out.line(")")
            for method in service.methods {
                out.line()
                out.line("public static let \(SwiftNames.escaped(method.swiftName)) = MethodDescriptor(")
                out.indented { out in
                    out.line("service: \"\(service.fullName)\", method: \"\(method.name)\", kind: .\(method.kind),")
                    out.line("idempotency: .\(method.idempotency), carriesRequestID: \(method.carriesRequestID),")
                    out.line("request: \(method.request.reference).self, response: \(method.response.reference).self")
                }
                out.line(")")
            }
        }
    }
}

extension MethodModel {
    var kind: String {
        switch (clientStreams, serverStreams) {
        case (false, false): "unary"
        case (false, true): "serverStreaming"
        case (true, false): "clientStreaming"
        case (true, true): "bidirectionalStreaming"
        }
    }

    var routerFunction: String { kind == "bidirectionalStreaming" ? "bidirectional" : kind }

    private var requestParameter: String {
        clientStreams ? "requests: RequestStream<\(request.reference)>" : "request: \(request.reference)"
    }

    var signature: String {
        let writer = serverStreams ? ", _ responses: ResponseWriter<\(response.reference)>" : ""
        let result = serverStreams ? "" : " -> \(response.reference)"
        let name = SwiftNames.escaped(swiftName)
        return "func \(name)(_ \(requestParameter)\(writer), _ context: ServerContext) async throws\(result)"
    }

    var handlerParameters: String {
        requestParameter + (serverStreams ? ", responses: ResponseWriter<\(response.reference)>" : "")
            + ", context: ServerContext"
    }

    var handlerArguments: String {
        (clientStreams ? "requests" : "request") + (serverStreams ? ", responses" : "") + ", context"
    }
}
