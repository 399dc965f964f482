import AsyncHTTPClient
import GRPC
import NIOCore
import NIOHTTP1

@testable import Gateway

/// An answer of the gateway.
struct Reply: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var text: String

    var json: JSON { (try? JSONParser.parse(Array(text.utf8))) ?? .null }
    /// `404 ROUTE_NOT_FOUND`.
    var summary: String { status < 400 ? "\(status)" : "\(status)/\(json["reason"]?.stringValue ?? "-")" }
    subscript(_ header: String) -> String? { headers.first(name: header) }
}

/// A request over HTTP/1.1.
struct HTTPCall: Sendable {
    var method: String
    var path: String
    var query: [(String, String)] = []
    var headers: [(String, String)] = []
    var body: [UInt8]?

    static func != (left: HTTPCall, right: HTTPCall) -> Bool {
        left.path != right.path || left.body != right.body || left.query.map(\.1) != right.query.map(\.1)
    }

    /// Makes any target longer than the edge takes.
    static let longParameter = ("nonsense", String(repeating: "x", count: 8 << 10))

    subscript(_ header: String) -> String? {
        get { headers.first { $0.0 == header }?.1 }
        set {
            headers.removeAll { $0.0 == header }
            if let newValue { headers.append((header, newValue)) }
        }
    }

    func with(_ change: (inout HTTPCall) -> Void) -> HTTPCall {
        var call = self
        change(&call)
        return call
    }

    func send(to base: String) async throws -> Reply {
        let parameters = query.map { "\(PercentCoding.encode($0.0))=\(PercentCoding.encode($0.1))" }.joined(separator: "&")
        var request = HTTPClientRequest(url: base + path + (parameters.isEmpty ? "" : "?" + parameters))
        request.method = .RAW(value: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        // A stream that was let in has no end.
        if response.status == .ok, request.headers.first(name: "Accept") == "text/event-stream" {
            return Reply(status: 200, headers: response.headers, text: "")
        }
        let text = String(buffer: try await response.body.collect(upTo: 16 << 20))
        return Reply(status: Int(response.status.code), headers: response.headers, text: text)
    }
}

/// One route that a contract's `google.api.http` makes.
struct HTTPRoute: Sendable {
    let method: MethodSchema
    let binding: MethodSchema.Binding
    let plan: TranscodingPlan
    /// Nil where this release answers NOT_IMPLEMENTED.
    let subject: Subject?
    let caller: String

    var name: String { "\(binding.httpMethod) \(binding.path)" }
    var takesBody: Bool { !binding.body.isEmpty }
    var streams: Bool { method.serverStreams }

    /// A request of the contract as this route takes it.
    func call(_ request: JSON, token: String?) -> HTTPCall {
        var rest = request
        var path = binding.path
        for field in plan.pathFields {
            let steps = field.split(separator: ".").map { $0.camelCased }
            let value = steps.reduce(rest as JSON?) { $0?[$1] }?.stringValue ?? "x"
            path = path.replacing("{\(field)}", with: PercentCoding.encode(value))
            rest = rest.removing(steps[...])
        }
        var call = HTTPCall(method: binding.httpMethod, path: path)
        if let token { call["Authorization"] = "Bearer \(token)" }
        if streams { call["Accept"] = "text/event-stream" }
        if let id = rest["requestId"]?.stringValue { call["Idempotency-Key"] = "\"\(id)\"" }
        rest = rest.removing(["requestId"])
        switch plan.etag {
        case .none: break
        case .request:
            if let tag = rest["etag"]?.stringValue { call["If-Match"] = tag }
            rest = rest.removing(["etag"])
        case .resource(let field):
            if let tag = rest[field]?["etag"]?.stringValue { call["If-Match"] = tag }
            rest = rest.removing([field, "etag"])
        }
        if takesBody { call["Content-Type"] = "application/json" }
        if binding.body == "*" {
            call.body = rest.bytes
        } else {
            if takesBody {
                let member = binding.body.camelCased
                call.body = (rest[member] ?? [:]).bytes
                rest = rest.removing([member])
            }
            call.query = rest.parameters("")
        }
        return call
    }
}

extension StringProtocol {
    fileprivate var camelCased: String { String(self).camelCased }
}

extension Gateway.JSONValue {
    /// Without the member at this path.
    func removing(_ path: ArraySlice<String>) -> JSON {
        guard let name = path.first, case .object(var object) = self else { return self }
        object[name] = path.count == 1 ? nil : object[name]?.removing(path.dropFirst())
        return .object(object)
    }

    /// As a query; lists of objects have no form in one.
    fileprivate func parameters(_ name: String) -> [(String, String)] {
        switch self {
        case .null: return []
        case .bool(let value): return [(name, value ? "true" : "false")]
        case .number(let text), .string(let text): return [(name, text)]
        case .array(let elements): return elements.filter { !$0.isObject }.flatMap { $0.parameters(name) }
        case .object(let object):
            return object.members.flatMap { $0.value.parameters(name.isEmpty ? $0.name : "\(name).\($0.name)") }
        }
    }
}
