import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import Synchronization

@testable import Channels

/// Conversations as far as channels asks and tells it: a message moves forward once, and a request id is answered once.
final class FakeConversations: ConversationBook {
    private struct State {
        var messages: [UUID: Message] = [:]
        var addresses: [UUID: String] = [:]
        var refusal: String?
        var answers: [UUID: CheckHandoverResponse] = [:]
        var reports: [UUID: ReportDeliveryRequest] = [:]
        /// Moves that took effect, in their order.
        var moves: [(id: UUID, status: DeliveryStatus, reason: String)] = []
        var checks = 0
        var failures = 0
    }

    private let state = Mutex(State())

    func add(_ message: Message, to address: String) {
        state.withLock { state in
            guard let id = UUID(id: message.messageID), let conversation = UUID(id: message.conversationID) else { return }
            state.messages[id] = message
            state.addresses[conversation] = address
        }
    }

    /// From now on nothing may go out, for this reason.
    func refuse(_ reason: String?) { state.withLock { $0.refusal = reason } }
    /// The next so many calls find nobody.
    func fail(_ count: Int) { state.withLock { $0.failures = count } }

    var moves: [(id: UUID, status: DeliveryStatus, reason: String)] { state.withLock(\.moves) }
    var checks: Int { state.withLock(\.checks) }
    func moves(of id: UUID) -> [DeliveryStatus] { moves.filter { $0.id == id }.map(\.status) }

    private static func answer(_ state: inout State) throws {
        guard state.failures > 0 else { return }
        state.failures -= 1
        throw RPCError(code: .unavailable, message: "nobody is there")
    }

    func checkHandover(_ messageID: UUID, requestID: UUID, tenantID: UUID) async throws -> CheckHandoverResponse {
        try state.withLock { state in
            try Self.answer(&state)
            state.checks += 1
            if let known = state.answers[requestID] { return known }
            guard let message = state.messages[messageID] else { throw RPCError(code: .notFound, message: "no such message") }
            var response = CheckHandoverResponse(allowed: false, reason: message.failureReason, message: message)
            if message.deliveryStatus == .accepted {
                if let reason = state.refusal {
                    Self.move(messageID, .failed, reason, "", &state)
                    response = CheckHandoverResponse(allowed: false, reason: reason, message: state.messages[messageID])
                } else {
                    response.allowed = true
                }
            }
            state.answers[requestID] = response
            return response
        }
    }

    func address(in conversationID: UUID, tenantID: UUID) async throws -> String {
        try state.withLock { state in
            try Self.answer(&state)
            return state.addresses[conversationID] ?? ""
        }
    }

    func providerID(of messageID: UUID, in conversationID: UUID, tenantID: UUID) async throws -> String {
        state.withLock { $0.messages[messageID]?.providerMessageID ?? "" }
    }

    func report(_ request: ReportDeliveryRequest, tenantID: UUID) async throws {
        try state.withLock { state in
            try Self.answer(&state)
            guard let id = UUID(id: request.messageID), let requestID = UUID(id: request.requestID), state.messages[id] != nil
            else { throw RPCError(code: .notFound, message: "no such message") }
            if let known = state.reports[requestID] {
                guard known == request else { throw RPCError(code: .failedPrecondition, message: "REQUEST_ID_REUSED") }
                return
            }
            state.reports[requestID] = request
            Self.move(id, request.status, request.failureReason, request.providerMessageID, &state)
        }
    }

    private static func move(_ id: UUID, _ status: DeliveryStatus, _ reason: String, _ providerID: String, _ state: inout State) {
        guard let old = state.messages[id]?.deliveryStatus, old == .accepted || old == .sent, old != status else { return }
        state.messages[id]?.deliveryStatus = status
        state.messages[id]?.failureReason = reason
        state.messages[id]?.providerMessageID = providerID
        state.moves.append((id, status, reason))
    }
}

/// Dies once, or so often, at one of the moments between two steps of a message's way.
final class Death: Sendable {
    enum Point: String, CaseIterable, Sendable {
        case beforeHandover, afterHandover, beforeSend, afterSend, beforeReport, afterReport
    }

    struct Killed: Error {}

    private let left: Mutex<[Point: Int]>

    init(_ points: [Point: Int] = [:]) { left = Mutex(points) }

    var isDone: Bool { left.withLock { $0.values.allSatisfy { $0 == 0 } } }

    func pass(_ point: Point) throws {
        let dies = left.withLock { left in
            guard let count = left[point], count > 0 else { return false }
            left[point] = count - 1
            return true
        }
        if dies { throw Killed() }
    }
}

struct MortalConversations: ConversationBook {
    let book: FakeConversations
    let death: Death

    func checkHandover(_ messageID: UUID, requestID: UUID, tenantID: UUID) async throws -> CheckHandoverResponse {
        try death.pass(.beforeHandover)
        let answer = try await book.checkHandover(messageID, requestID: requestID, tenantID: tenantID)
        try death.pass(.afterHandover)
        return answer
    }

    func address(in conversationID: UUID, tenantID: UUID) async throws -> String {
        let address = try await book.address(in: conversationID, tenantID: tenantID)
        try death.pass(.beforeSend)
        return address
    }

    func providerID(of messageID: UUID, in conversationID: UUID, tenantID: UUID) async throws -> String {
        try await book.providerID(of: messageID, in: conversationID, tenantID: tenantID)
    }

    func report(_ request: ReportDeliveryRequest, tenantID: UUID) async throws {
        try death.pass(.beforeReport)
        try await book.report(request, tenantID: tenantID)
        try death.pass(.afterReport)
    }
}
