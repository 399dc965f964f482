import FoundationEssentials
import Postgres
import WallTime

/// The place of a consent or an erasure in a list, newest first.
struct PrivacyPlace: Sendable, Hashable {
    var time: Instant
    var id: UUID
}

extension ContactStore {
    func insert(_ consent: Consent) async throws {
        try await transaction.query(
            """
            insert into contacts.consent
                (tenant_id, consent_id, contact_id, purpose, identity_kind, state, source, evidence, lawful_basis,
                 statement_time, expire_time, recorded_by, record_time)
            values
                (\(tenantID), \(consent.id), \(consent.contactID), \(consent.purpose),
                 \(consent.identityKind?.rawValue ?? ""), \(consent.state.rawValue), \(consent.source.rawValue),
                 \(consent.evidence), \(consent.lawfulBasis?.rawValue ?? ""), \(consent.statementTime),
                 \(consent.expireTime), \(consent.recordedBy), \(consent.recordTime))
            """)
    }

    /// The statements of contacts, newest first, after a place.
    func consents(of contactIDs: [ContactID], after place: PrivacyPlace?, limit: Int) async throws -> [Consent] {
        let beyond: SQL = if let place { "(statement_time, consent_id) < (\(place.time), \(place.id))" } else { "true" }
        return try await transaction.query(
            """
            select consent_id, contact_id, purpose, identity_kind, state, source, evidence, lawful_basis, statement_time,
                   expire_time, recorded_by, record_time
            from contacts.consent
            where tenant_id = \(tenantID) and contact_id = any(\(contactIDs.map(\.uuid))) and \(fragment: beyond)
            order by statement_time desc, consent_id desc
            limit \(limit)
            """
        ).map(Consent.init(row:))
    }
}

// MARK: - Erasures

extension ContactStore {
    /// Removes everything about contacts but their ids and times, and counts it. The rows are locked by the caller.
    func erase(_ contactIDs: [ContactID], at now: Instant) async throws -> [String: Int32] {
        let ids = contactIDs.map(\.uuid)
        let row = try await transaction.query(
            """
            with identities as (
                delete from contacts.contact_identity where tenant_id = \(tenantID) and contact_id = any(\(ids)) returning 1
            ), keys as (
                delete from contacts.match_key where tenant_id = \(tenantID) and contact_id = any(\(ids)) returning 1
            ), entries as (
                delete from contacts.timeline_entry where tenant_id = \(tenantID) and contact_id = any(\(ids)) returning 1
            ), objects as (
                delete from contacts.linked_object where tenant_id = \(tenantID) and contact_id = any(\(ids)) returning 1
            ), consents as (
                delete from contacts.consent where tenant_id = \(tenantID) and contact_id = any(\(ids)) returning 1
            ), merges as (
                delete from contacts.merge
                where tenant_id = \(tenantID)
                  and (surviving_contact_id = any(\(ids)) or merged_contact_id = any(\(ids)))
                returning 1
            ), contacts as (
                update contacts.contact
                set state = 'erased', display_name = '', owner_id = null, locale = '', time_zone = '', note = '',
                    attributes = '{}', block_reason = null, block_spam = null, blocked_by = null, block_time = null,
                    merged_into_id = null, last_activity_time = null, update_time = \(now), version = version + 1
                where tenant_id = \(tenantID) and contact_id = any(\(ids))
                returning 1
            )
            select (select count(*) from contacts) as contacts, (select count(*) from identities) as identities,
                   (select count(*) from keys) as match_keys, (select count(*) from entries) as timeline_entries,
                   (select count(*) from objects) as linked_objects, (select count(*) from consents) as consents,
                   (select count(*) from merges) as merges
            """)[0]
        let words = ["contacts", "identities", "match_keys", "timeline_entries", "linked_objects", "consents", "merges"]
        return try words.reduce(into: [:]) { counts, word in
            let count: Int64 = try row[word]
            counts[word] = Int32(clamping: count)
        }
    }

    func insert(_ erasure: Erasure) async throws {
        try await transaction.query(
            """
            insert into contacts.erasure (tenant_id, erasure_id, contact_id, reason, requested_by, create_time, awaited)
            values
                (\(tenantID), \(erasure.id), \(erasure.contactID), \(erasure.reason), \(erasure.requestedBy),
                 \(erasure.createTime), \(erasure.awaited))
            """)
    }

