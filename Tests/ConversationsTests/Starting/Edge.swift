import AsyncHTTPClient
import Foundation
import Gateway
import NIOCore
import PostgresTesting
import ServiceRuntime
import Testing

/// What an agent's browser gets from the gateway.
struct Edge: Sendable {
    let base: String
    let desk: Desk

    struct Reply {
        var status: UInt
        var json: [String: Any]

        func text(_ member: String) -> String { json[member] as? String ?? "" }
    }

    func get(_ path: String) async throws -> Reply { try await ask(HTTPClientRequest(url: base + path)) }

    func upload(_ path: String, _ text: String) async throws -> Reply { try await post(path, text, type: "text/plain") }

    func post(
        _ path: String, _ body: String, key: String = UUID().uuidString, type: String = "application/json"
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: type)
        request.headers.add(name: "Idempotency-Key", value: "\"\(key)\"")
        request.body = .bytes(ByteBuffer(string: body))
        return try await ask(request)
    }

    private func ask(_ request: HTTPClientRequest) async throws -> Reply {
        var request = request
        request.headers.add(name: "Authorization", value: "Bearer \(try await desk.token(of: .ana))")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        let json = try JSONSerialization.jsonObject(with: Data(String(buffer: bytes).utf8)) as? [String: Any]
        return Reply(status: response.status.code, json: json ?? [:])
    }
}

extension Desk {
    /// Runs the body with a gateway before the desk.
    func withGateway(_ body: @escaping @Sendable (Edge) async throws -> Void) async throws {
        let port = try FreePort.next()
        let environment = environment.of(
            "gateway", addresses.merging(["tickets": "127.0.0.1:1"]) { $1 },
            ["SWITCHBOARD_HTTP_LISTEN": "127.0.0.1:\(port)"])
        try await RunningService<GatewayModule>.during(environment: environment, logger: .quiet) { _, _, _ in
            try await body(Edge(base: "http://127.0.0.1:\(port)", desk: self))
        }
    }
}
