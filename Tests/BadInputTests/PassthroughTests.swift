import GRPC
import GoogleProtobuf
import ServiceRuntime
import Testing

/// What the gateway's gRPC listener passes through, undecoded, is held to the same bounds as what a service is asked directly.
@Suite("Passed through", .serialized)
struct PassthroughTests {
    /// More than a server takes.
    private static let large = RequestShapes.delimited(150_000, [UInt8](repeating: 0x61, count: 5 << 20))

    @Test(
        "every RPC through the gateway: no token, an expired one, a wrong role, a message that is too large; nothing changes",
        .timeLimit(.minutes(5)))
    func everyRPC() async throws {
        try await Place.with(gateway: true) { place in
            let gateway = try #require(place.gateway)
            let before = try await place.tables()
            let nobody = try await place.callers.metadata("nobody", to: "gateway")
            for (_, service, method) in place.methods {
                let rule = try #require(try AccessTable([service]).rules[method.path])
                let bare = await gateway.call(method, [], Metadata())
                #expect(bare?.code == .unauthenticated && bare?.reason == "UNAUTHENTICATED", "\(method.path): \(told(bare))")
                let late = await gateway.call(method, [], try await place.callers.expiredMetadata("admin", to: "gateway"))
                #expect(late?.code == .unauthenticated && late?.reason == "TOKEN_EXPIRED", "\(method.path): \(told(late))")
                let large = await gateway.call(method, Self.large, try await place.callers.metadata("admin", to: "gateway"))
                // Whom the service turns away may hear that first.
                let codes: Set<StatusCode> = rule.lets(.admin) ? [.resourceExhausted] : [.resourceExhausted, .permissionDenied]
                // A stream that is not implemented is refused before its first message is read.
                let isMissing = large?.reason == "NOT_IMPLEMENTED" && method.kind != .unary
                #expect(isMissing || large.map { codes.contains($0.code) } == true, "\(method.path): \(told(large))")
                if !rule.isOpen {
                    let stranger = await gateway.call(method, [], nobody)
                    #expect(stranger?.code == .permissionDenied, "\(method.path): \(told(stranger))")
                }
            }
            #expect(try await place.changes(since: before) == [])
        }
    }

    @Test("a method and a service that nobody has are UNIMPLEMENTED through the gateway too")
    func unknown() async throws {
        try await Place.with(gateway: true) { place in
            let gateway = try #require(place.gateway)
            let metadata = try await place.callers.metadata("admin", to: "gateway")
            let services = place.sides.map { $0.services[0].name } + ["switchboard.none.v1.NoService", "none"]
            for service in services {
                let method = MethodDescriptor(
                    service: service, method: "NoSuchMethod", kind: .unary, request: GoogleProtobuf.Empty.self,
                    response: GoogleProtobuf.Empty.self)
                let error = await gateway.call(method, [], metadata)
                #expect(error?.code == .unimplemented, "\(method.path): \(told(error))")
                let bare = await gateway.call(method, [], Metadata())
                #expect([.unimplemented, .unauthenticated].contains(bare?.code), "\(method.path): \(told(bare))")
            }
        }
    }

    private func told(_ error: RPCError?) -> String { error.map { "\($0) \($0.reason ?? "-")" } ?? "OK" }
}

extension AccessTable.Rule {
    fileprivate func lets(_ role: Role) -> Bool { isOpen || permission.map { role.permissions.contains($0) } ?? false }
}
