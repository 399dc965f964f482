import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import WallTime

// CreateWidgetSession: the one call without a token. It is checked by the widget key, the page's origin and the user's hash.
extension WidgetService {
    func createWidgetSession(_ request: CreateWidgetSessionRequest, _ context: ServerContext) async throws
        -> CreateWidgetSessionResponse
    {
        try Self.validate(request)
        guard let place = try await surroundings.widget(request.widgetKey) else { throw ConversationsError.widgetKeyUnknown }
        let now = surroundings.clock.now
        try await joinContacts(request, place.tenantID, place.accountID)
        return try await surroundings.transaction(place.tenantID) { transaction in
            let store = ConversationStore(transaction: transaction, tenantID: place.tenantID)
            let directory = try await surroundings.directory(store)
            try directory.requireActive()
            guard let account = try await store.account(place.accountID), let widget = account.widget else {
                throw ConversationsError.widgetKeyUnknown
            }
            if account.disabled { throw ConversationsError.channelDisabled }
            guard request.origin.isEmpty || widget.allowedOrigins.contains(request.origin) else {
                throw ConversationsError.originNotAllowed
            }
            let verified = try verifiedUser(request.user, widget)
            var visitor = try await visitor(request, verified, account, widget, store, now)
            visitor.sessionExpires = now.advanced(by: VisitorTokens.accessLifetime)
            try await store.save(visitor)
            let latest = try await store.latest(account: account.id, addressKey: visitor.id.text)
            return try await answer(visitor, from: request.origin, verified != nil, account, widget, directory, latest)
        }
    }

    private static func validate(_ request: CreateWidgetSessionRequest) throws {
        var violations = Violations()
        violations.text(request.widgetKey, "widget_key", 1...100)
        violations.text(request.locale, "locale", 0...35)
        if let user = request.user {
            violations.text(user.userID, "user.user_id", 1...255)
            violations.text(user.email, "user.email", 0...320)
            violations.text(user.displayName, "user.display_name", 0...200)
        }
        if let page = request.page {
            violations.text(page.url, "page.url", 0...2_000)
            violations.text(page.referrer, "page.referrer", 0...2_000)
            violations.text(page.title, "page.title", 0...255)
        }
        try violations.check()
    }

    /// The id of a user the page's server vouches for. A wrong hash is refused; a missing one is where identity is enforced.
    private func verifiedUser(_ user: WidgetUser?, _ widget: ChannelAccount.Widget) throws -> String? {
        guard let user, !user.hash.isEmpty else {
            if widget.identityEnforced { throw ConversationsError.identityNotVerified }
            return nil
        }
        guard let secret = widget.identitySecret,
            surroundings.visitorTokens.isVerified(userID: user.userID, hash: user.hash, secret: secret)
        else { throw ConversationsError.identityNotVerified }
        return user.userID
    }

    /// A verified user is the same visitor on every device. An anonymous one who signs in stays who he is; where the user is
    /// another visitor already, he stays it until the conversation he has begun is over. Another user on the same device is
    /// another visitor.
    private func visitor(
        _ request: CreateWidgetSessionRequest, _ verified: String?, _ account: ChannelAccount, _ widget: ChannelAccount.Widget,
        _ store: ConversationStore, _ now: Instant
    ) async throws -> Visitor {
        var carried: Visitor?
        if !request.visitorToken.isEmpty {
            guard let id = surroundings.visitorTokens.visitor(request.visitorToken, secret: widget.visitorSecret) else {
                throw ConversationsError.visitorTokenInvalid
            }
            carried = try await store.visitor(id, account: account.id)
        }
        var visitor: Visitor
        if let verified {
            let known = try await store.visitor(userID: verified, account: account.id)
            let guest = carried.flatMap { $0.isGuest(for: verified) ? $0 : nil }
            if known != nil, let guest,
                let begun = try await store.latest(account: account.id, addressKey: guest.id.text), !begun.state.isClosed
            {
                visitor = guest
                visitor.joinedUserID = verified
            } else {
                visitor = known ?? guest ?? Self.new(account, now)
                (visitor.userID, visitor.joinedUserID) = (verified, "")
            }
        } else {
            visitor = carried ?? Self.new(account, now)
        }
        // What an unverified page says about its user is a hint, and never overwrites what a verified one said.
        if let user = request.user, verified != nil || (visitor.userID.isEmpty && visitor.joinedUserID.isEmpty) {
            if !user.displayName.isEmpty { visitor.name = user.displayName }
            if !user.email.isEmpty { visitor.email = user.email }
        }
        if !request.locale.isEmpty { visitor.locale = request.locale }
        if let page = request.page { visitor.pageURL = page.url }
        return visitor
    }

