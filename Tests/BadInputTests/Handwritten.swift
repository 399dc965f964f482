import Testing

@testable import Gateway

/// A route that no contract has: what the gateway composes, streams and carries by itself.
struct Handwritten: Sendable {
    let method: String
    let path: String
    let scene: Scene.Kind
    let caller: String
    /// Takes a file.
    var isUpload = false
    var isStream = false

    static let all: [Handwritten] = [
        Handwritten(method: "GET", path: "/v1/inbox", scene: .queued, caller: "admin"),
        Handwritten(method: "GET", path: "/v1/reports", scene: .queued, caller: "admin"),
        Handwritten(method: "GET", path: "/v1/supervision", scene: .queued, caller: "admin"),
        Handwritten(method: "GET", path: "/v1/conversations/{conversation}/details", scene: .queued, caller: "admin"),
        Handwritten(method: "GET", path: "/v1/me", scene: .bare, caller: "admin"),
        Handwritten(method: "GET", path: "/v1/stream", scene: .bare, caller: "admin", isStream: true),
        Handwritten(method: "GET", path: "/widget/v1/events", scene: .visitor, caller: "visitor", isStream: true),
        Handwritten(method: "POST", path: "/widget/v1/attachments", scene: .visitor, caller: "visitor", isUpload: true),
        Handwritten(
            method: "GET", path: "/widget/v1/attachments/{attachment}/content", scene: .visitor, caller: "visitor"),
        Handwritten(
            method: "POST", path: "/v1/conversations/{conversation}/attachments", scene: .open, caller: "admin", isUpload: true),
        Handwritten(
            method: "POST", path: "/v1/channelAccounts/{account}/attachments", scene: .bare, caller: "admin", isUpload: true),
        Handwritten(method: "GET", path: "/v1/attachments/{attachment}/content", scene: .open, caller: "admin"),
        Handwritten(
            method: "POST", path: "/v1/tickets/{ticket}/attachments", scene: .ticket, caller: "admin", isUpload: true),
        Handwritten(method: "GET", path: "/v1/ticketAttachments/{attachment}/content", scene: .ticket, caller: "admin"),
    ]

    /// Judges, and tells the answers in one line of the golden file.
    func line(_ place: Place) async throws -> String {
        let scene = try await Scene(self.scene, in: place)
        let theirs = try await Scene(self.scene, of: People.other, in: place)
        let right = try await call(scene)
        let before = try await place.tables()
        var words = ["\(method) \(path)", "by", caller]
        func expect(_ status: Int, _ name: String, _ change: (inout HTTPCall) -> Void) async throws {
            let reply = try await right.with(change).send(to: place.http)
            reply.judgeForm("\(method) \(path) \(name)")
            #expect(reply.status == status, "\(method) \(path) \(name): \(reply.status) \(reply.text.prefix(300))")
            words += [name, reply.summary]
        }
        try await expect(401, "no-token") { $0["Authorization"] = nil }
        let expired = try await place.callers.expiredMetadata(caller, to: "gateway")["authorization"]
        try await expect(401, "expired") { $0["Authorization"] = expired }
        try await expect(401, "forged") { $0["Authorization"] = String(($0["Authorization"] ?? "").dropLast(4)) + "AAAA" }
        let nobody = try await place.token("nobody", to: "gateway")
        // Who somebody is, he is told whatever he may do.
        try await expect(path == "/v1/me" ? 200 : 403, "wrong-role") { $0["Authorization"] = "Bearer \(nobody)" }
        try await expect(405, "put") { $0.method = "PUT" }
        try await expect(414, "target") { $0.query.append(HTTPCall.longParameter) }
        if isUpload {
            try await expect(415, "untyped") { $0["Content-Type"] = nil }
            try await expect(400, "empty") { $0.body = [] }
            try await expect(400, "name") { $0["X-File-Name"] = "%ff" }
            try await expect(413, "large") { $0.body = [UInt8](repeating: 0x61, count: (25 << 20) + 1) }
            if caller == "admin" { try await expect(400, "no-key") { $0["Idempotency-Key"] = nil } }
        }
        if path.contains("{") {
            try await expect(404, "foreign") { $0.path = theirs.filled(path) }
            try await expect(404, "nobodys") { $0.path = path.replacing(/\{[a-z]+\}/, with: UUIDText.random()) }
        }
        #expect(try await place.changes(since: before) == [], "\(method) \(path)")
        return words.joined(separator: " ")
    }

    private func call(_ scene: Scene) async throws -> HTTPCall {
        var call = HTTPCall(method: method, path: scene.filled(path))
        call["Authorization"] = try await scene.metadata(caller, to: "gateway")["authorization"]
        if isStream { call["Accept"] = "text/event-stream" }
        if isUpload {
            call["Content-Type"] = "text/plain"
            call["X-File-Name"] = "a.txt"
            call["Idempotency-Key"] = "\"\(UUIDText.random())\""
            call.body = Array("hello".utf8)
        }
        return call
    }
}

extension Scene {
    /// A path with this scene's things in it.
    fileprivate func filled(_ path: String) -> String {
        names.reduce(path) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}
