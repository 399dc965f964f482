import EventLog
import FoundationEssentials
import GRPC
import GoogleProtobuf
import Postgres
import RoutingV1
import ServiceRuntime

extension RoutingService {
    func watch(
        _ request: WatchRequest, _ responses: ResponseWriter<WatchResponse>, _ context: ServerContext
    ) async throws {
        context.endAtDrain()
        var reading = RequestReading(request)
        let kinds = reading.eventKinds(request.kinds, "kinds")
        reading.violations.require(!request.liveOnly || request.afterCursor.isEmpty, "live_only", "excludes after_cursor")
        try reading.finish()
        // A service that works for no one tenant sees all of them.
        let filter = EventFilter(tenantID: try context.principal.tenantID, kinds: Set(kinds.map(\.rawValue)))
        let events = surroundings.events
        let start = request.liveOnly ? try await events.head() : try cursor(request.afterCursor)
        do {
            for try await batch in events.batches(after: start, filter) {
                for response in try await joined(batch) { try await responses.write(response) }
            }
        } catch EventLogError.outOfRange {
            throw RoutingError.cursorOutOfRange
        }
    }

    private func cursor(_ text: String) throws(RoutingError) -> Cursor? {
        if text.isEmpty { return nil }
        guard let cursor = Cursor(text) else { throw .cursorMalformed }
        return cursor
    }

    /// The batch's events with their rows as they are now, then how far the log has been read.
    private func joined(_ batch: EventBatch) async throws -> [WatchResponse] {
        var rows: [UUID: WatchedRows] = [:]
        for (tenantID, events) in Dictionary(grouping: batch.events, by: \.tenantID) {
            let told = events.compactMap(RoutingEvent.init)
            rows[tenantID] = try await surroundings.transaction(tenantID, readOnly: true) { store in
                try await WatchedRows(of: told, in: store)
            }
        }
        var responses = batch.events.compactMap { event -> WatchResponse? in
            guard let told = RoutingEvent(event) else { return nil }
            return WatchResponse(cursor: event.cursor.description, event: told.wire(event, rows[event.tenantID]))
        }
        let end = batch.cursor.description
        if batch.isLive || responses.last?.cursor != end {
            responses.append(WatchResponse(cursor: end, live: batch.isLive))
        }
        return responses
    }
}

/// The rows that a batch's events of one tenant are about, as they are now.
struct WatchedRows: Sendable {
    private(set) var tenant: Tenant?
    private(set) var departments: [DepartmentID: Department] = [:]
    private(set) var agents: [AgentID: Agent] = [:]
    private(set) var roles: [String: CustomRole] = [:]
    private(set) var bots: [UUID: Presence] = [:]

    init(of events: [RoutingEvent], in store: RoutingStore) async throws {
        var botIDs: Set<UUID> = []
        var (departmentIDs, agentIDs, roleNames): (Set<DepartmentID>, Set<AgentID>, Set<String>) = ([], [], [])
        for event in events {
            switch event {
            case .tenant: break
            case .department(let id): departmentIDs.insert(id)
            case .agent(let id), .presence(let id, _, _), .status(let id, _): agentIDs.insert(id)
            case .role(let name): roleNames.insert(name)
            case .botPresence(let id, _, _): botIDs.insert(id.uuid)
            }
        }
        tenant = try await store.tenant()
        for department in try await store.departments(Array(departmentIDs)) { departments[department.id] = department }
        for agent in try await store.agents(Array(agentIDs)) { agents[agent.id] = agent }
        bots = try await PresenceStore(transaction: store.transaction).bots(Array(botIDs), of: store.tenantID)
        for name in roleNames { roles[name] = try await store.role(name) }
    }
}

extension RoutingEvent {
    /// The event of a row of the log, with the row it is about as it is now.
    func wire(_ event: Event, _ rows: WatchedRows?) -> RoutingV1.RoutingEvent {
        var wire = RoutingV1.RoutingEvent(
            kind: kind.wire, tenantID: event.tenantID.text, occurTime: Timestamp(event.time), eventID: event.eventID,
            traceparent: event.traceparent ?? "")
        switch self {
        case .tenant(let id):
            wire.subject = id.text
            wire.row = rows?.tenant.map { .tenant($0.wire) }
        case .department(let id):
            wire.subject = id.description
            wire.row = rows?.departments[id].map { .department($0.wire) }
        case .agent(let id), .presence(let id, _, _), .status(let id, _):
            wire.subject = id.description
            wire.row = rows?.agents[id].map { .agent($0.wire) }
        case .role(let name):
            wire.subject = name
            wire.row = rows?.roles[name].map { .role($0.wire) }
        case .botPresence(let id, let before, let after):
            wire.subject = id.description
            // It has no row that is sent: as it is now, so that one that comes late changes nothing.
            (wire.presenceBefore, wire.presenceAfter) = (before.wire, (rows?.bots[id.uuid] ?? after).wire)
        }
        if case .presence(_, let before, let after) = self {
            (wire.presenceBefore, wire.presenceAfter) = (before.wire, after.wire)
        }
        if case .status(_, let after) = self { wire.availabilityAfter = after.wire }
        return wire
    }
}

extension RoutingEvent.Kind {
    var wire: RoutingV1.RoutingEventKind {
        switch self {
        case .tenant: .tenant
        case .department: .department
        case .agent: .agent
        case .role: .role
        case .presence: .presence
        case .status: .status
        case .botPresence: .botPresence
        }
    }
}

extension RequestReading {
    mutating func eventKinds(_ kinds: [RoutingV1.RoutingEventKind], _ field: String) -> [RoutingEvent.Kind] {
        violations.require(!kinds.contains(.unspecified), field, "must not be unspecified")
        // Asking for a kind that nothing here writes must not mean asking for all.
        let known = RoutingEvent.Kind.allCases.filter { kinds.contains($0.wire) }
        violations.require(kinds.isEmpty || !known.isEmpty, field, "names no kind that this release writes")
        return known
    }
}
