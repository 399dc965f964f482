import GRPC

/// Lets in whom the method's contract lets in.
struct AuthorisationInterceptor: ServerInterceptor {
    let table: AccessTable
    /// A proxy's fallback: methods the table does not know are for every verified caller; their service judges.
    let passesThrough: Bool

    func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
        if let rule = table.rules[context.method.path] {
            if let refusal = rule.refusal(for: context.optionalPrincipal) { throw refusal }
        } else if passesThrough {
            _ = try context.principal
        }
        // An unknown method elsewhere is the router's to answer, with UNIMPLEMENTED.
        try await next()
    }
}
