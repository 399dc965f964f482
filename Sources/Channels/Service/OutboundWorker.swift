import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import GoogleProtobuf
import Postgres
import ServiceRuntime
import WallTime

/// Carries one message to its provider: asks conversations whether it still may (C48), hands it over, keeps what came of it,
/// and tells conversations. The job's lease keeps a second worker away; every step is either kept under that lease or a
/// request whose id is made from the job, so that a death between any two of them leaves one effect. The job ends when the
/// message is handed over or given up: only then the next one of its conversation goes.
struct OutboundWorker: Sendable {
    static let kind = "outbound"
    /// An account that its provider has stopped is asked again after so long.
    static let stop: Swift.Duration = .seconds(600)

    let surroundings: Surroundings

    static func job(_ delivery: OutboundDelivery, _ tenantID: UUID) -> NewJob {
        NewJob(
            tenantID: tenantID, kind: kind, cause: delivery.messageID.text, payload: Array(delivery.messageID.text.utf8),
            orderingKey: delivery.conversationID)
    }

    func perform(_ job: Job) async throws -> JobOutcome {
        guard let messageID = UUID(id: String(decoding: job.payload, as: UTF8.self)),
            var delivery = try await find(messageID, job.tenantID)
        else { return .failed(reason: "there is no such message") }
        if delivery.status == .queued {
            delivery = try await keep(try await attempt(delivery, job), of: delivery, job)
        }
        if delivery.status == .queued {
            return .retry(after: surroundings.outboundPlan.pause(afterAttempts: delivery.attemptCount))
        }
        if !delivery.isReported { try await report(delivery, job) }
        return .done { transaction in
            try await OutboundStore(transaction: transaction, tenantID: job.tenantID).markReported(messageID)
        }
    }

    private func find(_ messageID: UUID, _ tenantID: UUID) async throws -> OutboundDelivery? {
        try await surroundings.tenants.transaction(as: tenantID, readOnly: true) { transaction in
            try await OutboundStore(transaction: transaction, tenantID: tenantID).delivery(messageID)
        }
    }
}

// MARK: - One attempt

extension OutboundWorker {
    private func attempt(_ delivery: OutboundDelivery, _ job: Job) async throws -> AttemptResult {
        if delivery.isErased { return .withheld(reason: "CONTACT_ERASED", isKnown: false) }
        guard let account = surroundings.accounts[delivery.channelAccountID],
            let adapter = surroundings.adapters[account.adapter]
        else { return .withheld(reason: "CHANNEL_NOT_CONFIGURED", isKnown: false) }
        if let stopped = try await stop(of: delivery.channelAccountID, job.tenantID) {
            return .withheld(reason: stopped.reason, isKnown: false)
        }
        let handover: CheckHandoverResponse
        do {
            // A new attempt is a new question: what was allowed once may be refused by now.
            handover = try await surroundings.conversations.checkHandover(
                delivery.messageID, requestID: .derived(from: "\(job.jobID.text)/handover/\(job.attempt)"),
                tenantID: job.tenantID)
        } catch let error as RPCError where error.code == .notFound {
            return .withheld(reason: "MESSAGE_NOT_FOUND", isKnown: true)
        }
        guard handover.allowed, let message = handover.message else { return AttemptResult(withheldBy: handover) }
        let address = try await surroundings.conversations.address(in: delivery.conversationID, tenantID: job.tenantID)
        // Conversations erases before it tells.
        if address.isEmpty { return .withheld(reason: "CONTACT_ERASED", isKnown: false) }
        guard var outgoing = OutgoingMessage(message, to: address) else {
            return .withheld(reason: "MESSAGE_KIND_NOT_ALLOWED", isKnown: false)
        }
        if let quoted = UUID(id: message.replyToMessageID) {
            outgoing.quotedID = try await surroundings.conversations.providerID(
                of: quoted, in: delivery.conversationID, tenantID: job.tenantID)
        }
        do {
            return .sent(providerMessageID: try await adapter.send(outgoing, over: account))
        } catch let error as ProviderError {
            return .refused(error)
        }
    }

