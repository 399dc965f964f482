import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime
import WallTime

/// One call's work inside its transaction: the rows, the caller, and one product time for everything that happens in it.
struct Work: Sendable {
    let surroundings: Surroundings
    let caller: Caller
    let transaction: Transaction
    let now: Instant

    init(_ surroundings: Surroundings, _ caller: Caller, _ transaction: Transaction, now: Instant) {
        self.surroundings = surroundings
        self.caller = caller
        self.transaction = transaction
        self.now = now
    }

    var tenantID: UUID { caller.tenantID }
    var store: TicketStore { TicketStore(transaction: transaction, tenantID: tenantID) }
}

// MARK: - Reading

extension Work {
    func mayRead(_ ticket: Ticket) -> Bool { ticket.fields.type == .public || caller.seesInternal }

    /// A ticket the caller may know of.
    func readable(_ id: UUID) async throws -> Ticket {
        guard let ticket = try await store.tickets([id]).first, mayRead(ticket) else {
            throw TicketsError.ticketNotFound(id)
        }
        return ticket
    }

    func settings() async throws -> TicketSettings { try await store.settings() ?? TicketSettings() }

    /// The priorities, which a new tenant has before anybody wrote them down.
    func priorities() async throws -> [TicketPriority] {
        let stored = try await store.priorities()
        return stored.isEmpty ? TicketPriority.first(of: tenantID) : stored
    }

    /// Tickets with all that is shown of them.
    func views(_ tickets: [Ticket]) async throws -> [TicketView] {
        let ids = tickets.map(\.id)
        let conversations = Dictionary(grouping: try await store.conversations(of: ids), by: \.ticketID)
        let clocks = try await clocks(of: ids)
        let settings = try await settings()
        return tickets.map { ticket in
            TicketView(
                ticket: ticket, conversations: conversations[ticket.id] ?? [],
                clocks: clocks[ticket.id]?.book ?? ClockBook(),
                settings: settings, now: now)
        }
    }
}

/// A ticket with all that is shown of it.
struct TicketView: Sendable {
    var ticket: Ticket
    var conversations: [TicketConversation]
    var clocks: ClockBook
    var settings: TicketSettings
    var now: Instant
}

// MARK: - Changing

extension Work {
    /// A ticket the caller may know of, locked, with its conversations and clocks.
    func opened(_ id: UUID, version: Int64? = nil) async throws -> OpenTicket {
        guard let opened = try await opened([id]).first else { throw TicketsError.ticketNotFound(id) }
        if let version, version != opened.ticket.version { throw Failure.etagMismatch }
        if let survivor = opened.ticket.mergedInto {
            throw TicketsError.ticketMerged(id, into: survivor)
        }
        return opened
    }

    /// The same of several, in the order of their ids; unknown ones are missing.
    func opened(_ ids: [UUID]) async throws -> [OpenTicket] {
        let tickets = try await store.lockedTickets(ids).filter(mayRead)
        let conversations = Dictionary(grouping: try await store.conversations(of: ids), by: \.ticketID)
        let clocks = try await clocks(of: ids)
        return tickets.map {
            OpenTicket(
                before: $0, ticket: $0, conversations: conversations[$0.id] ?? [],
                clocks: clocks[$0.id] ?? LoadedClocks())
        }
    }

    /// Before anything of a tenant is written that names his priorities, they are written down.
    func ensureTenant() async throws {
        guard try await store.beginSettings() else { return }
        for priority in TicketPriority.first(of: tenantID) { try await store.put(priority) }
    }
}

/// A ticket under change.
struct OpenTicket: Sendable {
    /// As it was read; nil: it begins here.
    var before: Ticket?
    var ticket: Ticket
    var conversations: [TicketConversation] = []
    var clocks = LoadedClocks()
    /// Conversations that run through it only from this change on.
    var newlyLinked: Set<UUID> = []

    /// - Throws: TICKET_ENDED.
    func requireLiving() throws {
        guard !ticket.isOver else { throw TicketsError.ticketEnded(ticket.id, ticket.status) }
    }
}
