import GRPC

/// What is known of one HTTP route before its first request: derived from the contract once, at start.
struct TranscodingPlan: Sendable {
    let method: MethodSchema
    let binding: MethodSchema.Binding
    /// How the request takes its idempotency key.
    let requestID: Need
    let etag: EtagPlace
    /// Fields of the request that are in the path, in the contract's spelling.
    let pathFields: Set<String>
    /// The message inside the request's body, "" without one.
    let bodyMessage: String
    /// The field mask of a PATCH, in JSON's spelling.
    let updateMask: String?
    /// The answer is a page of a list.
    let isPage: Bool
    /// The answer has no fields.
    let isEmptyAnswer: Bool
    /// The method checks its caller itself.
    let isOpen: Bool

    enum Need: Sendable { case none, optional, required }

    /// Where a request carries the version it expects.
    enum EtagPlace: Sendable, Hashable {
        case none
        case request(isRequired: Bool)
        /// In the resource that the body is.
        case resource(field: String)
    }

    init(_ method: MethodSchema, _ binding: MethodSchema.Binding, template: PathTemplate, schema: Schema) {
        self.method = method
        self.binding = binding
        let input = schema[message: method.input]
        let output = schema[message: method.output]
        requestID = input.need("request_id")
        pathFields = Set(template.variables.map { $0.fieldPath.joined(separator: ".") })
        var bodyMessage = binding.body == "*" ? method.input : ""
        var etag = input.field(named: "etag").map { EtagPlace.request(isRequired: $0.behaviors.contains(.required)) }
        if !binding.body.isEmpty, binding.body != "*", let field = input.field(named: binding.body),
            case .message(let name) = field.kind
        {
            bodyMessage = name
            if etag == nil, binding.httpMethod != "POST", schema[message: name].field(named: "etag") != nil {
                etag = .resource(field: field.jsonName)
            }
        }
        self.bodyMessage = bodyMessage
        self.etag = etag ?? .none
        updateMask =
            binding.httpMethod == "PATCH"
            ? input.fields.first { $0.kind == .message(WellKnownType.fieldMask.rawValue) }?.jsonName : nil
        isPage = output.field(named: "next_page_token") != nil
        isEmptyAnswer = output.fields.isEmpty
        isOpen = method.isOpen
    }

    /// A POST to a collection makes something; a custom method (`:verb`) does not.
    var makesResource: Bool {
        binding.httpMethod == "POST" && !(binding.path.split(separator: "/").last ?? "").contains(":")
    }

    /// Status of a success.
    var successStatus: Int {
        if binding.httpMethod == "DELETE" && isEmptyAnswer { return 204 }
        return makesResource && !isEmptyAnswer ? 201 : 200
    }
}

extension MessageSchema {
    fileprivate func need(_ name: String) -> TranscodingPlan.Need {
        guard let field = field(named: name) else { return .none }
        return field.behaviors.contains(.required) ? .required : .optional
    }
}
