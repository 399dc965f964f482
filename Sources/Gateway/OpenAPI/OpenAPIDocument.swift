import GRPC

/// `/openapi.json` (OpenAPI 3.1), derived from the contracts: one operation for each binding, one schema for each message
/// and enumeration they reach, comments as descriptions.
struct OpenAPIDocument {
    let schema: Schema
    /// Paths written by hand, beside those of the contracts.
    let extraPaths: [(path: String, item: JSONValue)]

    func json() throws -> JSONValue {
        var paths = JSONObject()
        for (path, item) in extraPaths { paths[path] = item }
        var reached: [String] = []
        for service in schema.services {
            for method in service.methods where !method.clientStreams {
                for (index, binding) in method.bindings.enumerated() {
                    let template = try PathTemplate(binding.path)
                    let operation = OpenAPIOperation(
                        schema: schema, method: method, binding: binding, template: template, number: index)
                    var item = JSONObject()
                    if case .object(let existing)? = paths[template.openAPIPath] { item = existing }
                    item[binding.httpMethod.lowercased()] = operation.json(reached: &reached)
                    paths[template.openAPIPath] = .object(item)
                }
            }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Switchboard",
                "version": "1",
                "description": "The JSON face of Switchboard's services. Errors are application/problem+json (RFC 9457).",
            ],
            "servers": [["url": "/"]],
            "tags": .array(schema.services.map(tag)),
            "paths": .object(paths),
            "components": [
                "schemas": components(reached),
                "securitySchemes": ["bearer": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"]],
                "responses": ["Problem": Self.problemResponse],
            ],
            "security": [["bearer": []]],
        ]
    }

    private func tag(_ service: ServiceSchema) -> JSONValue {
        ["name": .string(String(service.name.split(separator: ".").last ?? "")), "description": .string(service.comment)]
    }

    /// Every type that the operations name, and those that these name in turn.
    private func components(_ roots: [String]) -> JSONValue {
        var components = JSONObject([("Problem", Self.problem)])
        var queue = roots[...]
        while let name = queue.popFirst() {
            let key = OpenAPITypes.key(name)
            guard components[key] == nil else { continue }
            if let message = schema.messages[name] {
                let types = OpenAPITypes(schema: schema)
                components[key] = types.object(message)
                queue += types.references(of: message)
            } else if let enumeration = schema.enums[name] {
                components[key] = OpenAPITypes.enumeration(enumeration)
            }
        }
        return .object(components)
    }

    private static let problemResponse: JSONValue = [
        "description": "The request failed.",
        "headers": ["X-Request-Id": ["schema": ["type": "string"]]],
        "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
    ]

    private static let problem: JSONValue = [
        "type": "object",
        "description": "An error (RFC 9457).",
        "required": ["type", "title", "status", "detail", "code", "reason", "domain", "requestId"],
        "properties": [
            "type": ["type": "string", "format": "uri"],
            "title": ["type": "string"],
            "status": ["type": "integer", "description": "The HTTP status."],
            "detail": ["type": "string"],
            "instance": ["type": "string"],
            "code": ["type": "string", "description": "The gRPC code."],
            "reason": ["type": "string", "description": "What clients switch on."],
            "domain": ["type": "string", "description": "Who says so."],
            "metadata": ["type": "object", "additionalProperties": ["type": "string"]],
            "violations": [
                "type": "array",
                "items": [
                    "type": "object",
                    "properties": [
                        "field": ["type": "string"], "description": ["type": "string"], "reason": ["type": "string"],
                    ],
                ],
            ],
            "requestId": ["type": "string"],
        ],
    ]
}
