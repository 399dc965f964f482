import GRPC
import Postgres
import Protobuf
import ServiceRuntime
import Testing

@testable import Gateway

/// One implemented method with its example, and how it is called.
struct Subject: Sendable {
    let place: Place
    let side: Place.Side
    let method: MethodDescriptor
    let example: Example
    let caller: String
    let form: AnswerForm

    /// The name in golden files.
    var name: String { String(method.path.dropFirst("/switchboard.".count)).replacing("/", with: ".") }
    var input: String { method.request.typeName }
    var changes: Bool { method.idempotency != .noSideEffects }

    /// Every method of these kinds that this release implements.
    ///
    /// A method is implemented unless it answers NOT_IMPLEMENTED to its empty request; then it must have an example.
    static func all(of kinds: Set<MethodKind>, in place: Place) async throws -> [Subject] {
        var subjects: [Subject] = []
        for (side, service, method) in place.methods where kinds.contains(method.kind) {
            let rule = try #require(try AccessTable([service]).rules[method.path])
            let caller = Judge.caller(rule)
            if method.kind == .unary || Example.of(method) == nil {
                let metadata = try await place.callers.metadata(caller, to: side.name)
                let empty = await side.call(method, method.kind == .unary ? [] : [], metadata)
                if empty?.reason == "NOT_IMPLEMENTED" {
                    #expect(Example.of(method) == nil, "\(method.path) has an example and is not implemented")
                    continue
                }
            }
            guard let example = Example.of(method) else {
                Issue.record("\(method.path) is implemented and has no example")
                continue
            }
            let form = AnswerForm(
                method: method, domain: "\(side.name).switchboard", documented: place.contract.documented(method))
            subjects.append(
                Subject(place: place, side: side, method: method, example: example, caller: caller, form: form))
        }
        return subjects.sorted { $0.name < $1.name }
    }

    func scene(of tenant: People.Tenant = People.own) async throws -> Scene {
        try await Scene(example.scene, of: tenant, in: place)
    }

    /// The example's request, with a fresh request_id where it carries one.
    func request(in scene: Scene) throws -> JSON {
        var request = try scene.request(example)
        if request["requestId"] == nil, let field = requestID { request = field.setting(.string(UUIDText.random()), in: request) }
        return request
    }

    var fields: [RequestField] { place.contract.fields(of: input) }
    var requestID: RequestField? { fields.first { $0.field.name == "request_id" } }
    /// Where the request says which version it expects.
    var etag: RequestField? {
        fields.first { $0.name == "etag" }
            ?? fields.first { $0.name.hasSuffix(".etag") && changes && $0.steps.count == 2 && !$0.isOfAnAlternative }
    }

    /// - Returns: the answer as JSON, or the error.
    func call(_ request: JSON, in scene: Scene) async throws -> (answer: JSON, error: RPCError?) {
        let bytes = try Self.bytes(method.request, request)
        do throws(RPCError) {
            let answer = try await side.answer(method, bytes, try await metadata(scene))
            return (try Self.json(method.response, answer), nil)
        } catch {
            form.judge(error)
            return (.null, error)
        }
    }

    private func metadata(_ scene: Scene) async throws(RPCError) -> Metadata {
        do { return try await scene.metadata(caller, to: side.name) } catch {
            throw RPCError(code: .unknown, message: "no token: \(error)")
        }
    }

    // MARK: - Repetition

    /// Another key makes it idempotent, as its contract says; it takes its request_id for the log.
    var isNatural: Bool { method.method == "ReceiveMessage" }

    /// Somebody else is at the same request: the lock that his call would hold is held during the body.
    func whileInFlight<Answer: Sendable>(
        _ request: JSON, in scene: Scene, _ body: @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let id = try #require(request["requestId"]?.stringValue)
        let name = "\(side.name)/\(scene.tenantID)/\(identity(in: scene))/\(method.path)/\(id)"
        return try await place.administrator.transaction(TransactionOptions()) { transaction in
            _ = try await transaction.query("select pg_advisory_xact_lock(hashtextextended(\(name), 0))")
            return try await body()
        }
    }

    private func identity(in scene: Scene) -> String {
        switch caller {
        case _ where caller.hasPrefix("service:"): caller
        case "visitor": "visitor:\(scene.names["visitor"] ?? "")"
        case "bot": "bot:\(People.own.visitor.text)"
        default: "agent:\(People.own.agent.text)"
        }
    }

    static func bytes<M: Message>(_ type: M.Type, _ json: JSON) throws -> [UInt8] {
        try M(json: json.bytes, options: JSONDecodingOptions(allowsNUL: true)).serialized()
    }

    private static func json<M: Message>(_ type: M.Type, _ bytes: [UInt8]) throws(RPCError) -> JSON {
        do { return try JSONParser.parse(try M(serialized: bytes).json()) } catch {
            throw RPCError(code: .unknown, message: "the answer is no \(type): \(error)")
        }
    }
}
