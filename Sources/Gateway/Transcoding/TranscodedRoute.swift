import GRPC
import HTTPTypes
import Protobuf

/// An RPC as an HTTP route: path, query and body become the request message, the answer message becomes JSON.
struct TranscodedRoute: EdgeHandler {
    let plan: TranscodingPlan
    let descriptor: MethodDescriptor
    let schema: Schema
    let channel: Channel
    let gate: Gate
    /// Path of the route that reads what this one makes, with the member that holds the id: for `Location`.
    let location: (member: String, field: String)?
    let limits: Limits
    /// Writes fields of the request that the edge knows better than the caller.
    let amend: @Sendable (Exchange, inout JSONObject) -> Void

    struct Limits: Sendable {
        /// Bytes of a JSON body.
        var bodyBytesMax = 1 << 20
        /// How often a quiet stream is kept alive.
        var ping: Duration = .seconds(15)
    }

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        let offers: [MediaType] = plan.method.serverStreams ? [.eventStream, .newlineJSON] : [.json]
        guard let type = exchange.accept.best(of: offers + [.problem]) else { throw Problem.notAcceptable(offers: offers) }
        try await gate.admit(exchange, isOpen: plan.isOpen)
        let object = try await request(exchange, variables)
        let options = exchange.callOptions(token: exchange.bearerToken)
        let ifMatch = exchange[.ifMatch] != nil
        do {
            if plan.method.serverStreams {
                return try await stream(object, options, as: type, exchange)
            }
            let response = try await unary(descriptor.request, descriptor.response, object, options)
            return answer(response, exchange)
        } catch let error as RPCError {
            throw Problem(error, ifMatchSent: ifMatch)
        }
    }

    // MARK: - Request

    /// The ProtoJSON of the request message.
    func request(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> JSONObject {
        var object = JSONObject()
        var taken = plan.pathFields
        if plan.binding.body.isEmpty {
            guard try await exchange.collectBody(bytesMax: 0).isEmpty else { throw Problem.bodyTooLarge(bytesMax: 0) }
        } else {
            let body = try await exchange.collectJSON(bytesMax: limits.bodyBytesMax)
            if plan.binding.body == "*" {
                guard case .object(let members) = body else {
                    throw Problem.invalid("JSON_INVALID", "The body must be an object.")
                }
                object = members
            } else if let field = schema[message: plan.method.input].field(named: plan.binding.body) {
                if !plan.bodyMessage.isEmpty, !body.isObject {
                    throw Problem.invalid("JSON_INVALID", "The body must be an object.")
                }
                object[field.jsonName] = body
                taken.insert(field.name)
                if let mask = plan.updateMask, exchange.query[mask] == nil, exchange.query["update_mask"] == nil {
                    object[mask] = .string(schema.updateMask(of: body, as: plan.bodyMessage))
                }
            }
        }
        if plan.binding.body == "*" {
            guard exchange.query.pairs.isEmpty else {
                throw BindingError(parameter: exchange.query.pairs[0].name, description: "belongs into the body")
            }
        } else {
            try schema.bind(exchange.query, of: plan.method.input, except: taken, in: &object)
        }
        for (fieldPath, text) in variables { try schema.bind([text], to: fieldPath, of: plan.method.input, in: &object) }
        try putRequestID(exchange, in: &object)
        try putEtag(exchange, in: &object)
        amend(exchange, &object)
        return object
    }

    /// `Idempotency-Key` is `request_id`. Where the contract demands one it must be sent; where it may be left out we make
    /// one, so that our own retries are one request.
    private func putRequestID(_ exchange: Exchange, in object: inout JSONObject) throws {
        guard plan.requestID != .none else { return }
        let inBody = (object["requestId"] ?? object["request_id"])?.stringValue ?? ""
        if let header = exchange[.idempotencyKey] {
            guard let key = IdempotencyKey.parse(header) else {
                throw Problem.invalid(
                    "IDEMPOTENCY_KEY_INVALID", "Idempotency-Key must be a quoted string of at most 128 characters.")
            }
            guard inBody.isEmpty || inBody == key else {
                throw Problem.invalid("IDEMPOTENCY_KEY_INVALID", "Idempotency-Key and requestId differ.")
            }
            object["request_id"] = nil
            object["requestId"] = .string(key)
        } else if inBody.isEmpty {
            guard plan.requestID == .optional else {
                throw Problem.invalid("IDEMPOTENCY_KEY_REQUIRED", "Send an Idempotency-Key, a new one for each new request.")
            }
            object["requestId"] = .string(UUIDText.random())
        }
    }

    /// `If-Match` is `etag`.
    private func putEtag(_ exchange: Exchange, in object: inout JSONObject) throws {
        guard plan.etag != .none else { return }
        var tag: String?
        if let header = exchange[.ifMatch] {
            switch EntityTag.parseList(header) {
            case .tags(let tags)? where tags.count == 1 && !tags[0].weak: tag = tags[0].text
            case .any?: tag = nil
            case .tags?, nil: throw Problem.invalid("IF_MATCH_INVALID", "If-Match must be one strong entity tag.")
            }
        }
        switch plan.etag {
        case .none: break
        case .request(let isRequired):
            if let tag { object["etag"] = .string(tag) }
            if isRequired, (object["etag"]?.stringValue ?? "").isEmpty { throw Problem.preconditionRequired() }
        case .resource(let field):
            if let tag, case .object(var resource)? = object[field] {
                resource["etag"] = .string(tag)
                object[field] = .object(resource)
            }
        }
    }

    // MARK: - Call

    private func unary<Request: Message, Response: Message>(
        _ type: Request.Type, _: Response.Type, _ object: JSONObject, _ options: CallOptions
    ) async throws -> any Message {
        let request = try decode(type, object)
        let response: Response = try await channel.unary(descriptor, request, options)
        return response
    }

    func decode<Request: Message>(_ type: Request.Type, _ object: JSONObject) throws -> Request {
        do {
            return try Request(json: JSONValue.object(object).bytes, options: .default)
        } catch {
            throw Problem.invalid(
                "FIELD_INVALID", error.path.isEmpty ? error.message : "\(error.path): \(error.message)", field: error.path)
        }
    }

    // MARK: - Answer

    private func answer(_ message: any Message, _ exchange: Exchange) -> Answer {
        if plan.successStatus == 204 { return Answer(204) }
        var json = message.json(options: .emitDefaults)[...]
        if !plan.binding.responseBody.isEmpty {
            let field = schema[message: plan.method.output].field(named: plan.binding.responseBody)
            json = JSONScanner.member(field?.jsonName ?? "", of: json) ?? ArraySlice("{}".utf8)
        }
        var headers: [(name: String, value: String)] = []
        let etag = JSONScanner.stringMember("etag", of: json).flatMap { $0.isEmpty ? nil : EntityTag(resource: $0) }
        if let etag { headers.append(("ETag", etag.header)) }
        if plan.isPage {
            let weak = EntityTag(weak: true, "\"\(Fingerprint.hex(json))\"")
            headers.append(("ETag", weak.header))
            if let token = JSONScanner.stringMember("nextPageToken", of: json), !token.isEmpty {
                let name = exchange.query.pairs.contains { $0.name == "page_token" } ? "page_token" : "pageToken"
                headers.append(("Link", "<\(exchange.path)?\(exchange.query.replacing(name, with: token))>; rel=\"next\""))
            }
            if let answer = notModified(weak, exchange, headers) { return answer }
        } else if plan.binding.httpMethod == "GET", let etag, let answer = notModified(etag, exchange, headers) {
            return answer
        }
        if plan.successStatus == 201, let location, let id = JSONScanner.stringMember(location.member, of: json), !id.isEmpty {
            headers.append(("Location", "\(exchange.path)/\(PercentCoding.encode(id))"))
        }
        if plan.binding.httpMethod == "GET" { headers.append(("Cache-Control", "private, no-cache")) }
        return .json(Array(json), status: plan.successStatus, headers: headers)
    }

    private func notModified(_ tag: EntityTag, _ exchange: Exchange, _ headers: [(name: String, value: String)]) -> Answer? {
        guard let header = exchange[.ifNoneMatch], EntityTag.parseList(header)?.matchesWeakly(tag) == true else { return nil }
        return Answer(304, headers: headers)
    }
}
