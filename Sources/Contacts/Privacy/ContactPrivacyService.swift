import ContactsV1
import EventLog
import GRPC
import ServiceRuntime
import WallTime

/// What a person may ask of the tenant: consent kept, data handed out, data erased with proof (guarantee 20).
struct ContactPrivacyService: ContactPrivacyServiceProtocol, Handlers {
    let surroundings: Surroundings
}

// MARK: - Consent

extension ContactPrivacyService {
    func recordConsent(_ request: RecordConsentRequest, _ context: ServerContext) async throws -> RecordConsentResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        let consent = reading.consent(request.consent, "consent", of: id, by: try context.principal.subject, at: clock.now)
        try reading.finish()

        return try await changing(request, requestID: \.requestID, context) { changes in
            var contact = try await changes.activeContact(id, version: nil)
            try await changes.store.insert(consent)
            try await changes.note(.consentRecorded(consent.id), nil, of: &contact)
            return RecordConsentResponse(consent: consent.wire)
        }
    }

    func listConsents(_ request: ListConsentsRequest, _ context: ServerContext) async throws -> ListConsentsResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListConsents", request.contactID]
        let place = try pageTokens.place(of: request.pageToken, arguments)

        let found = try await self.reading(context) { store in
            guard try await store.contact(id) != nil else { throw ContactsError.contactNotFound(id) }
            return try await store.consents(of: store.family(of: id), after: place, limit: limit + 1)
        }
        let page = found.prefix(limit)
        var response = ListConsentsResponse(consents: page.map(\.wire))
        if found.count > limit, let last = page.last {
            response.nextPageToken = pageTokens.token(after: .init(time: last.statementTime, id: last.id.uuid), arguments)
        }
        return response
    }
}

// MARK: - Erasure

extension ContactPrivacyService {
    func eraseContact(_ request: EraseContactRequest, _ context: ServerContext) async throws -> EraseContactResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        reading.require(
            request.reason.unicodeScalars.count <= Erasure.reasonLengthMax, "reason",
            "must have at most \(Erasure.reasonLengthMax) characters")
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            EraseContactResponse(erasure: try await changes.erase(id, version: version, reason: request.reason).wire)
        }
    }

    func reportErasure(_ request: ReportErasureRequest, _ context: ServerContext) async throws -> ReportErasureResponse {
        var reading = RequestReading()
        let id: ErasureID = reading.id(request.erasureID, "erasure_id")
        let counts = reading.counts(request.report, "report")
        try reading.finish()
        let service = try context.principal.subject

        // What was begun is brought to its end.
        return try await changing(request, requestID: \.requestID, context, suspended: true) { changes in
            ReportErasureResponse(
                erasure: try await changes.take(
                    Erasure.Report(service: service, counts: counts, reportTime: changes.now), of: id
                ).wire)
        }
    }

    func getErasure(_ request: GetErasureRequest, _ context: ServerContext) async throws -> GetErasureResponse {
        var reading = RequestReading()
        let id: ErasureID = reading.id(request.erasureID, "erasure_id")
        try reading.finish()

        return try await self.reading(context) { store in
            guard let erasure = try await store.erasure(id) else { throw ContactsError.erasureNotFound(id) }
            return GetErasureResponse(erasure: erasure.wire)
        }
    }

    func listErasures(_ request: ListErasuresRequest, _ context: ServerContext) async throws -> ListErasuresResponse {
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListErasures", try context.tenantID.text]
        let place = try pageTokens.place(of: request.pageToken, arguments)

        let found = try await reading(context) { store in try await store.erasures(after: place, limit: limit + 1) }
        let page = found.prefix(limit)
        var response = ListErasuresResponse(erasures: page.map(\.wire))
        if found.count > limit, let last = page.last {
            response.nextPageToken = pageTokens.token(after: .init(time: last.createTime, id: last.id.uuid), arguments)
        }
        return response
    }
}

extension ContactChanges {
    /// Erases a contact and those merged into it, and tells the other services.
    fileprivate func erase(_ id: ContactID, version: Int64?, reason: String) async throws -> Erasure {
        _ = try await activeContact(id, version: version)
        let family = try await store.family(of: id)
        _ = try await store.lockedContacts(family)
        var counts = try await store.erase(family, at: now)
        counts["stored_answers"] = try await IdempotencyStore(schema: ContactsModule.name).emptyAnswers(
            about: family.map(\.uuid), of: store.tenantID, in: store.transaction)
        let erasure = Erasure(
            id: ErasureID(.v7(at: now)), contactID: id, reason: reason, requestedBy: actor, createTime: now,
            awaited: Erasure.holders)
        try await store.insert(erasure)
        audit(id.description)
        try await eventLog.append(
            [ContactEvent.erased(erasure.id, family).newEvent(tenantID: store.tenantID, contactID: id, time: now)],
            in: store.transaction)
        return try await take(Erasure.Report(service: ContactsModule.name, counts: counts, reportTime: now), of: erasure.id)
    }

    /// Keeps a service's report, unless it has reported; the last one completes the erasure.
    fileprivate func take(_ report: Erasure.Report, of id: ErasureID) async throws -> Erasure {
        try await store.lockErasure(id)
        guard var erasure = try await store.erasure(id) else { throw ContactsError.erasureNotFound(id) }
        guard erasure.completeTime == nil, !erasure.reports.contains(where: { $0.service == report.service }) else {
            return erasure
        }
        try await store.insert(report, of: id)
        erasure.reports.append(report)
        guard erasure.missing.isEmpty else { return erasure }
        erasure.completeTime = now
        try await store.complete(id, at: now)
        return erasure
    }
}

extension PageTokens {
    fileprivate func place(of token: String, _ arguments: [String]) throws(Failure) -> PrivacyPlace? {
        guard let keys = try keys(of: token, count: 2, arguments: arguments) else { return nil }
        guard let microseconds = Int64(keys[0]), let id = ConsentID(keys[1]) else { throw .pageTokenInvalid }
        return PrivacyPlace(time: Instant(microseconds: microseconds), id: id.uuid)
    }

    fileprivate func token(after place: PrivacyPlace, _ arguments: [String]) -> String {
        token(after: ["\(place.time.microseconds)", place.id.text], arguments: arguments)
    }
}