    /// Who has written before he signed in, and the user, who is another visitor already, become one contact; what was written
    /// goes with it. Contacts is asked outside of any transaction; asked again, it changes nothing.
    private func joinContacts(_ request: CreateWidgetSessionRequest, _ tenantID: UUID, _ accountID: UUID) async throws {
        guard request.user?.hash.isEmpty == false, !request.visitorToken.isEmpty else { return }
        let pair: (guest: Visitor, user: Visitor)? = try await surroundings.transaction(tenantID, readOnly: true) {
            let store = ConversationStore(transaction: $0, tenantID: tenantID)
            guard let widget = try await store.account(accountID)?.widget, let verified = try verifiedUser(request.user, widget),
                let id = surroundings.visitorTokens.visitor(request.visitorToken, secret: widget.visitorSecret),
                let guest = try await store.visitor(id, account: accountID), guest.isGuest(for: verified),
                let user = try await store.visitor(userID: verified, account: accountID),
                try await store.latest(account: accountID, addressKey: guest.id.text) != nil
            else { return nil }
            return (guest, user)
        }
        guard let pair else { return }
        func address(_ visitor: Visitor) -> ContactAddress {
            ContactAddress(channel: .webchat, accountID: accountID, address: visitor.id.text)
        }
        try await surroundings.contacts.join(address(pair.guest), into: address(pair.user), tenantID: tenantID)
    }

    private static func new(_ account: ChannelAccount, _ now: Instant) -> Visitor {
        Visitor(id: .v7(at: now), channelAccountID: account.id, created: now, sessionExpires: now)
    }

    private func answer(
        _ visitor: Visitor, from origin: String, _ verified: Bool, _ account: ChannelAccount, _ widget: ChannelAccount.Widget,
        _ directory: Directory, _ latest: Conversation?
    ) async throws -> CreateWidgetSessionResponse {
        let tokens = surroundings.visitorTokens
        let access = try await tokens.signed(
            visitor.id, account: account.id, origin: origin, tenantID: directory.tenantID, lifetime: VisitorTokens.accessLifetime)
        let ticket = try await tokens.signed(
            visitor.id, account: account.id, origin: origin, tenantID: directory.tenantID, lifetime: VisitorTokens.ticketLifetime)
        let wire = Wire(directory: directory)
        return CreateWidgetSessionResponse(
            visitorToken: tokens.visitorToken(visitor.id, secret: widget.visitorSecret), visitorID: visitor.id.text,
            verified: verified, accessToken: access.token, accessTokenExpireTime: Timestamp(access.expires),
            streamTicket: ticket.token, conversation: latest.map(wire.visitorConversation),
            config: WidgetConfig(
                displayName: account.name, textMax: account.rules.textLimit.map { Int32($0.max) } ?? 0,
                attachments: wire.attachmentRules(account.rules).filter { $0.permission != .rejected }))
    }
}

extension Surroundings {
    /// Where a widget's public key leads: read before any tenant is known.
    func widget(_ key: String) async throws -> (tenantID: UUID, accountID: UUID)? {
        try await pool.query(
            """
            select tenant_id, channel_account_id
            from conversations.widget_key
            where widget_key = \(key)
            """
        ).only?.decode((UUID, UUID).self)
    }
}