    private func stop(of accountID: UUID, _ tenantID: UUID) async throws -> ProviderError.Class? {
        try await surroundings.tenants.transaction(as: tenantID, readOnly: true) { transaction in
            try await OutboundStore(transaction: transaction, tenantID: tenantID).stop(of: accountID)
        }
    }

    /// Keeps what an attempt came to, unless the lease is another's by now.
    private func keep(_ result: AttemptResult, of delivery: OutboundDelivery, _ job: Job) async throws -> OutboundDelivery {
        let (now, plan) = (surroundings.clock.now, surroundings.outboundPlan)
        return try await surroundings.jobs.advance(job) { transaction in
            let store = OutboundStore(transaction: transaction, tenantID: job.tenantID)
            guard var current = try await store.delivery(delivery.messageID) else { return delivery }
            current.note(result, at: now, plan: plan)
            try await store.update(current)
            if case .refused(let error) = result, error.errorClass.stopsAccount {
                surroundings.logger.error(
                    "the provider has stopped an account",
                    metadata: ["account": "\(delivery.channelAccountID.text)", "class": "\(error.errorClass.rawValue)"])
                try await store.stop(delivery.channelAccountID, error.errorClass, for: Self.stop)
            }
            return current
        }
    }

    /// Tells conversations. The time is the one that was kept, so that a repetition is the same request.
    private func report(_ delivery: OutboundDelivery, _ job: Job) async throws {
        let request = ReportDeliveryRequest(
            messageID: delivery.messageID.text, requestID: UUID.derived(from: "\(job.jobID.text)/report").text,
            status: delivery.status == .failed ? .failed : .sent, providerTime: Timestamp(delivery.updateTime),
            providerMessageID: delivery.providerMessageID, failureReason: delivery.failureReason)
        do {
            try await surroundings.conversations.report(request, tenantID: job.tenantID)
        } catch let error as RPCError where error.code == .notFound {
            // Erased meanwhile: there is nobody to tell.
        }
    }
}

extension AttemptResult {
    /// Conversations did not let it go: refused, or gone before.
    fileprivate init(withheldBy handover: CheckHandoverResponse) {
        switch handover.message?.deliveryStatus {
        case .sent, .delivered, .read: self = .gone(providerMessageID: handover.message?.providerMessageID ?? "")
        default: self = .withheld(reason: handover.reason.isEmpty ? "WITHHELD" : handover.reason, isKnown: true)
        }
    }
}

extension OutgoingMessage {
    /// Nil for a kind that nobody sends.
    fileprivate init?(_ message: ConversationsV1.Message, to address: String) {
        guard let id = UUID(id: message.messageID) else { return nil }
        let content: Content
        switch message.content?.content {
        case .template(let use):
            content = .template(id: use.templateID, language: use.language, variables: use.variables)
        case .location(let place):
            content = .location(
                Place(
                    latitude: place.latitude, longitude: place.longitude, name: place.displayName,
                    address: place.postalAddress))
        case .contactCards(let cards):
            content = .contactCards(
                cards.cards.map {
                    Card(name: $0.displayName, phoneNumbers: $0.phoneNumbers, emailAddresses: $0.emailAddresses)
                })
        case .reaction(let reaction): content = .reaction(emoji: reaction.emoji)
        case .choice, .unsupportedKind: return nil
        case nil:
            let files = message.attachments.map {
                Attachment(
                    id: $0.attachmentID, kind: .init($0.kind), mediaType: $0.mediaType, bytes: Int($0.sizeBytes))
            }
            content = files.isEmpty ? .text : .attachments(files)
        }
        self.init(messageID: id, address: address, content: content, text: message.text)
    }
}

extension OutgoingMessage.Attachment.Kind {
    fileprivate init(_ kind: AttachmentKind) {
        switch kind {
        case .image: self = .image
        case .video: self = .video
        case .audio: self = .audio
        case .pdf, .csv, .document, .unspecified, .unrecognized: self = .document
        }
    }
}
