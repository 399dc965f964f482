import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// LeaveContactDetails: where the visitor can be reached, when nobody was available (C15).
extension WidgetService {
    func leaveContactDetails(_ request: LeaveContactDetailsRequest, _ context: ServerContext) async throws
        -> LeaveContactDetailsResponse
    {
        let visitor = try VisitorCaller(context)
        try surroundings.checkRequired(request)
        let addresses = try LeftAddress.read(request)
        if let answer: LeaveContactDetailsResponse = try await surroundings.answered(request, \.requestID, context) {
            return answer
        }
        let own = try await look(visitor) { work in
            try work.directory.requireActive()
            let address = visitor.visitorID.text
            guard try await work.store.latest(account: visitor.accountID, addressKey: address) != nil else {
                throw ConversationsError.conversationNotFound
            }
            return ContactAddress(channel: .webchat, accountID: visitor.accountID, address: address)
        }
        // Outside of any transaction; said twice, it changes nothing.
        let areHis = try await surroundings.contacts.add(addresses, to: own, tenantID: visitor.caller.tenantID)
        return try await surroundings.write(request, \.requestID, context) { work in
            guard let found = try await work.store.latest(account: visitor.accountID, addressKey: own.address),
                let (locked, account) = try await work.store.locked(found.id)
            else { throw ConversationsError.conversationNotFound }
            var conversation = locked
            if !areHis {
                try await work.note(LeftAddress.note(of: addresses), in: &conversation)
                try await work.save(&conversation, over: account)
            }
            return LeaveContactDetailsResponse(conversation: work.wire.visitorConversation(conversation))
        }
    }
}

/// Where somebody says that he can be reached.
enum LeftAddress: Hashable, Sendable {
    case email(String)
    case phone(String)

    var text: String {
        switch self {
        case .email(let text), .phone(let text): text
        }
    }

    static func read(_ request: LeaveContactDetailsRequest) throws -> [LeftAddress] {
        var violations = Violations()
        violations.require(
            !request.email.isEmpty || !request.phone.isEmpty, "email", "or a phone is required", reason: "REQUIRED")
        violations.text(request.email, "email", 0...320)
        violations.text(request.phone, "phone", 0...20)
        let parts = request.email.split(separator: "@", omittingEmptySubsequences: false)
        let isEmail = parts.count == 2 && parts.allSatisfy { !$0.isEmpty && !$0.contains(where: \.isWhitespace) }
        violations.require(request.email.isEmpty || isEmail, "email", "is no e-mail address, such as ana@example.org")
        let isPhone = request.phone.wholeMatch(of: /\+[1-9][0-9]{6,14}/) != nil
        violations.require(request.phone.isEmpty || isPhone, "phone", "is no number with its country, such as +5511987654321")
        try violations.check()
        return [request.email.isEmpty ? nil : .email(request.email), request.phone.isEmpty ? nil : .phone(request.phone)]
            .compactMap(\.self)
    }

    /// What agents read where an address could not become the contact's.
    static func note(of addresses: [LeftAddress]) -> String {
        "The visitor left \(addresses.map(\.text).joined(separator: ", ")), which is another contact's already. "
            + "Merge the two if they are one person."
    }
}

extension Work {
    /// A note of the system's own: it takes its number and moves nothing else.
    fileprivate func note(_ text: String, in conversation: inout Conversation) async throws {
        let before = conversation
        let note = Message(
            id: .v7(at: now), conversationID: conversation.id, seq: conversation.lastSeq + 1, direction: .internal, kind: .note,
            author: .system, text: text, created: now)
        store.insert(note)
        conversation.lastSeq = note.seq
        try await append(.messageAdded, before: before, conversation, by: note.author, message: note.id)
    }
}
