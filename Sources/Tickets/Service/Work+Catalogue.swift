import FoundationEssentials
import Postgres
import ServiceRuntime

extension Work {
    /// What a tenant's tickets can be is changed by one call at a time, so that limits and orders hold.
    func changingCatalogue() async throws -> TicketSettings {
        try await ensureTenant()
        return try await store.lockedSettings() ?? TicketSettings()
    }

    /// Runs a statement whose constraints say what the caller got wrong.
    func unique(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as PostgresError {
            guard let constraint = error.constraint else { throw error }
            if constraint.hasSuffix("_name_is_unique") { throw TicketsError.nameTaken }
            if constraint.hasSuffix("_rank_is_unique") { throw TicketsError.rankTaken }
            throw error
        }
    }

    func requireCategory(_ id: UUID?) async throws {
        guard let id else { return }
        let isThere = try await store.categories().contains { $0.id == id && !$0.isArchived }
        guard isThere else { throw TicketsError.notFound(.category, id) }
    }
}

extension Int64 {
    /// - Throws: ETAG_MISMATCH.
    func check(_ expected: Int64?) throws(Failure) {
        if let expected, expected != self { throw .etagMismatch }
    }
}
