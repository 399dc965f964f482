import EventLog
import Foundation
import GRPC
import GoogleProtobuf
import GoogleRPC
import Logging
import Postgres
import PostgresTesting
import ServiceDatabase
import ServiceRuntime
import Synchronization
import TenantDirectory
import Testing
import TicketsV1
import WallTime

@testable import Tickets

/// The tickets service on a database of its own, with a clock that tests move and neighbours that are made up: every handler as a
/// caller reaches it, without the network.
struct Desk: Sendable {
    let surroundings: Surroundings
    let database: TestDatabase
    let tenantID: UUID
    let agentID = UUID.v7(at: .now)
    let neighbours: Neighbours

    var tickets: TicketsService { TicketsService(surroundings: surroundings) }
    var catalogue: TicketCatalogueService { TicketCatalogueService(surroundings: surroundings) }
    var sla: SlaService { SlaService(surroundings: surroundings) }
    var alarms: AlarmWorker { AlarmWorker(surroundings: surroundings) }
    var now: Instant { surroundings.clock.now }

    func advance(_ duration: Swift.Duration) throws {
        try surroundings.clock.set(now.advanced(by: duration))
    }

    /// Another tenant's desk in the same place.
    func other() -> Desk {
        Desk(
            surroundings: surroundings, database: database, tenantID: .v7(at: .now),
            neighbours: neighbours)
    }
}

/// Contacts and conversations as the tests need them.
final class Neighbours: ContactBook, ConversationBook {
    private let state = Mutex<(contacts: [UUID: UUID], hidden: Set<UUID>, isDown: Bool)>(
        ([:], [], false))

    func add(_ contact: UUID, mergedInto survivor: UUID? = nil) {
        state.withLock { $0.contacts[contact] = survivor ?? contact }
    }
    func hide(_ conversation: UUID) { state.withLock { _ = $0.hidden.insert(conversation) } }
    func fail() { state.withLock { $0.isDown = true } }

    func living(_ id: UUID, tenantID: UUID) async throws -> UUID? {
        try state.withLock { state in
            if state.isDown { throw TicketsError.dependencyUnavailable("contacts") }
            return state.contacts[id]
        }
    }

    func checkReadable(_ id: UUID) async throws {
        try state.withLock { state in
            if state.hidden.contains(id) { throw TicketsError.notFound(.conversation, id) }
        }
    }
}

func withDesk(_ body: (Desk) async throws -> Void) async throws {
    try await withTestDatabase(migrating: TicketsModule.migrations!) { database in
        try await database.withPool({
            $0.connectionsMax = 6
            // Many tests share the machine's cores; waiting for a connection is not what they test.
            $0.acquireTimeout = .seconds(60)
        }) { pool in
            let path = FileManager.default.temporaryDirectory.appending(
                path: "clock-\(UUID().uuidString)"
            ).path()
            // A Saturday, 10 o'clock in UTC.
            let clock = ProductClock(
                file: try TestClockFile(path: path, start: Instant(milliseconds: 1_790_416_800_000)))
            defer { try? FileManager.default.removeItem(atPath: path) }
            let neighbours = Neighbours()
            let known = KnownTenants(schema: "tickets", pool: pool)
            let surroundings = Surroundings(
                tenants: known.database, known: known,
                events: EventLog(schema: "tickets", pool: pool, logger: .quiet),
                jobs: JobQueue(schema: "tickets", pool: pool),
                clock: clock,
                pageTokens: PageTokens(secret: [1, 2, 3]), contacts: neighbours, conversations: neighbours,
                logger: .quiet)
            try await body(
                Desk(
                    surroundings: surroundings, database: database, tenantID: .v7(at: .now),
                    neighbours: neighbours))
        }
    }
}

extension Logger {
    static var quiet: Logger { Logger(label: "tickets-tests") { _ in SwiftLogNoOpLogHandler() } }
}

// MARK: - Callers

extension Desk {
    func caller(
        _ role: String = "admin", kind: Principal.Kind = .agent,
        _ method: MethodDescriptor = TicketsServiceDescriptor.getTicket
    ) -> ServerContext {
        let context = ServerContext(method: method)
        context.authenticate(
            as: Principal(
                tenantID: tenantID, subject: agentID.text, kind: kind, roles: kind == .agent ? [role] : []))
        return context
    }