    /// Keeps a service's first report.
    func insert(_ report: Erasure.Report, of id: ErasureID) async throws {
        try await transaction.query(
            """
            insert into contacts.erasure_report (tenant_id, erasure_id, service, counts, report_time)
            values (\(tenantID), \(id), \(report.service), \(PostgresJSON(encoded: report.counts)), \(report.reportTime))
            on conflict (tenant_id, erasure_id, service) do nothing
            """)
    }

    /// Locks an erasure until the transaction ends.
    func lockErasure(_ id: ErasureID) async throws {
        try await transaction.query(
            "select from contacts.erasure where tenant_id = \(tenantID) and erasure_id = \(id) for update")
    }

    func complete(_ id: ErasureID, at now: Instant) async throws {
        try await transaction.query(
            """
            update contacts.erasure set complete_time = \(now)
            where tenant_id = \(tenantID) and erasure_id = \(id) and complete_time is null
            """)
    }

    func erasure(_ id: ErasureID) async throws -> Erasure? {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.erasureColumns)
            from contacts.erasure
            where tenant_id = \(tenantID) and erasure_id = \(id)
            """)
        return try await withReports(rows.map(Erasure.init(row:))).first
    }

    /// The tenant's erasures, newest first, after a place.
    func erasures(after place: PrivacyPlace?, limit: Int) async throws -> [Erasure] {
        let beyond: SQL = if let place { "(create_time, erasure_id) < (\(place.time), \(place.id))" } else { "true" }
        let rows = try await transaction.query(
            """
            select \(fragment: Self.erasureColumns)
            from contacts.erasure
            where tenant_id = \(tenantID) and \(fragment: beyond)
            order by create_time desc, erasure_id desc
            limit \(limit)
            """)
        return try await withReports(rows.map(Erasure.init(row:)))
    }

    private func withReports(_ erasures: [Erasure]) async throws -> [Erasure] {
        guard !erasures.isEmpty else { return [] }
        let rows = try await transaction.query(
            """
            select erasure_id, service, counts, report_time
            from contacts.erasure_report
            where tenant_id = \(tenantID) and erasure_id = any(\(erasures.map(\.id.uuid)))
            order by service
            """)
        let reports = try Dictionary(grouping: rows) { row in try row["erasure_id", as: ErasureID.self] }
        return try erasures.map { erasure in
            var erasure = erasure
            erasure.reports = try (reports[erasure.id] ?? []).map(Erasure.Report.init(row:))
            return erasure
        }
    }

    private static let erasureColumns: SQL = "erasure_id, contact_id, reason, requested_by, create_time, awaited, complete_time"
}

// MARK: - Rows

extension Consent {
    fileprivate init(row: Row) throws {
        let (kind, state, source): (String, String, String) = (
            try row["identity_kind"], try row["state"], try row["source"]
        )
        let basis: String = try row["lawful_basis"]
        self.init(
            id: try row["consent_id"], contactID: try row["contact_id"], purpose: try row["purpose"],
            identityKind: kind.isEmpty ? nil : try IdentityKind(stored: kind), state: try State(stored: state),
            source: try Source(stored: source), evidence: try row["evidence"],
            lawfulBasis: basis.isEmpty ? nil : try LawfulBasis(stored: basis), statementTime: try row["statement_time"],
            expireTime: try row["expire_time"], recordedBy: try row["recorded_by"], recordTime: try row["record_time"])
    }
}

extension Erasure {
    fileprivate init(row: Row) throws {
        self.init(
            id: try row["erasure_id"], contactID: try row["contact_id"], reason: try row["reason"],
            requestedBy: try row["requested_by"], createTime: try row["create_time"], awaited: try row["awaited"],
            completeTime: try row["complete_time"])
    }
}

extension Erasure.Report {
    fileprivate init(row: Row) throws {
        self.init(
            service: try row["service"], counts: try row["counts", as: PostgresJSON.self].decoded(as: [String: Int32].self),
            reportTime: try row["report_time"])
    }
}
