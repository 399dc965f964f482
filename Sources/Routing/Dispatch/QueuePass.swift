import WallTime

/// One look at a department's queue from its front to its end: whom each conversation would go to, if each choice before it
/// is carried out. The dispatcher carries them out one by one; a dry run only looks.
struct QueuePass: Sendable {
    let department: DepartmentID?
    let rules: DepartmentRules
    let isOpen: Bool
    let unattended: Unattended
    let now: Instant
    /// By contact, as contacts says.
    let owners: [Identifier<ContactSubject>: AgentID]
    private(set) var agents: [AgentFacts]
    /// In order; what is decided is gone from it.
    private(set) var waiting: ArraySlice<ServedConversation>
    /// When it is to be looked at again though nothing else happens.
    private(set) var nextTime: Instant?

    init(
        department: DepartmentID?, rules: DepartmentRules, queue: [ServedConversation], agents: [AgentFacts],
        owners: [Identifier<ContactSubject>: AgentID], unattended: Unattended, now: Instant
    ) {
        self.department = department
        self.rules = rules
        self.agents = agents
        self.owners = owners
        self.unattended = unattended
        self.now = now
        isOpen = rules.isOpen(at: now)
        let order = QueueOrder(byPriority: rules.priorityOrder)
        waiting = queue.sorted { order.precedes($0.place, $1.place) }[...]
        nextTime = rules.nextOpening(after: now)
        if waiting.contains(where: \.isWebchat), let closing = rules.nextClosing(after: now) { wait(until: closing) }
    }

    /// The first of the queue and what becomes of it; `nil` at its end.
    mutating func next() -> (conversation: ServedConversation, choice: Choice)? {
        guard let conversation = waiting.popFirst() else { return nil }
        let choice = distribution(of: conversation).choice(among: agents)
        if let time = choice.nextTime { wait(until: time) }
        if let time = unattended.expiry(of: conversation), now < time { wait(until: time) }
        return (conversation, choice)
    }

    /// Nobody has been available for too long (C15).
    func isOver(_ conversation: ServedConversation) -> Bool {
        unattended.expiry(of: conversation).map { $0 <= now } ?? false
    }

    private mutating func wait(until time: Instant) { nextTime = min(nextTime ?? time, time) }

    /// The same one again, after what was learnt meanwhile.
    mutating func again(_ conversation: ServedConversation) {
        waiting = ([conversation] + waiting)[...]
    }

    /// The choice was carried out: he has one more.
    mutating func assigned(_ conversation: ServedConversation, to agent: AgentID) {
        change(agent) { [now] facts in
            var slot = facts.slot(conversation.pool)
            slot.load += conversation.weight
            facts.slots[conversation.pool] = slot
            facts.lastAssigned = now
        }
    }

    /// He has no room, whatever was believed.
    mutating func full(_ agent: AgentID, _ pool: SlotPool) {
        change(agent) { facts in
            let load = facts.slot(pool).load
            facts.slots[pool] = AgentFacts.Slot(load: load, loadMax: load)
        }
    }

    private mutating func change(_ agent: AgentID, _ body: (inout AgentFacts) -> Void) {
        for index in agents.indices where agents[index].id == agent { body(&agents[index]) }
    }

    private func distribution(of conversation: ServedConversation) -> Distribution {
        let fallback = rules.ownerFallback ?? DepartmentRules.OwnerFallback()
        return Distribution(
            method: conversation.routeMethod ?? rules.method ?? .manual, ownerWait: .milliseconds(fallback.wait),
            ownerFallback: fallback.method,
            eligibility: Eligibility(
                department: department, isOpen: isOpen,
                neededSkills: Set(conversation.labels).intersection(rules.skillLabels), pool: conversation.pool,
                weight: conversation.weight, lapsed: conversation.lapsed, now: now),
            queuedSince: conversation.queueTime ?? conversation.arrival, lastAssignee: conversation.lastAssignee,
            owner: conversation.contact.flatMap { owners[$0] },
            seed: SeededDraw.seed(conversation.id, version: conversation.version))
    }
}
