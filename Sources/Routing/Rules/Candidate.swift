import WallTime

/// What is known of one agent at one moment, as far as distribution asks.
struct AgentFacts: Sendable, Hashable {
    var id: AgentID
    var name = ""
    var isActive = true
    /// Has a role that may serve (S19).
    var mayServe = true
    var departments: Set<DepartmentID> = []
    var presence = Presence.online
    var availability = AgentStatus.Availability.available
    var skills: Set<String> = []
    /// What he carries and may carry, by pool.
    var slots: [SlotPool: Slot] = [:]
    /// When he was last assigned something; `nil`: never.
    var lastAssigned: Instant?
    /// Conversations that wait for him to come back are given back to him first (C12).
    var isRestoring = false

    struct Slot: Sendable, Hashable {
        var load: Int
        var loadMax: Int

        func takes(_ weight: Int) -> Bool { load + weight <= loadMax }
    }

    func slot(_ pool: SlotPool) -> Slot { slots[pool] ?? Slot(load: 0, loadMax: 0) }
}

/// Which of an agent's limits a conversation counts against (C10).
enum SlotPool: String, Sendable, Hashable, CaseIterable {
    case chat, email
}

/// Why an agent is not chosen.
enum Exclusion: Int, Sendable, Hashable, CaseIterable, Comparable {
    case deactivated, notAllowed, notMember, offline, reconnecting, away, outsideHours, skillMissing, atLimit, offeredBefore,
        restoring, notOwner

    static func < (left: Exclusion, right: Exclusion) -> Bool { left.rawValue < right.rawValue }
}

/// One agent's answer to "may he get this conversation?", with everything that speaks against it.
struct Verdict: Sendable, Hashable {
    var agent: AgentFacts
    var exclusions: [Exclusion] = []
    var missingSkills: [String] = []
    var slot: AgentFacts.Slot

    var isEligible: Bool { exclusions.isEmpty }
}

/// The eligible set (C7): member, online, available, with room, with the skills; the same for every method.
struct Eligibility: Sendable, Hashable {
    var department: DepartmentID?
    /// The department works at this moment, or says nothing of hours.
    var isOpen: Bool
    var neededSkills: Set<String>
    var pool: SlotPool
    var weight: Int
    var lapsed: LapsedOffer?
    var now: Instant

    func verdict(on agent: AgentFacts) -> Verdict {
        let missing = neededSkills.subtracting(agent.skills).sorted()
        let slot = agent.slot(pool)
        var exclusions: [Exclusion] = []
        func exclude(_ condition: Bool, _ exclusion: Exclusion) {
            if condition { exclusions.append(exclusion) }
        }
        exclude(!agent.isActive, .deactivated)
        exclude(!agent.mayServe, .notAllowed)
        // What belongs to no department is everybody's (C40).
        exclude(department.map { !agent.departments.contains($0) } ?? false, .notMember)
        exclude(agent.presence == .offline, .offline)
        exclude(agent.presence == .reconnecting, .reconnecting)
        exclude(agent.availability != .available, .away)
        exclude(!isOpen, .outsideHours)
        exclude(!missing.isEmpty, .skillMissing)
        exclude(!slot.takes(weight), .atLimit)
        exclude(lapsed?.excludes(agent.id, at: now) ?? false, .offeredBefore)
        exclude(agent.isRestoring, .restoring)
        return Verdict(agent: agent, exclusions: exclusions, missingSkills: missing, slot: slot)
    }
}
