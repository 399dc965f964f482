import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1

extension TicketCatalogueService {
    private static let ranks: ClosedRange<Int32> = 1...1_000

    func createTicketPriority(
        _ request: CreateTicketPriorityRequest, _ context: ServerContext
    ) async throws -> CreateTicketPriorityResponse {
        var violations = Violations()
        violations.require(request.priority != nil, "priority", "is required", reason: "REQUIRED")
        let wire = request.priority ?? TicketsV1.TicketPriority()
        violations.line(wire.displayName, "priority.display_name", 1...Self.nameMax)
        violations.rank(wire.rank, "priority.rank", Self.ranks)
        try violations.check()
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.changingCatalogue()
            let known = try await work.store.priorities()
            guard known.count < TicketStore.prioritiesMax else {
                throw TicketsError.catalogueFull(max: TicketStore.prioritiesMax)
            }
            let priority = TicketPriority(
                id: .v7(at: work.now), name: wire.displayName, rank: Int(wire.rank),
                isStandard: wire.standard,
                isArchived: wire.archived)
            try await work.put(priority, among: known)
            work.audit(priority.id.text)
            return CreateTicketPriorityResponse(priority: priority.wire)
        }
    }

    func listTicketPriorities(
        _ request: ListTicketPrioritiesRequest, _ context: ServerContext
    ) async throws -> ListTicketPrioritiesResponse {
        try await surroundings.read(context) { work in
            let shown = try await work.priorities().filter { request.archived || !$0.isArchived }
            return ListTicketPrioritiesResponse(priorities: shown.map(\.wire))
        }
    }

    func updateTicketPriority(
        _ request: UpdateTicketPriorityRequest, _ context: ServerContext
    ) async throws -> UpdateTicketPriorityResponse {
        var violations = Violations()
        violations.require(request.priority != nil, "priority", "is required", reason: "REQUIRED")
        let wire = request.priority ?? TicketsV1.TicketPriority()
        let id = violations.id(wire.priorityID, "priority.priority_id")
        violations.line(wire.displayName, "priority.display_name", 0...Self.nameMax)
        try violations.check()
        var populated: Set<String> = []
        if !wire.displayName.isEmpty { populated.insert("display_name") }
        if wire.rank != 0 { populated.insert("rank") }
        if wire.standard { populated.insert("standard") }
        if wire.archived { populated.insert("archived") }
        let mask = try UpdateMask(
            request.updateMask, writable: ["display_name", "rank", "standard", "archived"],
            outputOnly: ["priority_id", "etag"], populated: populated)
        try mask.requireName(wire.displayName, "priority.display_name")
        if mask.contains("rank") {
            violations.rank(wire.rank, "priority.rank", Self.ranks)
            try violations.check()
        }
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.changingCatalogue()
            let known = try await work.store.priorities()
            guard var priority = known.first(where: { $0.id == id }) else {
                throw TicketsError.notFound(.priority, id)
            }
            try priority.version.check(version)
            let before = priority
            if mask.contains("display_name") { priority.name = wire.displayName }
            if mask.contains("rank") { priority.rank = Int(wire.rank) }
            if mask.contains("archived") { priority.isArchived = wire.archived }
            if mask.contains("standard") { priority.isStandard = wire.standard }
            // Somebody must be it: another one is made the standard instead.
            if before.isStandard, !priority.isStandard || priority.isArchived {
                throw TicketsError.priorityStandard
            }
            if priority != before {
                priority.version += 1
                try await work.put(priority, among: known)
                work.audit(id.text, paths: mask.paths.sorted())
            }
            return UpdateTicketPriorityResponse(priority: priority.wire)
        }
    }
}

extension Work {
    /// The former standard gives way first, so that there is never a second one.
    fileprivate func put(_ priority: TicketPriority, among known: [TicketPriority]) async throws {
        if priority.isStandard, priority.isArchived { throw TicketsError.priorityStandard }
        if priority.isStandard,
            var former = known.first(where: { $0.isStandard && $0.id != priority.id })
        {
            former.isStandard = false
            former.version += 1
            try await store.put(former)
        }
        try await unique { try await store.put(priority) }
    }
}

extension Violations {
    mutating func rank(_ value: Int32, _ field: String, _ range: ClosedRange<Int32>) {
        if value == 0 {
            add(field, "is required", reason: "REQUIRED")
        } else if !range.contains(value) {
            add(field, "is not \(range.lowerBound) to \(range.upperBound)", reason: "RANGE")
        }
    }
}
