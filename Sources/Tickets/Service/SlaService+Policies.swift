import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1

extension SlaService {
    private static let ranks: ClosedRange<Int32> = 1...10_000

    func createSlaPolicy(_ request: CreateSlaPolicyRequest, _ context: ServerContext) async throws
        -> CreateSlaPolicyResponse
    {
        var violations = Violations()
        violations.require(request.policy != nil, "policy", "is required", reason: "REQUIRED")
        let wire = request.policy ?? TicketsV1.SlaPolicy()
        violations.line(wire.displayName, "policy.display_name", 1...Self.nameMax)
        violations.rank(wire.rank, "policy.rank", Self.ranks)
        violations.require(!wire.targets.isEmpty, "policy.targets", "is required", reason: "REQUIRED")
        let read = SLAPolicy(wire, &violations)
        try violations.check()
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.changingCatalogue()
            guard try await work.store.policies().count < TicketStore.policiesMax else {
                throw TicketsError.catalogueFull(max: TicketStore.policiesMax)
            }
            var policy = read
            policy.id = .v7(at: work.now)
            try await work.check(policy)
            try await work.unique { [policy] in try await work.store.put(policy) }
            work.audit(policy.id.text)
            work.remeasure("policy", "\(policy.id.text)/1")
            return CreateSlaPolicyResponse(policy: policy.wire)
        }
    }

    func getSlaPolicy(_ request: GetSlaPolicyRequest, _ context: ServerContext) async throws
        -> GetSlaPolicyResponse
    {
        var violations = Violations()
        let id = violations.id(request.policyID, "policy_id")
        try violations.check()
        return try await surroundings.read(context) { work in
            GetSlaPolicyResponse(policy: try await work.policy(id).wire)
        }
    }

    func listSlaPolicies(_ request: ListSlaPoliciesRequest, _ context: ServerContext) async throws
        -> ListSlaPoliciesResponse
    {
        try await surroundings.read(context) { work in
            let shown = try await work.store.policies().filter { request.archived || !$0.isArchived }
            return ListSlaPoliciesResponse(policies: shown.map(\.wire))
        }
    }

    func updateSlaPolicy(_ request: UpdateSlaPolicyRequest, _ context: ServerContext) async throws
        -> UpdateSlaPolicyResponse
    {
        var violations = Violations()
        violations.require(request.policy != nil, "policy", "is required", reason: "REQUIRED")
        let wire = request.policy ?? TicketsV1.SlaPolicy()
        let id = violations.id(wire.policyID, "policy.policy_id")
        violations.line(wire.displayName, "policy.display_name", 0...Self.nameMax)
        let read = SLAPolicy(wire, &violations)
        try violations.check()
        let mask = try UpdateMask(
            request.updateMask,
            writable: [
                "display_name", "rank", "condition", "targets", "calendar_id", "pause_statuses", "archived",
            ],
            outputOnly: ["policy_id", "etag"], populated: wire.populated)
        try mask.requireName(wire.displayName, "policy.display_name")
        if mask.contains("rank") { violations.rank(wire.rank, "policy.rank", Self.ranks) }
        if mask.contains("targets") {
            violations.require(!wire.targets.isEmpty, "policy.targets", "is required", reason: "REQUIRED")
        }
        try violations.check()
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.changingCatalogue()
            let before = try await work.policy(id)
            try before.version.check(version)
            var policy = before
            if mask.contains("display_name") { policy.name = read.name }
            if mask.contains("rank") { policy.rank = read.rank }
            if mask.contains("condition") { policy.condition = read.condition }
            if mask.contains("targets") { policy.targets = read.targets }
            if mask.contains("calendar_id") { policy.calendarID = read.calendarID }
            if mask.contains("pause_statuses") { policy.pauseStatuses = read.pauseStatuses }
            if mask.contains("archived") { policy.isArchived = read.isArchived }
            guard policy != before else { return UpdateSlaPolicyResponse(policy: policy.wire) }
            policy.version += 1
            try await work.check(policy, against: before)
            try await work.unique { [policy] in try await work.store.put(policy) }
            work.audit(policy.id.text, paths: mask.paths.sorted())
            work.remeasure("policy", "\(id.text)/\(policy.version)")
            return UpdateSlaPolicyResponse(policy: policy.wire)
        }
    }
}

extension Work {
    fileprivate func policy(_ id: UUID) async throws -> SLAPolicy {
        guard let policy = try await store.policies().first(where: { $0.id == id }) else {
            throw TicketsError.notFound(.policy, id)
        }
        return policy
    }

    /// - Throws: what is not there of what a policy newly names.
    fileprivate func check(_ policy: SLAPolicy, against old: SLAPolicy? = nil) async throws {
        if let id = policy.calendarID, id != old?.calendarID {
            guard try await !calendar(id).isArchived else { throw TicketsError.notFound(.calendar, id) }
        }
        let (condition, before) = (policy.condition, old?.condition ?? PolicyCondition())
        let categories = Set(try await store.categories().map(\.id))
        if let id = condition.categoryIDs.first(where: {
            !before.categoryIDs.contains($0) && !categories.contains($0)
        }) {
            throw TicketsError.notFound(.category, id)
        }
        let services = Set(try await store.catalogue().map(\.id))
        if let id = condition.serviceIDs.first(where: {
            !before.serviceIDs.contains($0) && !services.contains($0)
        }) {
            throw TicketsError.notFound(.service, id)
        }
        let priorities = Set(try await priorities().map(\.id))
        if let id = condition.priorityIDs.first(where: {
            !before.priorityIDs.contains($0) && !priorities.contains($0)
        }) {
            throw TicketsError.notFound(.priority, id)
        }
    }
}
