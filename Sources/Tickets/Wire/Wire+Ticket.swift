import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import TicketsV1
import WallTime

// Values of the domain as values of the contract. The other way is TicketReading's.

extension TicketView {
    static let conversationsMax = 100

    var wire: TicketsV1.Ticket {
        let (t, fields) = (ticket, ticket.fields)
        var wire = TicketsV1.Ticket(
            ticketID: t.id.text, etag: ETag(t.version).description, number: t.number,
            sequence: Int32(clamping: t.sequence),
            status: t.status.wire, statusReason: t.statusReason, subject: fields.subject,
            description: fields.description,
            type: fields.type.wire, requesterID: fields.requesterID.text,
            serviceID: fields.serviceID.text,
            categoryID: fields.categoryID.text, priorityID: fields.priorityID.text)
        wire.assigneeID = fields.assigneeID.text
        wire.assigneeFollows = t.assigneeFollows
        wire.departmentID = fields.departmentID.text
        wire.labels = fields.labels
        wire.waitingOn = t.waitingOn.wire
        wire.conversations = conversations.prefix(Self.conversationsMax).map {
            TicketsV1.TicketConversation(
                conversationID: $0.id.text, closed: $0.isClosed, linkTime: Timestamp($0.linked))
        }
        wire.policyID = t.policyID.text
        wire.mergedIntoTicketID = t.mergedInto.text
        wire.followUpOfTicketID = t.followUpOf.text
        wire.splitFromTicketID = t.splitFrom.text
        wire.missingOnClose = settings.missing(in: t)
        wire.createTime = Timestamp(t.created)
        wire.updateTime = Timestamp(t.updated)
        wire.resolveTime = t.resolved.map { Timestamp($0) }
        wire.endTime = t.ended.map { Timestamp($0) }
        if t.status == .resolved {
            wire.reopenExpireTime = t.resolved.map {
                Timestamp(Reopening.end(resolved: $0, within: settings.reopenWithin))
            }
        }
        // A clock without a target is nobody's promise.
        let promised = ClockKind.allCases.compactMap { clocks.clocks[$0] }.filter {
            $0.current.terms != nil
        }
        wire.clocks = promised.map(\.wire)
        wire.estimatedResolutionTime = promised.first { $0.kind == .resolution }?.due.map {
            Timestamp($0)
        }
        return wire
    }
}

extension TicketClock {
    var wire: TicketsV1.TicketClock {
        TicketsV1.TicketClock(
            kind: kind.wire, state: current.state.wire, policyID: (current.terms?.policyID).text,
            calendarID: (current.terms?.calendar?.key.calendarID).text,
            target: current.terms.map { .init($0.target) },
            consumed: .init(log.consumed(at: log.current.time)),
            measureTime: Timestamp(log.current.time), startTime: Timestamp(start),
            warningTime: warning.map { Timestamp($0) },
            dueTime: due.map { Timestamp($0) }, warnedTime: warned.map { Timestamp($0) },
            breachTime: breached.map { Timestamp($0) },
            endTime: isLive ? nil : Timestamp(log.current.time))
    }
}

extension Comment {
    /// - Parameter ticket: the ticket in which it is shown.
    func wire(in ticket: UUID) -> TicketsV1.Comment {
        TicketsV1.Comment(
            commentID: id.text, ticketID: ticket.text, visibility: isPublic ? .public : .internal,
            text: text,
            attachmentIDs: attachmentIDs.map(\.text), author: author.wire, createTime: Timestamp(created),
            mergedFromTicketID: ticketID == ticket ? "" : ticketID.text)
    }
}

extension HistoryEntry {
    var wire: TicketHistoryEntry {
        TicketHistoryEntry(
            number: Int32(clamping: number), kind: kind, occurTime: Timestamp(time), actor: actor.wire,
            reason: reason,
            changes: changes.map {
                TicketsV1.FieldChange(path: $0.path, before: $0.before, after: $0.after)
            })
    }
}

extension TicketLink {
    var wire: TicketsV1.TicketLink {
        TicketsV1.TicketLink(
            linkID: id.text, ticketID: ticketID.text, targetTicketID: targetID.text, kind: kind.wire,
            actor: actor.wire,
            createTime: Timestamp(created))
    }
}

extension TicketMerge {
    var wire: TicketsV1.TicketMerge {
        TicketsV1.TicketMerge(
            mergeID: id.text, etag: ETag(version).description, survivingTicketID: survivingID.text,
            mergedTicketID: mergedID.text, actor: actor.wire, reason: reason,
            mergeTime: Timestamp(merged),
            conversationIDs: conversationIDs.map(\.text), undoTime: undone.map { Timestamp($0.time) },
            undoActor: undone?.actor.wire)
    }
}
