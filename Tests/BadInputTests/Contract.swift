import GRPC
import Protobuf

@testable import Gateway

typealias JSON = Gateway.JSONValue

/// What the contracts say, read from the descriptors that the generated code carries: a new method or field is there without
/// anybody thinking of it.
struct Contract: Sendable {
    let schema: Schema

    init() throws {
        schema = try Edge.schema()
    }

    subscript(method: MethodDescriptor) -> MethodSchema {
        guard
            let found = schema.services.first(where: { $0.name == method.service })?.methods
                .first(where: { $0.name == method.method })
        else { preconditionFailure("\(method.path) is in no contract") }
        return found
    }

    /// Codes and reasons that a method may answer: those of its comment, of its service's, and of the service that this one
    /// refers to ("The errors of ConversationsService apply.").
    func documented(_ method: MethodDescriptor) -> Set<String> {
        let words = schema.services.first { $0.name == method.service }.map(\.comment) ?? ""
        var text = self[method].comment + "\n" + words
        for other in schema.services where words.words.contains(["errors", "of", other.name.split(separator: ".").last ?? ""]) {
            text += "\n" + other.comment
        }
        return Set(text.matches(of: /\b[A-Z][A-Z0-9_]{4,}[A-Z0-9]\b/).map { String($0.output) })
    }

    /// Every field that a request of this type may set, at any depth; the first element stands for a list.
    func fields(of type: String) -> [RequestField] {
        var found: [RequestField] = []
        collect(type, [], "", [], &found)
        return found
    }

    private func collect(
        _ type: String, _ steps: [RequestField.Step], _ prefix: String, _ above: Set<String>, _ found: inout [RequestField]
    ) {
        guard !above.contains(type), let message = schema.messages[type] else { return }
        for field in message.fields {
            // An update says by the thing's own id, and its etag, which one is meant.
            let isUpdate = steps.count == 1 && above.contains { $0.contains(".Update") }
            let hasTagOfItsOwn = above.contains { schema.messages[$0]?.field(named: "etag") != nil }
            let namesThing =
                isUpdate && (field.name == "etag" ? !hasTagOfItsOwn : field.name.names(type))
            if field.behaviors.contains(.outputOnly), !namesThing { continue }
            let rivals = message.fields.filter { $0.oneof != nil && $0.oneof == field.oneof && $0.name != field.name }
            let step = RequestField.Step.member(field.jsonName, rivals: rivals.map(\.jsonName))
            var path = steps + [step]
            var name = prefix + field.name
            found.append(RequestField(steps: path, name: name, field: field))
            guard case .message(let inner) = field.kind, WellKnownType(rawValue: inner) == nil else { continue }
            if let entry = schema.messages[inner], entry.isMapEntry {
                guard let value = entry.field(named: "value"), case .message(let inside) = value.kind else { continue }
                collect(inside, path + [.entry], name + ".plan.", above.union([type]), &found)
                continue
            }
            if field.isRepeated {
                path.append(.element)
                name += "[0]"
            }
            collect(inner, path, name + ".", above.union([type]), &found)
        }
    }

    func isMap(_ field: FieldSchema) -> Bool {
        guard case .message(let name) = field.kind else { return false }
        return schema.messages[name]?.isMapEntry ?? false
    }
}

extension String {
    /// `contact_id` names a Contact, `policy_id` an SlaPolicy.
    fileprivate func names(_ type: String) -> Bool {
        guard hasSuffix("_id"), let name = type.split(separator: ".").last else { return false }
        return name.lowercased().hasSuffix(dropLast(3).replacing("_", with: ""))
    }

    fileprivate var words: [Substring] { split { !$0.isLetter } }
}

/// A field of a request, and the way to it from the request's top.
struct RequestField: Sendable {
    enum Step: Sendable {
        /// A member of an object; its rivals in a oneof give way.
        case member(String, rivals: [String])
        case element
        case entry
    }

    let steps: [Step]
    /// As field violations name it: `contact.attributes.plan.text`.
    let name: String
    let field: FieldSchema

    /// The request with this value in the field; one given as nil is taken away.
    func setting(_ value: JSON?, in request: JSON) -> JSON { Self.setting(value, steps[...], request) ?? .null }

    /// It stands inside one of several alternatives, as what is done to each of many.
    var isOfAnAlternative: Bool {
        if case .member(_, let rivals)? = steps.first { !rivals.isEmpty } else { false }
    }

    /// What a request has in the field; nil inside lists and maps.
    func value(in request: JSON) -> JSON? {
        steps.reduce(request as JSON?) { json, step in
            if case .member(let name, _) = step { json?[name] } else { nil }
        }
    }

    private static func setting(_ value: JSON?, _ steps: ArraySlice<Step>, _ json: JSON?) -> JSON? {
        guard let step = steps.first else { return value }
        switch step {
        case .member(let name, let rivals):
            var object = JSONObject()
            if case .object(let present)? = json { object = present }
            for rival in rivals { object[rival] = nil }
            object[name] = setting(value, steps.dropFirst(), object[name])
            return .object(object)
        case .element:
            let present = json?.arrayValue ?? []
            guard let first = setting(value, steps.dropFirst(), present.first) else { return .array([]) }
            return .array([first] + present.dropFirst())
        case .entry:
            var object = JSONObject()
            if case .object(let present)? = json { object = present }
            let key = object.members.first?.name ?? "plan"
            object[key] = setting(value, steps.dropFirst(), object[key])
            return .object(object)
        }
    }
}
