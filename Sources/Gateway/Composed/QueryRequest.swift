import Protobuf

extension Schema {
    /// The request whose fields a query's parameters are.
    /// - Parameter taken: fields that are no parameters.
    func request<Request: Message>(_ query: QueryString, except taken: Set<String> = []) throws -> Request {
        var object = JSONObject()
        try bind(query, of: Request.typeName, except: taken, in: &object)
        do {
            return try Request(json: JSONValue.object(object).bytes)
        } catch {
            throw Problem.invalid("PARAMETER_INVALID", "\(error)", field: error.path)
        }
    }
}
