import GRPC
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Where the socket's other end is kept while a request is answered.
struct EdgeContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let peer: String
    /// Closes the connection.
    let cut: @Sendable () -> Void

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "local"
        cut = { [channel = source.channel] in channel.close(promise: nil) }
    }
}

/// Every request of the HTTP/1.1 listener passes here: identity of the request, CORS, route, answer, errors.
struct EdgeResponder: HTTPResponder {
    typealias Context = EdgeContext

    let routes: RouteTable<any EdgeHandler>
    let cors: CORS
    let limits: Limits
    let logger: Logger

    /// Bounds of one request.
    struct Limits: Sendable {
        /// Time an answer may take unless the caller asks for less (`Request-Timeout`, seconds).
        var timeout: Duration = .seconds(30)
        /// Bytes of a path with its query.
        var targetBytesMax = 8 << 10
        /// Whether `X-RateLimit-*` goes out too.
        var olderRateHeaders = false
    }

    func respond(to request: Request, context: EdgeContext) async throws -> Response {
        let requestID = RequestID.accepted(request.headers[.xRequestID]) ?? RequestID.generate()
        let origin = request.headers[.origin]
        let quota = QuotaNote()
        var answer: Answer
        do {
            answer = try await route(request, requestID: requestID, quota, context)
        } catch {
            let problem = Problem(caught: error, logger: logger, requestID: requestID)
            answer = problem.answer(accept: Accept(request.headers[.accept]), requestID: requestID)
        }
        answer.headers.append(("X-Request-Id", requestID))
        answer.headers.append(("X-Content-Type-Options", "nosniff"))
        answer.headers += quota.headers(withOlderNames: limits.olderRateHeaders)
        if !answer.headers.contains(where: { $0.name == "Access-Control-Allow-Origin" }) {
            answer.headers += cors(for: request.uri.path[...], origin, refused: answer.status == 403).headers(origin: origin)
        }
        answer.encode(accepting: request.headers[.acceptEncoding])
        return Response(answer, isHead: request.method == .head)
    }

    private func route(_ request: Request, requestID: String, _ quota: QuotaNote, _ context: EdgeContext) async throws -> Answer {
        guard request.head.authority != nil else { throw Problem.invalid("HOST_REQUIRED", "HTTP/1.1 requests name their Host.") }
        let target = request.uri.string
        guard target.utf8.count <= limits.targetBytesMax else {
            throw Problem(414, .invalidArgument, reason: "TARGET_TOO_LONG", detail: "The path and query are too long.")
        }
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let query = QueryString(halves.count == 2 ? halves[1] : "") else {
            throw Problem.invalid("QUERY_INVALID", "The query is not percent-encoded UTF-8, or has too many parameters.")
        }
        let exchange = Exchange(
            method: request.method.rawValue,
            path: halves[0],
            query: query,
            headers: request.headers,
            body: request.body,
            requestID: requestID,
            traceParent: TraceParent.accepted(request.headers[.traceParent]) ?? TraceParent.generate(),
            peer: context.peer,
            deadline: .now.advanced(by: timeout(request.headers)),
            quota: quota,
            cut: context.cut
        )
        if request.method == .options { return options(exchange) }
        switch routes.find(request.method == .head ? "GET" : exchange.method, exchange.path) {
        case .found(let match): return try await match.route.answer(exchange, match.variables)
        case .methodNotAllowed(let allow): throw Problem.methodNotAllowed(allow: Self.allowed(allow))
        case .malformedPath: throw Problem.invalid("PATH_INVALID", "The path is not percent-encoded UTF-8.")
        case .notFound: throw Problem.notFound()
        }
    }

    /// Widgets live on pages of any origin, and a preflight does not say whose. It may pass: what follows carries no
    /// credentials of the browser's own, a session is opened only for an origin on its widget's list, and later calls carry
    /// that session's token. A refusal is not readable there.
    private func cors(for path: Substring, _ origin: String?, refused: Bool = false) -> CORS {
        guard path.hasPrefix("/widget/v1/"), let origin, !refused else { return cors }
        return CORS(origins: [origin])
    }

    private func timeout(_ headers: HTTPFields) -> Duration {
        guard let header = headers[.requestTimeout], let seconds = Double(header), seconds > 0 else { return limits.timeout }
        return min(limits.timeout, .milliseconds(Int64(min(seconds, 1e6) * 1000)))
    }

    private func options(_ exchange: Exchange) -> Answer {
        if let origin = exchange[.origin], exchange[.accessControlRequestMethod] != nil {
            guard let headers = cors(for: exchange.path, origin).preflight(origin: origin) else {
                return Answer(403, headers: [("Vary", "Origin")])
            }
            return Answer(204, headers: headers.map { ($0.0, $0.1) })
        }
        // OPTIONS itself is on no route: the table tells what is.
        switch routes.find("OPTIONS", exchange.path) {
        case .methodNotAllowed(let allow): return Answer(204, headers: [("Allow", Self.allowed(allow).joined(separator: ", "))])
        case .found, .malformedPath, .notFound: return Answer(404)
        }
    }

    private static func allowed(_ methods: [String]) -> [String] {
        (methods + (methods.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]).sorted()
    }
}

extension HTTPField.Name {
    static let accessControlRequestMethod = Self("Access-Control-Request-Method")!
    static let idempotencyKey = Self("Idempotency-Key")!
    static let lastEventID = Self("Last-Event-ID")!
    static let requestTimeout = Self("Request-Timeout")!
    static let traceParent = Self("traceparent")!
    static let traceState = Self("tracestate")!
    static let xFileName = Self("X-File-Name")!
    static let xRequestID = Self("X-Request-Id")!
}

extension HTTPFields {
    init(_ headers: [(name: String, value: String)]) {
        self.init()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            append(HTTPField(name: name, value: value))
        }
    }
}

extension Response {
    init(_ answer: Answer, isHead: Bool) {
        var fields = HTTPFields(answer.headers)
        let body: ResponseBody
        switch answer.body {
        case .none: body = ResponseBody()
        case .bytes(let bytes):
            if isHead {
                fields[.contentLength] = String(bytes.count)
                body = ResponseBody()
            } else {
                body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            }
        case .stream(let write):
            body =
                isHead
                ? ResponseBody()
                : ResponseBody { writer in
                    try await write(&writer)
                    try await writer.finish(nil)
                }
        }
        self.init(status: .init(code: answer.status), headers: fields, body: body)
    }
}
