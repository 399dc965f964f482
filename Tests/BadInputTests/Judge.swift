import Foundation
import GRPC
import GoogleRPC
import Protobuf
import ServiceRuntime
import Testing

/// Tries one unary RPC with everything that is wrong, as the first caller its contract lets in.
struct Judge {
    private let place: Place
    private let side: Place.Side
    private let method: MethodDescriptor
    private let own: Things
    private let others: Things
    private let shapes: RequestShapes
    /// The paths of the required fields that an empty request lacks.
    private let required: [String]
    private let caller: String
    private let form: AnswerForm
    /// What a contract requires and a service does not insist on: nothing that comes from a customer is refused for what
    /// it contains (C48).
    private static let lenient: [String: Set<String>] = ["ReceiveMessage": ["kind"]]
    /// Ids that a service takes as they are: agents, departments and tickets belong to another one.
    private static let taken: [String: Set<String>] = [
        "contacts": ["assignee_id", "conversation_id", "field_layout_id", "owner_id"],
        "conversations": ["bot_id", "notification_ids", "ticket_id"],
        "tickets": ["assignee_id", "department_ids"],
    ]

    init(
        place: Place, side: Place.Side, service: ServiceDescriptor, method: MethodDescriptor, own: Things, others: Things
    ) throws {
        self.place = place
        self.side = side
        self.method = method
        self.own = own
        self.others = others
        shapes = try RequestShapes(service)
        func missing<M: Protobuf.Message>(_ type: M.Type) throws -> [String] {
            try RequiredFields(service).missing(in: type.init())
        }
        required = try missing(method.request).filter { !(Self.lenient[method.method]?.contains($0) ?? false) }
        let rule = try #require(try AccessTable([service]).rules[method.path])
        caller = Self.caller(rule)
        form = AnswerForm(method: method, domain: "\(side.name).switchboard", documented: place.contract.documented(method))
    }

    static func caller(_ rule: AccessTable.Rule) -> String {
        if rule.isOpen { return "anyone" }
        guard let permission = rule.permission else { return "service:\(rule.callers.sorted()[0])" }
        if Role.admin.permissions.contains(permission) { return "admin" }
        return permission == .widgetUse ? "visitor" : "bot"
    }

    /// Judges, and tells the answers in one line of the golden file.
    func line(_ garbage: [[UInt8]], _ unknownField: [UInt8], large: [UInt8]) async throws -> String {
        try await judgeTokens()
        // What follows on the same connection is answered as ever.
        let tooLarge = await call(large)
        #expect(tooLarge?.code == .resourceExhausted, "\(method.path): a message of 5 MiB, \(told(tooLarge))")
        judgeForm(tooLarge)
        for bytes in garbage {
            let error = await call(bytes)
            #expect(error?.code == .internal, "\(method.path): a message that cannot be decoded, \(told(error))")
            judgeForm(error)
        }
        let empty = await call([])
        judgeForm(empty)
        let isThere = empty?.code != .unimplemented
        if isThere {
            #expect(empty?.code == (required.isEmpty ? nil : .invalidArgument), "\(method.path) empty: \(told(empty))")
            let missing = Set(required).subtracting(violations(empty))
            #expect(missing.isEmpty, "\(method.path) empty does not name \(missing.sorted()), but \(violations(empty))")
        }
        #expect(alike(await call(unknownField), empty, ""), "\(method.path) minds an unknown field")
        return try await ids(empty, isThere)
    }

    private func ids(_ empty: RPCError?, _ isThere: Bool) async throws -> String {
        let name = method.path.split(separator: "/").joined(separator: ".").replacing("switchboard.", with: "")
        var words = [name, "by", caller, "empty", summary(empty)]
        let paths = shapes.idPaths(method.request.typeName)
        guard isThere, !paths.isEmpty else { return words.joined(separator: " ") }
        let malformed = await call(shapes.request(method.request.typeName) { _ in "not-an-id" })
        judgeForm(malformed)
        #expect(malformed?.code == .invalidArgument, "\(method.path) malformed: \(told(malformed))")
        let unnamed = Set(paths).subtracting(
            violations(malformed).map { $0.contains("[") || !paths.contains("\($0)[0]") ? $0 : "\($0)[0]" })
        #expect(unnamed.isEmpty, "\(method.path) malformed does not name \(unnamed.sorted()), but \(violations(malformed))")
        words += ["malformed", summary(malformed)]
        // One thing at a time is somebody else's, or nobody's; the others are the caller's own.
        var seen: Set<String> = Self.taken[side.name] ?? []
        for path in paths {
            let field = String(path.split(separator: ".").last!.prefix { $0 != "[" })
            guard seen.insert(field).inserted else { continue }
            let strange = UUID().uuidString.lowercased()
            func request(_ other: String) -> [UInt8] {
                shapes.request(method.request.typeName) { $0 == field ? other : own.id(of: $0) ?? strange }
            }
            let missing = await call(request(strange))
            judgeForm(missing)
            let foreign = await call(request(others.id(of: field) ?? strange))
            judgeForm(foreign)
            #expect(
                alike(missing, foreign, strange),
                "\(method.path): \(field) that nobody has, \(told(missing)); another tenant's, \(told(foreign))")
            words += ["\(field)?", summary(missing)]
        }
        return words.joined(separator: " ")
    }

    private func judgeTokens() async throws {
        let body = shapes.request(method.request.typeName) { others.id(of: $0) ?? UUID().uuidString.lowercased() }
        let expired = await side.call(method, body, try await place.callers.expiredMetadata(caller, to: side.name))
        #expect(expired?.code == .unauthenticated && expired?.reason == "TOKEN_EXPIRED", "\(method.path): \(told(expired))")
        judgeForm(expired)
    }

    // MARK: -

    private func call(_ body: [UInt8]) async -> RPCError? {
        do {
            return await side.call(method, body, try await place.callers.metadata(caller, to: side.name))
        } catch { return RPCError(code: .unknown, message: "\(error)") }
    }

    private func judgeForm(_ error: RPCError?) { form.judge(error) }

    private func violations(_ error: RPCError?) -> [String] { error?.violations ?? [] }

    /// Whether two answers differ in nothing but the ids that they were asked for.
    private func alike(_ one: RPCError?, _ two: RPCError?, _ strange: String) -> Bool {
        func bare(_ error: RPCError?) -> String {
            guard let error else { return "OK" }
            let info = error.detail(ErrorInfo.self).map { "\($0.reason) \($0.metadata.sorted { $0.key < $1.key })" } ?? ""
            let resource = error.detail(ResourceInfo.self).map { "\($0.resourceType) \($0.resourceName)" } ?? ""
            let types = error.details.map(\.typeURL)
            var text = "\(error.code) \(error.message) \(info) \(resource) \(violations(error)) \(types)"
            for id in others.all + [strange] where !id.isEmpty { text = text.replacing(id, with: "ID") }
            return text
        }
        return bare(one) == bare(two)
    }

    private func summary(_ error: RPCError?) -> String { form.summary(error) }
    private func told(_ error: RPCError?) -> String { form.told(error) }
}
