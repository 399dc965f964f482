import ConversationsV1
import EventLog
import FoundationEssentials
import ServiceRuntime
import WallTime

typealias ConversationsV1Conversation = ConversationsV1.Conversation

/// Keeps what is known of conversations, inside one transaction, with the reasons that follow from what changed.
struct Projection: Sendable {
    let store: RoutingStore
    let surroundings: Surroundings

    /// What an event tells: the row as it is now, and how an offer ended.
    func apply(_ event: ConversationEvent) async throws {
        let time = event.occurTime.map(Instant.init) ?? surroundings.clock.now
        if event.stateBefore == .offered, event.stateAfter != .offered { try await offerEnded(event) }
        guard let row = event.conversation else { return }
        try await learn(row, at: time)
        if event.stateBefore == .offered, event.stateAfter == .queued { try await rest(event, at: time) }
    }

    /// What conversations has answered, or told.
    /// - Parameter time: when it came to be so, if it is news.
    func learn(_ wire: ConversationsV1.Conversation, at time: Instant) async throws {
        guard let id = ConversationID(wire.conversationID) else { return }
        let known = try await store.lockedConversation(id)
        guard let row = ServedConversation(wire, known: known, at: time) else {
            guard let known else { return }
            try await store.deleteConversation(id)
            try await store.setTimer(.offer, id.uuid, at: nil)
            return try await changed(from: known, to: nil)
        }
        if let known, known.version > row.version { return }
        try await store.save(row)
        try await changed(from: known, to: row)
    }

    /// What waits for a decision after the change: its own queue, and those of whoever has room again.
    private func changed(from old: ServedConversation?, to new: ServedConversation?) async throws {
        var departments: Set<DepartmentID?> = []
        if let new, new.state == .queued, old.map({ $0.decides(unlike: new) }) ?? true { departments.insert(new.department) }
        if let old, old.takesSlot, let holder = old.assignee, new?.assignee != holder || !(new?.takesSlot ?? false) {
            departments.formUnion(try await store.agent(holder)?.fields.departments ?? [])
            departments.insert(nil)
        }
        try await surroundings.wantDispatch(of: departments, store)
        try await setOfferTimer(from: old, to: new)
        try await setRescueTimer(from: old, to: new)
    }

    /// C13: set with the message or the pausing, whichever comes later; gone with either.
    private func setRescueTimer(from old: ServedConversation?, to new: ServedConversation?) async throws {
        let (was, waits) = (old?.isPausedAndWaiting ?? false, new?.isPausedAndWaiting ?? false)
        guard was || waits, let id = new?.id ?? old?.id else { return }
        guard waits, let new else { return try await store.setTimer(.rescue, id.uuid, at: nil) }
        if was, old?.department == new.department, old?.stateTime == new.stateTime { return }
        try await store.setTimer(.rescue, id.uuid, at: Rescue.time(of: new, by: try await store.rules(of: new.department)))
        surroundings.timersChanged(in: store.transaction)
    }

    private func setOfferTimer(from old: ServedConversation?, to new: ServedConversation?) async throws {
        guard let new else { return }
        let isOffered = new.state == .offered
        guard isOffered != (old?.state == .offered) || isOffered && old?.assignee != new.assignee else { return }
        guard isOffered else { return try await store.setTimer(.offer, new.id.uuid, at: nil) }
        let rules = try await new.department.flatMapAsync { try await store.department($0)?.fields.rules } ?? DepartmentRules()
        try await store.setTimer(.offer, new.id.uuid, at: new.stateTime.advanced(by: .milliseconds(rules.offerTimeout)))
        surroundings.timersChanged(in: store.transaction)
    }

    /// Who declined is not offered it again for a while (C14). One that timed out is known already, from who took it back; one
    /// that was taken from somebody who left says nothing of him.
    private func rest(_ event: ConversationEvent, at time: Instant) async throws {
        guard let id = ConversationID(event.conversationID), let agent = event.offereeHimself,
            var row = try await store.lockedConversation(id), row.state == .queued
        else { return }
        row.lapsed = LapsedOffer(agent: agent, ended: time)
        try await store.save(row)
    }

