import ContactsV1
import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import ServiceRuntime

/// The contacts service, asked in this service's own name.
struct ContactsClient: ContactBook {
    let contacts: ContactsServiceClient

    init(_ channel: GRPC.Channel) { contacts = ContactsServiceClient(channel) }

    func living(_ id: UUID, tenantID: UUID) async throws -> UUID? {
        try await answered("contacts") {
            try await OutgoingIdentity.asService(for: tenantID) {
                do {
                    let contact = try await contacts.getContact(GetContactRequest(contactID: id.text)).contact
                    guard let contact else { return nil }
                    return UUID(id: contact.mergedIntoContactID) ?? id
                } catch let error as RPCError where error.code == .notFound {
                    return nil
                }
            }
        }
    }
}

/// The conversations service.
struct ConversationsClient: ConversationBook {
    let conversations: ConversationsServiceClient

    init(_ channel: GRPC.Channel) { conversations = ConversationsServiceClient(channel) }

    /// In the caller's name: conversations knows what he may see.
    func checkReadable(_ id: UUID) async throws {
        do {
            try await answered("conversations") {
                _ = try await conversations.getConversation(GetConversationRequest(conversationID: id.text))
            }
        } catch let error as RPCError {
            if error.code == .notFound { throw TicketsError.notFound(.conversation, id) }
            guard error.code == .permissionDenied else { throw error }
            throw Failure(
                .permissionDenied, reason: "OUT_OF_SCOPE", "the conversation is none of the caller's",
                metadata: ["conversation_id": id.text])
        }
    }

    /// Tells a conversation of its ticket; the job's id makes a repetition the same request (C24).
    func link(_ job: Job) async throws -> JobOutcome {
        guard var request = try? LinkTicketRequest(serialized: job.payload) else {
            return .failed(reason: "the job's payload cannot be read")
        }
        request.requestID = job.jobID.text
        return try await told(job) { [request] in _ = try await conversations.linkTicket(request) }
    }

    /// Tells who serves a conversation that its ticket's time is about to pass (C50).
    func warn(_ job: Job) async throws -> JobOutcome {
        guard var request = try? WarnOfSlaRequest(serialized: job.payload) else {
            return .failed(reason: "the job's payload cannot be read")
        }
        request.requestID = job.jobID.text
        return try await told(job) { [request] in _ = try await conversations.warnOfSla(request) }
    }

    private func told(_ job: Job, _ call: () async throws -> Void) async throws -> JobOutcome {
        do {
            try await OutgoingIdentity.asService(for: job.tenantID) { try await call() }
            return .done()
        } catch let error as RPCError {
            switch error.code {
            case .notFound, .failedPrecondition, .invalidArgument:
                return .failed(reason: error.reason ?? "\(error.code)")
            default: return .retry()
            }
        }
    }
}

/// What a service that was asked cannot answer now is told as such.
private func answered<Answer>(_ service: String, _ body: () async throws -> Answer) async throws
    -> Answer
{
    do {
        return try await body()
    } catch let error as RPCError {
        switch error.code {
        case .unavailable, .deadlineExceeded, .resourceExhausted, .aborted, .unimplemented, .cancelled:
            throw TicketsError.dependencyUnavailable(service)
        default: throw error
        }
    }
}
