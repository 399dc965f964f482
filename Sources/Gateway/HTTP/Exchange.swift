import HTTPTypes
import Hummingbird

/// One request at the edge, with what was read from its head.
struct Exchange: Sendable {
    var method: String
    /// As it came: percent-encoded, without the query.
    var path: Substring
    var query: QueryString
    var headers: HTTPFields
    var body: RequestBody
    /// Returned in `X-Request-Id` and sent on as metadata.
    var requestID: String
    /// W3C trace context of this request.
    var traceParent: String
    /// The socket's other end, without its port: the key of rate limits for who is not known yet.
    var peer: String
    var deadline: ContinuousClock.Instant
    /// What the rate limiter says of it.
    var quota: QuotaNote
    /// The token that goes on to the services in the place of an API key.
    let exchanged = TokenNote()
    /// Closes the connection: for a reader that does not read.
    var cut: @Sendable () -> Void

    subscript(_ name: HTTPField.Name) -> String? { headers[name] }

    var accept: Accept { Accept(headers[.accept]) }

    /// The token of `Authorization: Bearer`, or what an API key there was exchanged for.
    var bearerToken: String? {
        if let token = exchanged.token { return token }
        guard let header = headers[.authorization] else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1].trimmedOfSpaces)
    }

    /// Reads the whole body. The length is judged by its announcement first, then by what arrives.
    func collectBody(bytesMax: Int) async throws -> [UInt8] {
        if let length = headers[.contentLength].flatMap(Int.init), length > bytesMax {
            throw Problem.bodyTooLarge(bytesMax: bytesMax)
        }
        var bytes: [UInt8] = []
        for try await buffer in body {
            guard bytes.count + buffer.readableBytes <= bytesMax else { throw Problem.bodyTooLarge(bytesMax: bytesMax) }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
    }

    /// The body as JSON; an empty one is an empty object.
    func collectJSON(bytesMax: Int) async throws -> JSONValue {
        guard let coding = ContentCoding(headers[.contentEncoding]) else { throw Problem.unsupportedContentCoding() }
        if let header = headers[.contentType], MediaType(header) != .json {
            throw Problem.unsupportedMediaType("application/json")
        }
        let bytes = try coding.decode(try await collectBody(bytesMax: bytesMax), bytesMax: bytesMax)
        guard !bytes.isEmpty else { return .object(JSONObject()) }
        guard headers[.contentType] != nil else { throw Problem.unsupportedMediaType("application/json") }
        do {
            return try JSONParser.parse(bytes)
        } catch {
            throw Problem.invalid("JSON_INVALID", "The body is \(error.explanation).")
        }
    }
}

/// What the edge answers.
struct Answer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: Body

    enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A stream of unknown length; ends when the closure returns.
        case stream(@Sendable (inout any ResponseBodyWriter) async throws -> Void)
    }

    init(_ status: Int, headers: [(name: String, value: String)] = [], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    static func json(_ bytes: [UInt8], status: Int = 200, headers: [(name: String, value: String)] = []) -> Answer {
        Answer(status, headers: [("Content-Type", "application/json")] + headers, body: .bytes(bytes))
    }
}

/// Something that answers requests at one path.
protocol EdgeHandler: Sendable {
    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer
}

/// A handler as a closure, for endpoints that are a function.
struct EdgeFunction: EdgeHandler {
    let body: @Sendable (Exchange, [(fieldPath: [String], text: String)]) async throws -> Answer

    init(_ body: @escaping @Sendable (Exchange, [(fieldPath: [String], text: String)]) async throws -> Answer) {
        self.body = body
    }

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        try await body(exchange, variables)
    }
}
