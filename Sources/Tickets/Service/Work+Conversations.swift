import ConversationsV1
import EventLog
import FoundationEssentials
import Protobuf
import ServiceRuntime
import WallTime

extension Work {
    static let linkJob = "link-ticket"
    static let warnJob = "warn-of-sla"

    /// Tells the living conversations of a ticket what they carry of it, where that is no longer what they know (C24). The call is a
    /// job of this transaction: its id, made from ticket, version and conversation, is the call's request id.
    func tellConversations(_ open: OpenTicket) async throws {
        let settings = try await settings()
        let after = settings.missing(in: open.ticket)
        let isKnown =
            open.before.map { before in
                settings.missing(in: before) == after
                    && before.fields.serviceID == open.ticket.fields.serviceID
            } ?? false
        let jobs = open.conversations.filter {
            !$0.isClosed && (!isKnown || open.newlyLinked.contains($0.id))
        }.map {
            link($0.id, to: open.ticket, missing: after)
        }
        surroundings.jobs.enqueue(jobs, in: transaction)
    }

    /// What must be filled before closing is asked by the tenant's settings, and these have changed.
    func tellRequired(_ open: OpenTicket) async throws {
        let missing = try await settings().missing(in: open.ticket)
        let jobs = open.conversations.filter { !$0.isClosed }.map {
            link($0.id, to: open.ticket, missing: missing)
        }
        surroundings.jobs.enqueue(jobs, in: transaction)
    }

    /// Who serves the ticket's living conversations is told that a time is about to pass (C50).
    func warnConversations(_ open: OpenTicket, _ clock: ClockKind, at time: Instant) {
        let jobs = open.conversations.filter { !$0.isClosed }.map { conversation in
            NewJob(
                tenantID: tenantID, kind: Self.warnJob,
                cause: "\(open.ticket.id.text)/\(clock.rawValue)/\(time)/\(conversation.id.text)",
                payload: WarnOfSlaRequest(conversationID: conversation.id.text).serialized(),
                orderingKey: conversation.id)
        }
        surroundings.jobs.enqueue(jobs, in: transaction)
    }

    private func link(_ conversation: UUID, to ticket: Ticket, missing: [String]) -> NewJob {
        let request = LinkTicketRequest(
            conversationID: conversation.text, ticketID: ticket.id.text,
            serviceType: ticket.fields.serviceID.text,
            missingOnClose: missing, ticketNumber: ticket.number)
        return NewJob(
            tenantID: tenantID, kind: Self.linkJob,
            cause:
                "\(ticket.id.text)/\(ticket.version)/\(conversation.text)/\(missing.joined(separator: ","))",
            payload: request.serialized(), orderingKey: conversation)
    }
}
