import ContactsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import WallTime

/// The contacts service, asked in this service's own name.
struct ContactsClient: ContactBook {
    private let contacts: ContactsServiceClient
    private let privacy: ContactPrivacyServiceClient

    init(_ channel: GRPC.Channel) {
        contacts = ContactsServiceClient(channel)
        privacy = ContactPrivacyServiceClient(channel)
    }

    func resolve(_ address: ContactAddress, tenantID: UUID) async throws -> ResolvedContact {
        let request = ResolveContactRequest(
            identity: address.identity, defaults: Contact(displayName: address.name, locale: address.locale),
            source: address.channel == .webchat ? .customer : .channel, verified: address.verified, requestID: UUID().text)
        return try await answered(tenantID) {
            let answer = try await contacts.resolveContact(request)
            guard let text = answer.contact?.contactID, let id = UUID(id: text) else {
                throw ConversationsError.dependencyUnavailable("contacts")
            }
            return ResolvedContact(
                id: id, locale: answer.contact?.locale ?? "", timeZone: answer.contact?.timeZone ?? "")
        }
    }

    func addresses(of contact: UUID, on account: ChannelAccount, tenantID: UUID) async throws -> [ContactAddress]? {
        try await answered(tenantID) {
            do {
                let answer = try await contacts.getContact(GetContactRequest(contactID: contact.text))
                return (answer.contact?.identities ?? []).addresses(on: account).map {
                    ContactAddress(
                        channel: account.kind, accountID: account.id, address: $0, name: answer.contact?.displayName ?? "",
                        locale: answer.contact?.locale ?? "", timeZone: answer.contact?.timeZone ?? "")
                }
            } catch let error as RPCError where error.code == .notFound {
                return nil
            }
        }
    }

    func add(_ addresses: [LeftAddress], to own: ContactAddress, tenantID: UUID) async throws -> Bool {
        let request = ResolveContactRequest(
            identity: own.identity, furtherIdentities: addresses.map(\.identity), source: .customer, requestID: UUID().text)
        return try await answered(tenantID) {
            do {
                return try await contacts.resolveContact(request).conflictingContactIDs.isEmpty
            } catch let error as RPCError where error.code == .invalidArgument {
                throw Failure.invalid(addresses.map(\.field).joined(separator: ","), "cannot be reached")
            }
        }
    }

    func join(_ guest: ContactAddress, into user: ContactAddress, tenantID: UUID) async throws {
        let request = ResolveContactRequest(
            identity: guest.identity, furtherIdentities: [user.identity], source: .customer, requestID: UUID().text)
        // A merge that somebody has undone is not made again.
        let mergeID = UUID.derived(from: "join \(guest.address) \(user.address)")
        try await answered(tenantID) {
            do {
                let answer = try await contacts.resolveContact(request)
                guard let merged = answer.contact?.contactID, let survivor = answer.conflictingContactIDs.first else { return }
                _ = try await contacts.mergeContacts(
                    MergeContactsRequest(survivingContactID: survivor, mergedContactID: merged, requestID: mergeID.text))
            } catch let error as RPCError where error.code == .resourceExhausted && error.reason == "IDENTITIES_MAX" {
                return
            }
        }
    }

    func locale(of contact: UUID, tenantID: UUID) async throws -> String {
        try await answered(tenantID) {
            do {
                return try await contacts.getContact(GetContactRequest(contactID: contact.text)).contact?.locale ?? ""
            } catch let error as RPCError where error.code == .notFound {
                return ""
            }
        }
    }

    /// Statements come newest first: the first that fits is the one that counts.
    func consent(to purpose: String, of contact: UUID, on channel: ChannelKind, tenantID: UUID) async throws -> ContactConsent? {
        try await answered(tenantID) {
            var request = ListConsentsRequest(contactID: contact.text, pageSize: Self.consentsPage)
            repeat {
                let page: ListConsentsResponse
                do {
                    page = try await privacy.listConsents(request)
                } catch let error as RPCError where error.code == .notFound {
                    return nil
                }
                let found = page.consents.first {
                    $0.purpose == purpose && ($0.identityKind == .unspecified || $0.identityKind == channel.identityKind)
                }
                if let found { return ContactConsent(found) }
                request.pageToken = page.nextPageToken
            } while !request.pageToken.isEmpty
            return nil
        }
    }

    private static let consentsPage: Int32 = 100

    /// What contacts cannot answer now is told as such; its own refusals of our request are defects of ours.
    private func answered<Answer: Sendable>(_ tenantID: UUID, _ body: () async throws -> Answer) async throws -> Answer {
        do {
            return try await OutgoingIdentity.asService(for: tenantID) { try await body() }
        } catch let error as RPCError {
            switch error.code {
            case .unavailable, .deadlineExceeded, .resourceExhausted, .aborted, .unimplemented, .cancelled:
                throw ConversationsError.dependencyUnavailable("contacts")
            default:
                throw error
            }
        }
    }
}

extension LeftAddress {
    fileprivate var identity: ChannelIdentity {
        switch self {
        case .email(let text): ChannelIdentity(kind: .email, address: text)
        case .phone(let text): ChannelIdentity(kind: .phone, address: text)
        }
    }

    fileprivate var field: String {
        switch self {
        case .email: "email"
        case .phone: "phone"
        }
    }
}

extension ContactConsent {
    /// What nobody knows how to read is no consent.
    fileprivate init(_ wire: Consent) {
        let state =
            switch wire.state {
            case .granted: "granted"
            case .withdrawn: "withdrawn"
            case .denied, .unspecified, .unrecognized: "denied"
            }
        self.init(state: state, expires: wire.expireTime.map { Instant($0) })
    }
}

extension ContactAddress {
    fileprivate var identity: ChannelIdentity {
        ChannelIdentity(kind: channel.identityKind, scope: channel.scope(accountID), address: address, profileName: name)
    }
}

extension [ChannelIdentity] {
    /// Those that belong to the account; on WhatsApp also telephone numbers, as the digits it knows them by: whom the business
    /// writes to first need not have written there.
    fileprivate func addresses(on account: ChannelAccount) -> [String] {
        let own = filter { $0.belongs(to: account) }.map(\.address)
        guard account.kind == .whatsapp else { return own }
        let known = Set(own.map(\.withoutPlus))
        return own + filter { $0.kind == .phone }.map(\.address.withoutPlus).filter { !known.contains($0) }
    }
}

extension ChannelIdentity {
    fileprivate func belongs(to account: ChannelAccount) -> Bool {
        kind == account.kind.identityKind && scope == account.kind.scope(account.id)
    }
}

extension ChannelKind {
    fileprivate var identityKind: IdentityKind {
        switch self {
        case .whatsapp: .whatsapp
        case .facebook: .facebook
        case .instagram: .instagram
        case .webchat: .webchat
        case .email: .email
        case .other: .other
        }
    }

    /// Phone numbers and mail addresses are the world's; the other channels' ids are the account's own.
    fileprivate func scope(_ account: UUID) -> String {
        switch self {
        case .whatsapp, .email: ""
        case .facebook, .instagram, .webchat, .other: account.text
        }
    }
}
