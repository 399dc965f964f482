import GoogleRPC
import MetricsTestKit
import Synchronization
import Testing

@testable import GRPC

@Suite("The interceptors that come along", .timeLimit(.minutes(1)))
struct InterceptorTests {
    @Test("beyond the limit calls are refused at once, with the time to come back; those that run are not disturbed")
    func concurrencyLimit() async throws {
        let metrics = TestMetrics()
        let (begun, goOn) = (Counted(), Signal())
        let limit = ConcurrencyLimitInterceptor(callsMax: 3, retryAfter: .seconds(2), metrics: metrics)
        var client = ChannelConfiguration()
        client.retry.attemptsMax = 1
        try await Loopback.run(client: client, interceptors: [limit]) { router in
            router.unary(.unary) { (note: Note, _) in
                await begun.add()
                await goOn.wait()
                return note
            }
        } _: { loopback in
            try await withThrowingTaskGroup(of: Note.self) { group in
                for _ in 0..<3 { group.addTask { try await loopback.channel.unary(.unary, Note("kept")) } }
                await begun.reach(3)

                let error = await #expect(throws: RPCError.self) {
                    let _: Note = try await loopback.channel.unary(.unary, Note("shed"))
                }
                #expect(error?.code == .resourceExhausted)
                let info = try error?.details.first.map { try RetryInfo(serialized: $0.value) }
                #expect((1...3).contains(info?.retryDelay?.seconds ?? 0))
                guard case .after(let wait) = error?.retryPushback else { throw RPCError(code: .unknown, message: "no pushback") }
                #expect((.seconds(1)...(.seconds(3))).contains(wait))
                try #expect(metrics.expectCounter("grpc_server_calls_shed_total").totalValue == 1)

                await goOn.set()
                for try await note in group { #expect(note == Note("kept")) }
            }
            let after: Note = try await loopback.channel.unary(.unary, Note("after"))
            #expect(after == Note("after"), "there is room again")
        }
    }

    @Test("streams have no part in the limit unless they are said to")
    func streamsAreNotLimited() async throws {
        let none = ConcurrencyLimitInterceptor(callsMax: 1, metrics: TestMetrics())
        let context = ServerContext(method: .server)
        try await none.intercept(context) {
            try await none.intercept(context) {}
        }
        let all = ConcurrencyLimitInterceptor(callsMax: 1, isLimited: { _ in true }, metrics: TestMetrics())
        await #expect(throws: RPCError.self) {
            try await all.intercept(context) { try await all.intercept(context) {} }
        }
    }

    @Test("calls are counted under go-grpc-prometheus' names; what is not served is counted as other")
    func prometheusNames() async throws {
        let metrics = TestMetrics()
        let service = ServiceDescriptor(name: MethodDescriptor.unary.service, methods: [.unary], fileDescriptorSet: { [] })
        let interceptor = MetricsInterceptor([service], factory: metrics)
        try await interceptor.intercept(ServerContext(method: .unary)) {}
        await #expect(throws: RPCError.self) {
            try await interceptor.intercept(ServerContext(method: .unary)) { throw RPCError(code: .notFound, message: "") }
        }
        try await interceptor.intercept(ServerContext(method: .read)) {}

        let labels = [("grpc_service", MethodDescriptor.unary.service), ("grpc_method", "Unary"), ("grpc_type", "unary")]
        try #expect(metrics.expectCounter("grpc_server_started_total", labels).totalValue == 2)
        try #expect(metrics.expectCounter("grpc_server_handled_total", labels + [("grpc_code", "OK")]).totalValue == 1)
        try #expect(metrics.expectCounter("grpc_server_handled_total", labels + [("grpc_code", "NotFound")]).totalValue == 1)
        try #expect(metrics.expectTimer("grpc_server_handling_seconds", labels).values.count == 2)
        let other = [("grpc_service", "other"), ("grpc_method", "other"), ("grpc_type", "unary")]
        try #expect(metrics.expectCounter("grpc_server_started_total", other).totalValue == 1)
    }

    @Test("calls are counted under OpenTelemetry's names")
    func openTelemetryNames() async throws {
        let metrics = TestMetrics()
        let service = ServiceDescriptor(name: MethodDescriptor.unary.service, methods: [.unary], fileDescriptorSet: { [] })
        let interceptor = MetricsInterceptor([service], naming: .openTelemetry, factory: metrics)
        try await interceptor.intercept(ServerContext(method: .unary)) {}
        let method = ("grpc.method", String(MethodDescriptor.unary.path.dropFirst()))
        try #expect(metrics.expectCounter("grpc.server.call.started", [method]).totalValue == 1)
        try #expect(metrics.expectTimer("grpc.server.call.duration", [method, ("grpc.status", "OK")]).values.count == 1)
    }
}

/// Counts, and lets wait until there are so many.
private actor Counted {
    private var count = 0
    private var waiting: [(Int, CheckedContinuation<Void, Never>)] = []

    func add() {
        count += 1
        for (wanted, continuation) in waiting where wanted == count { continuation.resume() }
    }

    func reach(_ wanted: Int) async {
        if count >= wanted { return }
        await withCheckedContinuation { waiting.append((wanted, $0)) }
    }
}