    /// An answer of the offeree's own ends the row of missed ones (C14); what timed out is counted by who let it.
    private func offerEnded(_ event: ConversationEvent) async throws {
        guard let offeree = event.offereeHimself else { return }
        try await store.setMissedOffers(OfferEnd.accepted.missed(after: 0), of: offeree)
    }
}

extension ConversationEvent {
    /// The agent to whom it was offered, if it was he who ended the offer.
    fileprivate var offereeHimself: AgentID? {
        guard let offeree = AgentID(audienceBefore?.assigneeID ?? ""), actor?.kind == .agent,
            actor?.actorID == offeree.description
        else { return nil }
        return offeree
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func flatMapAsync<Answer>(_ body: (Wrapped) async throws -> Answer?) async rethrows -> Answer? {
        guard let self else { return nil }
        return try await body(self)
    }
}

extension ServedConversation {
    /// Whether a queue is to be looked at because of what it was and is.
    fileprivate func decides(unlike new: ServedConversation) -> Bool {
        state != .queued || department != new.department || priority != new.priority || labels != new.labels
            || lastAssignee != new.lastAssignee || arrival != new.arrival || version < new.version && contact != new.contact
    }

    /// `nil` for one that is closed, or in a state of a newer release.
    init?(_ wire: ConversationsV1.Conversation, known: ServedConversation?, at time: Instant) {
        guard let id = ConversationID(wire.conversationID), let tag = ETag(wire.etag), let state = State(wire.state) else {
            return nil
        }
        let isSame = known?.state == state
        let department = DepartmentID(wire.departmentID)
        let stays = known.map { [.queued, .offered].contains($0.state) && $0.department == department } ?? false
        self.init(
            id: id, version: tag.version, state: state, reason: Self.reason(wire.stateReason),
            stateTime: isSame && known?.assignee == AgentID(wire.assigneeID) ? known?.stateTime ?? time : time,
            department: department, assignee: AgentID(wire.assigneeID), lastAssignee: AgentID(wire.lastAssigneeID),
            contact: Identifier(wire.contactID), pool: wire.channel == .email ? .email : .chat,
            isWebchat: wire.channel == .webchat, priority: Priority(rawValue: Int(wire.priority.rawValue)) ?? .normal,
            labels: wire.labels, arrival: (wire.arrivalTime ?? wire.createTime).map(Instant.init) ?? time,
            queueTime: stays ? known?.queueTime : state == .queued ? time : nil, waitsForAgent: wire.waitingOn == .agent,
            waitingSince: wire.waitingSinceTime.map(Instant.init), windowExpires: wire.replyWindowExpireTime.map(Instant.init),
            lapsed: stays ? known?.lapsed : nil, routeMethod: DistributionMethod(wire.routeMethod))
    }

    private static func reason(_ wire: ConversationStateReason) -> String {
        switch wire {
        case .awaitingReply: "awaiting_reply"
        case .parked: "parked"
        case .disconnected: "disconnected"
        case .window: "window"
        case .noAgent: "no_agent"
        default: ""
        }
    }
}

extension DistributionMethod {
    /// `nil` for one that is not chosen, or of a newer release.
    fileprivate init?(_ wire: ConversationsV1.RouteMethod) {
        switch wire {
        case .manual: self = .manual
        case .owner: self = .owner
        case .leastBusy: self = .leastBusy
        case .random: self = .random
        default: return nil
        }
    }
}

extension ServedConversation.State {
    fileprivate init?(_ wire: ConversationState) {
        switch wire {
        case .automated: self = .automated
        case .queued: self = .queued
        case .offered: self = .offered
        case .open: self = .open
        case .pending: self = .pending
        case .expired: self = .expired
        default: return nil
        }
    }
}
