import AsyncHTTPClient
import Foundation
import NIOCore
import ServiceRuntime
import WallTime

/// What operators and callers ask of a running process over HTTP.
extension ServiceProcess {
    private var admin: AdminClient { AdminClient(host: "127.0.0.1", port: listen.admin) }

    package func logs(at level: String) async throws { _ = try await admin.put("/log/level", level) }

    package func metrics() async throws -> String { try await admin.get("/metrics").body }

    /// Returns when the process has come to rest. It says itself who does not; the request only waits for that.
    package func settle() async throws {
        let answer = try await admin.post("/test/settle", timeout: .seconds(300))
        guard answer.status == 200 else { throw ChildProcessError("\(service) does not settle: \(answer.body)") }
    }

    /// One request to the gateway.
    package func http(
        _ method: String, _ path: String, token: String, headers: [String: String] = [:], body: String? = nil
    ) async throws -> (status: UInt, body: String) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(listen.http)\(path)")
        request.method = .RAW(value: method)
        request.headers.add(name: "authorization", value: "Bearer \(token)")
        if method != "GET" { request.headers.add(name: "idempotency-key", value: "\"\(UUID().text)\"") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        return (response.status.code, String(buffer: try await response.body.collect(upTo: 4 << 20)))
    }
}
