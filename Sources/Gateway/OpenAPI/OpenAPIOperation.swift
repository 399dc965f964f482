/// One operation of `/openapi.json`: an RPC at one of its HTTP bindings.
struct OpenAPIOperation {
    let schema: Schema
    let method: MethodSchema
    let binding: MethodSchema.Binding
    let template: PathTemplate
    /// Of the binding among the method's; the first one has the plain operation id.
    let number: Int

    private var types: OpenAPITypes { OpenAPITypes(schema: schema) }
    private var input: MessageSchema { schema[message: method.input] }

    func json(reached: inout [String]) -> JSONValue {
        var operation = JSONObject([
            ("operationId", .string(method.operationID + (number == 0 ? "" : "_\(number + 1)"))),
            ("tags", [.string(String(method.service.split(separator: ".").last ?? ""))]),
            ("summary", .string(String(method.comment.prefix { $0 != "\n" }))),
            ("description", .string(method.comment)),
            ("parameters", .array(parameters(reached: &reached))),
        ])
        if !binding.body.isEmpty { operation["requestBody"] = body(reached: &reached) }
        operation["responses"] = responses(reached: &reached)
        if method.isOpen { operation["security"] = [] }
        return .object(operation)
    }

    // MARK: - Parameters

    private func parameters(reached: inout [String]) -> [JSONValue] {
        var parameters: [JSONValue] = template.variables.map { variable in
            let field = field(at: variable.fieldPath)
            return parameter(variable.openAPIName, in: "path", isRequired: true, field)
        }
        if binding.body != "*" {
            for field in input.fields where !isTaken(field) { parameters += query(field, prefix: "", reached: &reached) }
        }
        if let field = input.field(named: "request_id") {
            parameters.append(
                header(
                    "Idempotency-Key", "The request's id: repeating it repeats the answer and not the effect.",
                    isRequired: field.behaviors.contains(.required) && binding.body != "*"))
        }
        if binding.httpMethod != "GET", input.field(named: "etag") != nil || binding.httpMethod == "PATCH" {
            parameters.append(header("If-Match", "The ETag the resource must still have.", isRequired: false))
        }
        return parameters
    }

    private func isTaken(_ field: FieldSchema) -> Bool {
        field.name == binding.body || ["request_id", "etag"].contains(field.name)
            || template.variables.contains { $0.fieldPath[0] == field.name }
    }

    /// A field as query parameters: itself, or those of its fields that fit into one.
    private func query(_ field: FieldSchema, prefix: String, reached: inout [String]) -> [JSONValue] {
        switch field.kind {
        case .message(let name) where WellKnownType(rawValue: name) == nil:
            guard !field.isRepeated, prefix.isEmpty, let message = schema.messages[name] else { return [] }
            return message.fields.flatMap { query($0, prefix: "\(field.jsonName).", reached: &reached) }
        case .enumeration(let name): reached.append(name)
        default: break
        }
        return [
            parameter(
                prefix + field.jsonName, in: "query", isRequired: field.behaviors.contains(.required) && prefix.isEmpty, field)
        ]
    }

    private func parameter(_ name: String, in place: String, isRequired: Bool, _ field: FieldSchema?) -> JSONValue {
        var parameter = JSONObject([("name", .string(name)), ("in", .string(place)), ("required", .bool(isRequired))])
        if let field {
            if !field.comment.isEmpty { parameter["description"] = .string(field.comment) }
            parameter["schema"] = .object(types.type(of: field))
        } else {
            parameter["schema"] = ["type": "string"]
        }
        return .object(parameter)
    }

    private func header(_ name: String, _ description: String, isRequired: Bool) -> JSONValue {
        [
            "name": .string(name), "in": "header", "required": .bool(isRequired), "description": .string(description),
            "schema": ["type": "string"],
        ]
    }

    private func field(at path: [String]) -> FieldSchema? {
        var message = input
        for name in path.dropLast() {
            guard case .message(let inner)? = message.field(named: name)?.kind, let next = schema.messages[inner] else {
                return nil
            }
            message = next
        }
        return message.field(named: path.last ?? "")
    }

    // MARK: - Body and answers

    private func body(reached: inout [String]) -> JSONValue {
        let type: JSONObject
        if binding.body == "*" {
            reached.append(method.input)
            type = types.type(of: .message(method.input))
        } else if let field = input.field(named: binding.body) {
            if case .message(let name) = field.kind { reached.append(name) }
            type = types.type(of: field)
        } else {
            type = JSONObject()
        }
        return ["required": true, "content": ["application/json": ["schema": .object(type)]]]
    }

    private func responses(reached: inout [String]) -> JSONValue {
        let plan = TranscodingPlan(method, binding, template: template, schema: schema)
        var success = JSONObject([("description", "OK")])
        if plan.successStatus != 204 {
            let type: JSONObject
            if let field = schema[message: method.output].field(named: binding.responseBody) {
                if case .message(let name) = field.kind { reached.append(name) }
                type = types.type(of: field)
            } else {
                reached.append(method.output)
                type = types.type(of: .message(method.output))
            }
            let contentType = method.serverStreams ? "text/event-stream" : "application/json"
            success["content"] = .object(JSONObject([(contentType, ["schema": .object(type)])]))
        }
        return .object(
            JSONObject([
                (String(plan.successStatus), .object(success)), ("default", ["$ref": "#/components/responses/Problem"]),
            ]))
    }
}
