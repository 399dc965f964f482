import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Asks an admin port. For `healthcheck` and for tests.
package struct AdminClient: Sendable {
    package static let timeout: Duration = .seconds(10)
    static let bodyBytesMax = 4 << 20

    let base: String

    package init(host: String, port: Int) {
        base = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    package func get(_ path: String) async throws -> (status: UInt, body: String) {
        try await send(HTTPClientRequest(url: base + path), Self.timeout)
    }

    package func post(
        _ path: String, _ body: String = "", timeout: Duration = timeout
    ) async throws -> (status: UInt, body: String) {
        try await send(body, to: path, by: .POST, timeout)
    }

    package func put(_ path: String, _ body: String) async throws -> (status: UInt, body: String) {
        try await send(body, to: path, by: .PUT, Self.timeout)
    }

    private func send(
        _ body: String, to path: String, by method: HTTPMethod, _ timeout: Duration
    ) async throws -> (status: UInt, body: String) {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        request.body = .bytes(ByteBuffer(string: body))
        return try await send(request, timeout)
    }

    private func send(_ request: HTTPClientRequest, _ timeout: Duration) async throws -> (status: UInt, body: String) {
        let response = try await HTTPClient.direct.execute(request, timeout: TimeAmount(timeout))
        let body = try await response.body.collect(upTo: Self.bodyBytesMax)
        return (response.status.code, String(buffer: body))
    }
}
