import ConversationsV1
import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import WallTime

/// Turns rows into what the contract says, with the names the directory has for their ids.
struct Wire: Sendable {
    let directory: Directory

    /// - Parameter rules: its account's, from which the end of its reply window follows.
    func conversation(_ c: Conversation, rules: ChannelRules) -> ConversationsV1.Conversation {
        var wire = ConversationsV1.Conversation()
        wire.conversationID = c.id.text
        wire.etag = ETag(c.version).description
        wire.state = .init(c.state)
        wire.stateReason = .init(c.state)
        wire.inactive = c.state.isInactive
        wire.channel = c.channel.wire
        wire.channelName = rules.channelName
        wire.channelAccountID = c.channelAccountID.text
        wire.contactID = c.contactID.text
        wire.customerAddress = c.address
        wire.customerName = c.customerName
        wire.departmentID = c.departmentID?.text ?? ""
        wire.departmentName = directory.departmentName(c.departmentID)
        wire.assigneeID = c.assigneeID?.text ?? ""
        wire.assigneeName = directory.agentName(c.assigneeID)
        wire.lastAssigneeID = c.lastAssigneeID?.text ?? ""
        wire.ticketID = c.ticketID?.text ?? ""
        wire.ticketNumber = c.ticketNumber
        wire.serviceType = c.serviceType
        wire.labels = c.labels
        wire.priority = ConversationsV1.Priority(rawValue: Int32(c.priority))
        wire.outcome = c.outcome
        wire.subject = c.subject
        wire.arrivalTime = Timestamp(c.arrival)
        wire.startTime = c.started.map { Timestamp($0) }
        wire.lastMessageTime = c.lastMessage.map { Timestamp($0) }
        wire.createTime = Timestamp(c.created)
        wire.updateTime = Timestamp(c.updated)
        wire.closeTime = c.closed.map { Timestamp($0) }
        wire.replyWindowExpireTime = c.window.expireTime(length: rules.window(bot: false)).map { Timestamp($0) }
        wire.autoCloseTime = c.autoClose.map { Timestamp($0) }
        wire.remindTime = c.remind.map { Timestamp($0) }
        wire.waitingOn = c.waitingOn.wire
        wire.waitingSinceTime = c.waitingSince.map { Timestamp($0) }
        wire.unread = c.unread
        wire.attention = c.attention
        wire.badge = Unread.badge(count: c.unread, attention: c.attention)
        wire.firstLine = c.firstLine
        wire.lastLine = c.lastLine
        wire.lastSeq = c.lastSeq
        wire.continuedFrom = c.continuedFrom?.text ?? ""
        wire.customerReadSeq = c.customerReadSeq
        wire.assigneeReadSeq = c.readSeq
        wire.failedMessage = c.failedMessage
        wire.blocked = c.blocked
        wire.transferReason = c.transferReason
        wire.routeMethod = c.routeMethod?.wire ?? .unspecified
        wire.survey = c.survey.map {
            ConversationsV1.Survey(
                askTime: Timestamp($0.asked), score: Int32($0.score ?? 0), answerTime: $0.answered.map { Timestamp($0) })
        }
        wire.clocks = clocks(of: c)
        return wire
    }

    private func clocks(of c: Conversation) -> ConversationsV1.ChatClocks {
        ConversationsV1.ChatClocks(
            queueWait: GoogleProtobuf.Duration(c.clocks.queueWait),
            firstCustomerTime: c.clocks.firstCustomer.map { Timestamp($0) },
            firstResponse: c.clocks.firstResponse.map { GoogleProtobuf.Duration($0) }, answers: c.clocks.answers,
            answerWait: GoogleProtobuf.Duration(c.clocks.answerWait),
            answerWaitMax: GoogleProtobuf.Duration(c.clocks.answerWaitMax),
            customerWait: GoogleProtobuf.Duration(c.clocks.customerWait),
            resolution: c.closed.map { GoogleProtobuf.Duration(max(.zero, c.created.duration(to: $0))) })
    }

    func actor(_ actor: Author) -> ConversationsV1.Actor {
        var name = actor.name
        if name.isEmpty, actor.kind == .agent { name = directory.agentName(UUID(id: actor.id)) }
        return ConversationsV1.Actor(kind: actor.kind.wire, actorID: actor.id, displayName: name)
    }

    func history(_ entry: HistoryEntry) -> ConversationsV1.HistoryEntry {
        var wire = ConversationsV1.HistoryEntry()
        wire.number = entry.number
        wire.kind = entry.kind
        wire.occurTime = Timestamp(entry.time)
        wire.actor = actor(entry.actor)
        wire.stateBefore = entry.before.map { .init($0) } ?? .unspecified
        wire.stateAfter = .init(entry.after)
        wire.reasonAfter = .init(entry.after)
        wire.assigneeBefore = entry.assigneeBefore?.text ?? ""
        wire.assigneeAfter = entry.assigneeAfter?.text ?? ""
        wire.departmentBefore = entry.departmentBefore?.text ?? ""
        wire.departmentAfter = entry.departmentAfter?.text ?? ""
        wire.note = entry.note
        wire.forced = entry.forced
        return wire
    }

    func slot(_ slot: AgentSlot) -> ConversationsV1.AgentSlot {
        ConversationsV1.AgentSlot(
            agentID: slot.agentID.text, displayName: directory.agentName(slot.agentID),
            pool: slot.pool.rawValue, load: slot.load, loadMax: slot.loadMax)
    }
}

// MARK: - For the visitor

extension Wire {
    func visitorConversation(_ c: Conversation) -> ConversationsV1.VisitorConversation {
        var wire = ConversationsV1.VisitorConversation()
        wire.conversationID = c.id.text
        wire.state =
            switch c.state {
            case .automated, .queued, .offered: .waiting
            case .open, .pending: .active
            case .expired: .unavailable
            case .closed: .ended
            }
        if c.state == .open || c.state.name == "pending" {
            wire.agentName = directory.agentName(c.assigneeID)
        }
        wire.lastSeq = c.lastSeq
        wire.readSeq = c.customerReadSeq
        wire.agentReadSeq = c.readSeq
        return wire
    }

    func visitorMessage(_ m: Message, _ files: [Attachment]) -> ConversationsV1.VisitorMessage {
        var wire = ConversationsV1.VisitorMessage()
        wire.messageID = m.id.text
        wire.conversationID = m.conversationID.text
        wire.seq = m.seq
        wire.author = m.author.kind.wire
        wire.authorName = m.author.kind == .customer ? "" : m.author.name
        wire.text = m.text
        wire.attachments = files.map(attachment)
        wire.createTime = Timestamp(m.created)
        if m.direction == .inbound {
            wire.clientMessageID = VisitorMessageID.clientID(of: m.providerMessageID)
        }
        wire.deliveryStatus = m.delivery.wire
        return wire
    }
}