    func create(_ ticket: TicketsV1.Ticket, requestID: String = "") async throws -> TicketsV1.Ticket {
        try #require(
            try await tickets.createTicket(
                CreateTicketRequest(ticket: ticket, requestID: requestID),
                caller(TicketsServiceDescriptor.createTicket)
            ).ticket)
    }

    private func caller(_ method: MethodDescriptor) -> ServerContext {
        caller("admin", kind: .agent, method)
    }

    func get(_ id: String) async throws -> TicketsV1.Ticket {
        try #require(try await tickets.getTicket(GetTicketRequest(ticketID: id), caller()).ticket)
    }

    func update(_ ticket: TicketsV1.Ticket, _ mask: [String] = [], etag: String = "") async throws
        -> TicketsV1.Ticket
    {
        try #require(
            try await tickets.updateTicket(
                UpdateTicketRequest(ticket: ticket, updateMask: FieldMask(paths: mask), etag: etag),
                caller(TicketsServiceDescriptor.updateTicket)
            ).ticket)
    }

    @discardableResult
    func change(_ id: String, _ status: TicketsV1.TicketStatus, reason: String = "") async throws
        -> TicketsV1.Ticket
    {
        try #require(
            try await tickets.changeStatus(
                ChangeStatusRequest(ticketID: id, status: status, reason: reason),
                caller(TicketsServiceDescriptor.changeStatus)
            ).ticket)
    }

    func history(_ id: String) async throws -> [TicketHistoryEntry] {
        try await tickets.listHistory(ListHistoryRequest(ticketID: id, pageSize: 200), caller())
            .historyEntries
    }

    func merge(_ merged: String, into survivor: String) async throws -> TicketsV1.TicketMerge {
        try #require(
            try await tickets.mergeTickets(
                MergeTicketsRequest(survivingTicketID: survivor, mergedTicketID: merged, reason: "same"),
                caller(TicketsServiceDescriptor.mergeTickets)
            ).merge)
    }

    /// A policy for everything, with targets in hours that pause.
    @discardableResult
    func policy(
        _ hours: [TicketsV1.ClockKind: Int], rank: Int32 = 1, calendar: String = "", warn: Int? = nil,
        condition: TicketsV1.PolicyCondition? = nil
    ) async throws -> TicketsV1.SlaPolicy {
        let targets = hours.map { kind, hours in
            SlaTarget(
                kind: kind, target: .init(seconds: Int64(hours) * 3_600),
                warnBefore: warn.map { .init(seconds: Int64($0) * 60) }, pauses: kind == .resolution)
        }
        return try #require(
            try await sla.createSlaPolicy(
                CreateSlaPolicyRequest(
                    policy: .init(
                        displayName: "policy \(rank)", rank: rank, condition: condition, targets: targets,
                        calendarID: calendar)), caller(SlaServiceDescriptor.createSlaPolicy)
            ).policy)
    }

    /// Carries out what changes of policies, calendars and settings have begun.
    func remeasure() async throws {
        let pool = surroundings.pool
        let worker = JobWorker(
            kinds: [Remeasuring.kind], schema: "tickets", pool: pool, concurrency: 1, logger: .quiet
        ) {
            try Remeasuring(surroundings: surroundings).perform($0)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            while try await surroundings.jobs.count(kinds: [Remeasuring.kind]) > 0 {
                try await Task.sleep(for: .milliseconds(5))
            }
            group.cancelAll()
        }
    }

    /// The log's events of these kinds, in their order.
    func events(_ kinds: TicketNews.Kind...) async throws -> [(news: TicketNews, time: Instant)] {
        var found: [(news: TicketNews, time: Instant)] = []
        for try await batch in surroundings.events.batches(after: nil, EventFilter(tenantID: tenantID)) {
            for event in batch.events {
                guard let news = TicketNews(event), kinds.isEmpty || kinds.contains(news.kind) else { continue }
                found.append((news, event.time))
            }
            if batch.isLive { break }
        }
        return found
    }
}

/// The reason of the refusal that the body ends in; nil if it does not.
func reason(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch let error as Failure {
        return error.reason
    } catch let error as any RPCErrorConvertible {
        return error.rpcError.reason
    } catch {
        return "\(error)"
    }
}
