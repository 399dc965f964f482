import ConversationsV1
import GRPC
import HTTPTypes

/// `GET /v1/stream`: an agent's browser.
struct AgentStream: EdgeHandler {
    let stream: LiveStream
    let conversations: ConversationsServiceClient
    let gate: Gate

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        guard exchange.accept.best(of: [.eventStream]) != nil else { throw Problem.notAcceptable(offers: [.eventStream]) }
        let caller = try await gate.caller(exchange)
        guard caller.kind == .agent else {
            throw Problem(403, .permissionDenied, reason: "PERMISSION_DENIED", detail: "This stream is for agents.")
        }
        let viewer = try await viewer(exchange, caller)
        return try stream.answer(
            exchange,
            LiveStream.Listener(
                tenantID: caller.tenantID,
                agentID: viewer.agentID,
                services: viewer.sight.services,
                expiresAt: caller.expiresAt,
                expiryEvent: "reset",
                render: { $0.sent(to: viewer) },
                rightsHold: { await rightsHold(viewer, exchange, caller) }
            ))
    }

    private func viewer(_ exchange: Exchange, _ caller: Caller) async throws -> Viewer {
        var options = exchange.callOptions(token: exchange.bearerToken)
        options.deadline = .now.advanced(by: CallOptions.optionalPartTimeout * 2)
        return Viewer(try await conversations.getScope(GetScopeRequest(), options), caller.sight)
    }

    /// A service that does not answer has taken no rights away.
    private func rightsHold(_ viewer: Viewer, _ exchange: Exchange, _ caller: Caller) async -> Bool {
        do {
            return try await self.viewer(exchange, caller) == viewer
        } catch let error as RPCError {
            return ![.unauthenticated, .permissionDenied, .notFound].contains(error.code)
        } catch {
            return true
        }
    }
}

/// `GET /widget/v1/events`: a visitor's widget, with its token or with a ticket in the query, because EventSource sends no
/// headers.
struct VisitorStream: EdgeHandler {
    let stream: LiveStream
    let gate: Gate

    /// A stream opened with a ticket ends after this; the widget then asks for a new ticket.
    static let ticketStreamMax: Int64 = 15 * 60

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        guard exchange.accept.best(of: [.eventStream]) != nil else { throw Problem.notAcceptable(offers: [.eventStream]) }
        var caller: Caller
        if exchange.bearerToken == nil, let ticket = exchange.query["ticket"] {
            caller = try await gate.caller(ofTicket: ticket, exchange)
            caller.expiresAt = UnixTime.now + Self.ticketStreamMax
        } else {
            caller = try await gate.caller(exchange)
        }
        guard caller.kind == .visitor, !caller.visitorID.isEmpty else {
            throw Problem(403, .permissionDenied, reason: "PERMISSION_DENIED", detail: "This stream is for visitors.")
        }
        let (visitor, account) = (caller.visitorID, caller.channelAccountID)
        return try stream.answer(
            exchange,
            LiveStream.Listener(
                tenantID: caller.tenantID,
                services: [NewsService.conversations.rawValue],
                expiresAt: caller.expiresAt,
                expiryEvent: "session_expired",
                render: { $0.sent(toVisitor: visitor, account: account) },
                rightsHold: { true }
            ))
    }
}
