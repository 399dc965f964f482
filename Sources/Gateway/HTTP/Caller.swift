import GRPC

/// Who a verified token speaks for, as far as the edge needs it. The services verify the token again.
struct Caller: Sendable, Hashable {
    var tenantID: String
    var subject: String
    var displayName: String
    var kind: Kind
    var roles: [String]
    /// What he is shown beside conversations.
    var sight: Sight = []
    /// When the token ends, in seconds since 1970.
    var expiresAt: Int64
    /// Claims of visitors: whose widget session this is.
    var visitorID = ""
    var channelAccountID = ""
    /// Origin of the page that opened a visitor's session.
    var origin = ""

    enum Kind: Sendable, Hashable {
        case agent
        case visitor
        /// Bots, integrators and services.
        case other
    }
}

extension Caller {
    /// A visitor's token is good for pages of the origin that his session was opened for. Browsers name it at every call to
    /// another origin; who is no browser could name any.
    func checkOrigin(of exchange: Exchange) throws {
        guard kind == .visitor, let named = exchange[.origin], named != origin else { return }
        throw Problem.forbiddenOrigin()
    }
}

/// Verifies tokens. Throws what the caller shall be told.
protocol Authenticating: Sendable {
    func caller(of token: String) async throws -> Caller
    /// A ticket that opens a stream, from its query.
    func caller(ofTicket ticket: String) async throws -> Caller
}

extension Exchange {
    /// What is sent on to the services: an explicit list, nothing else of the request's headers.
    func callOptions(token: String?) -> CallOptions {
        var metadata = Metadata()
        if let token, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            metadata.add("Bearer \(token)", for: "authorization")
        }
        metadata.add(requestID, for: "x-request-id")
        metadata.add(traceParent, for: "traceparent")
        if let state = headers[.traceState], state.utf8.count <= 512, state.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            metadata.add(state, for: "tracestate")
        }
        return CallOptions(deadline: deadline, metadata: metadata)
    }
}
