import FoundationEssentials
import Postgres
import ServiceRuntime
import WallTime

/// The tables of conversations, as one tenant sees them, inside one transaction. One function is one SQL statement.
struct ConversationStore: Sendable {
    let transaction: Transaction
    let tenantID: UUID
}

// MARK: - Reading conversations

extension ConversationStore {
    func conversation(_ id: UUID) async throws -> Conversation? {
        try await conversations([id]).first
    }

    /// The conversations with these ids, in no order; unknown ones are missing.
    func conversations(_ ids: [UUID]) async throws -> [Conversation] {
        try await transaction.query(
            """
            select \(fragment: Self.columns)
            from conversations.conversation
            where tenant_id = \(tenantID) and conversation_id = any(\(ids))
            """
        ).map(Conversation.init(row:))
    }

    /// The conversation, locked until the transaction ends, and the account it runs over: whoever comes second sees what the
    /// first one made of it.
    func locked(_ id: UUID) async throws -> (Conversation, ChannelAccount)? {
        try Self.withAccount(await transaction.pipeline(withAccount(id, lock: "for update")))
    }

    /// Two statements that answer a conversation and the account it runs over.
    func withAccount(_ id: UUID, lock: SQL = "") -> [SQL] {
        [
            """
            select \(fragment: Self.columns)
            from conversations.conversation
            where tenant_id = \(tenantID) and conversation_id = \(id)
            \(fragment: lock)
            """,
            """
            select \(fragment: Self.accountColumns)
            from conversations.channel_account
            where (tenant_id, channel_account_id) = (
                select tenant_id, channel_account_id
                from conversations.conversation
                where tenant_id = \(tenantID) and conversation_id = \(id)
            )
            """,
        ]
    }

    static func withAccount(_ answers: [Rows]) throws -> (Conversation, ChannelAccount)? {
        // A conversation's row refers to its account's.
        guard let conversation = answers[0].only, let account = answers[1].only else { return nil }
        return (try Conversation(row: conversation), try ChannelAccount(row: account))
    }

    /// The one non-closed conversation of an address, locked.
    func lockedOpenOne(account: UUID, addressKey: String) async throws -> Conversation? {
        try await transaction.query(openOne(account: account, addressKey: addressKey)).map(Conversation.init(row:)).first
    }

    func openOne(account: UUID, addressKey: String) -> SQL {
        """
        select \(fragment: Self.columns)
        from conversations.conversation
        where tenant_id = \(tenantID) and channel_account_id = \(account) and address_key = \(addressKey)
            and state <> 'closed'
        for update
        """
    }

    /// The latest conversation of an address, closed or not.
    func latest(account: UUID, addressKey: String) async throws -> Conversation? {
        try await transaction.query(latest(account: account, addressKey: addressKey)).map(Conversation.init(row:)).first
    }

    func latest(account: UUID, addressKey: String) -> SQL {
        """
        select \(fragment: Self.columns)
        from conversations.conversation
        where tenant_id = \(tenantID) and channel_account_id = \(account) and address_key = \(addressKey)
        order by (state <> 'closed') desc, create_time desc, conversation_id desc
        limit 1
        """
    }

    /// The latest conversation of an address, locked, if it is over and its customer was asked to judge it (C42).
    func lockedJudged(account: UUID, addressKey: String) async throws -> Conversation? {
        try await transaction.query(
            """
            select \(fragment: Self.columns)
            from conversations.conversation
            where tenant_id = \(tenantID) and state = 'closed' and survey_time is not null and conversation_id = (
                select conversation_id
                from conversations.conversation
                where tenant_id = \(tenantID) and channel_account_id = \(account) and address_key = \(addressKey)
                order by create_time desc, conversation_id desc
                limit 1
            )
            for update
            """
        ).map(Conversation.init(row:)).first
    }

    /// A non-closed conversation of a contact on an account, whatever the address (C18).
    func openOne(account: UUID, contact: UUID) async throws -> Conversation? {
        try await transaction.query(
            """
            select \(fragment: Self.columns)
            from conversations.conversation
            where tenant_id = \(tenantID) and contact_id = \(contact) and channel_account_id = \(account)
                and state <> 'closed'
            order by conversation_id
            limit 1
            """
        ).map(Conversation.init(row:)).first
    }

    /// How many conversations an agent has pending (C10).
    func pendingCount(of agent: UUID, in department: UUID?) async throws -> Int {
        try await transaction.query(
            """
            select count(*)
            from conversations.conversation
            where tenant_id = \(tenantID) and assignee_id = \(agent) and state = 'pending'
                and department_id is not distinct from \(department)
            """
        ).only?.decode(Int.self) ?? 0
    }
}

// MARK: - Writing conversations

extension ConversationStore {
    /// A new conversation, unless its address has a non-closed one: then nothing happens, and whoever was first has committed.
    /// - Returns: whether it was inserted.
    func insert(_ conversation: Conversation) async throws -> Bool {
        let c = conversation
        return try await transaction.query(
            """
            insert into conversations.conversation
                (tenant_id, conversation_id, state, reason, channel_account_id, channel, contact_id, customer_address,
                 address_key, customer_name, department_id, assignee_id, last_assignee_id, ticket_id, ticket_number, service_type,
                 labels, priority, subject, arrival_time, start_time, create_time, update_time, state_time, continued_from,
                 customer_locale, customer_time_zone)
            values
                (\(tenantID), \(c.id), \(c.state.name), \(c.state.reasonName), \(c.channelAccountID), \(c.channel.rawValue),
                 \(c.contactID), \(c.address), \(c.addressKey), \(c.customerName), \(c.departmentID), \(c.assigneeID),
                 \(c.lastAssigneeID), \(c.ticketID), \(c.ticketNumber), \(c.serviceType), \(c.labels), \(c.priority), \(c.subject),
                 \(c.arrival), \(c.started), \(c.created), \(c.updated), \(c.stateTime), \(c.continuedFrom),
                 \(c.customerLocale), \(c.customerTimeZone))
            on conflict (tenant_id, channel_account_id, address_key) where state <> 'closed' do nothing
            """
        ).affected == 1
    }

    /// Everything of a conversation that changes, sent together with COMMIT. The row is locked since its version was read;
    /// should another version be there all the same, the version would become null, which fails the transaction.
    func update(_ conversation: Conversation) {
        let c = conversation
        transaction.beforeCommit(
            """
            update conversations.conversation
            set version = case version when \(c.version) then version + 1 end,
                state = \(c.state.name), reason = \(c.state.reasonName), contact_id = \(c.contactID),
                customer_name = \(c.customerName), department_id = \(c.departmentID), assignee_id = \(c.assigneeID),
                last_assignee_id = \(c.lastAssigneeID), ticket_id = \(c.ticketID),
                ticket_number = \(c.ticketNumber), service_type = \(c.serviceType),
                labels = \(c.labels), priority = \(c.priority), outcome = \(c.outcome), subject = \(c.subject),
                arrival_time = \(c.arrival), start_time = \(c.started), last_message_time = \(c.lastMessage),
                update_time = \(c.updated), state_time = \(c.stateTime), close_time = \(c.closed),
                last_inbound_time = \(c.window.lastInbound), auto_close_time = \(c.autoClose),
                resume_expire_time = \(c.resumeExpires), awaited_message_id = \(c.awaited?.messageID),
                await_seconds = \(c.awaited?.patience?.components.seconds),
                await_resumed = \(c.awaited?.resumes ?? false), remind_time = \(c.remind), waiting_on = \(c.waitingOn.rawValue),
                waiting_since_time = \(c.waitingSince), unread = \(c.unread), attention = \(c.attention),
                first_line = \(c.firstLine), last_line = \(c.lastLine), last_seq = \(c.lastSeq),
                customer_read_seq = \(c.customerReadSeq), read_seq = \(c.readSeq), last_human_seq = \(c.lastHumanSeq),
                failed_message = \(c.failedMessage), blocked = \(c.blocked), transfer_reason = \(c.transferReason),
                mentioned_agent_ids = \(c.mentionedAgentIDs), missing_on_close = \(c.missingOnClose),
                history_count = \(c.historyCount), slot_weight = \(c.slotWeight), spam = \(c.spam),
                answer_count = \(c.answerCount), handle_start_time = \(c.handleStart),
                route_method = \(c.routeMethod?.rawValue ?? ""), bot_awaited_time = \(c.botAwaited),
                inbound_automatic = \(c.inboundAutomatic),
                survey_time = \(c.survey?.asked), survey_score = \(c.survey?.score ?? 0),
                survey_answer_time = \(c.survey?.answered), first_customer_time = \(c.clocks.firstCustomer),
                queue_wait = \(c.clocks.queueWait), first_response = \(c.clocks.firstResponse),
                answers = \(c.clocks.answers), answer_wait = \(c.clocks.answerWait),
                answer_wait_max = \(c.clocks.answerWaitMax), customer_wait = \(c.clocks.customerWait)
            where tenant_id = \(tenantID) and conversation_id = \(c.id)
            """)
        if c.searchedTexts != c.storedTexts { writeWords(of: c) }
    }
}

// MARK: - Rows

extension ConversationStore {
    static let columns: SQL = """
        conversation_id, version, state, reason, channel_account_id, channel, contact_id, customer_address, address_key,
        customer_name, department_id, assignee_id, last_assignee_id, ticket_id, ticket_number, service_type, labels, priority,
        outcome, subject, arrival_time, start_time, last_message_time, create_time, update_time, state_time, close_time,
        last_inbound_time, auto_close_time, resume_expire_time, awaited_message_id, await_seconds, await_resumed,
        remind_time, waiting_on, waiting_since_time, unread, attention, first_line, last_line, last_seq, continued_from,
        customer_read_seq, read_seq, last_human_seq, failed_message, blocked, transfer_reason,
        mentioned_agent_ids, missing_on_close, history_count, slot_weight, customer_locale, spam, answer_count,
        handle_start_time, route_method, bot_awaited_time, customer_time_zone, inbound_automatic, survey_time, survey_score,
        survey_answer_time, first_customer_time, queue_wait, first_response, answers, answer_wait, answer_wait_max, customer_wait
        """
}

/// A row holds what no release of ours has written.
struct UnknownWord: Error {
    var word: String
}

extension Conversation {
    init(row: Row) throws {
        let (state, reason): (String, String) = (try row["state"], try row["reason"])
        guard let known = ConversationState(name: state, reason: reason) else { throw UnknownWord(word: "\(state) \(reason)") }
        id = try row["conversation_id"]
        version = try row["version"]
        self.state = known
        channelAccountID = try row["channel_account_id"]
        channel = try row.word("channel")
        contactID = try row["contact_id"]
        address = try row["customer_address"]
        addressKey = try row["address_key"]
        customerName = try row["customer_name"]
        customerLocale = try row["customer_locale"]
        customerTimeZone = try row["customer_time_zone"]
        departmentID = try row["department_id"]
        assigneeID = try row["assignee_id"]
        lastAssigneeID = try row["last_assignee_id"]
        ticketID = try row["ticket_id"]
        ticketNumber = try row["ticket_number"]
        serviceType = try row["service_type"]
        labels = try row["labels"]
        priority = try row["priority"]
        outcome = try row["outcome"]
        subject = try row["subject"]
        arrival = try row["arrival_time"]
        started = try row["start_time"]
        lastMessage = try row["last_message_time"]
        created = try row["create_time"]
        updated = try row["update_time"]
        stateTime = try row["state_time", as: Instant?.self] ?? updated
        closed = try row["close_time"]
        window = ReplyWindow(lastInbound: try row["last_inbound_time"])
        autoClose = try row["auto_close_time"]
        resumeExpires = try row["resume_expire_time"]
        if let message = try row["awaited_message_id", as: UUID?.self] {
            let seconds: Int64? = try row["await_seconds"]
            awaited = AwaitedReply(
                messageID: message, patience: seconds.map { .seconds($0) }, resumes: try row["await_resumed"])
        }
        remind = try row["remind_time"]
        waitingOn = try row.word("waiting_on")
        waitingSince = try row["waiting_since_time"]
        unread = try row["unread"]
        attention = try row["attention"]
        firstLine = try row["first_line"]
        lastLine = try row["last_line"]
        lastSeq = try row["last_seq"]
        continuedFrom = try row["continued_from"]
        customerReadSeq = try row["customer_read_seq"]
        readSeq = try row["read_seq"]
        lastHumanSeq = try row["last_human_seq"]
        failedMessage = try row["failed_message"]
        blocked = try row["blocked"]
        transferReason = try row["transfer_reason"]
        mentionedAgentIDs = try row["mentioned_agent_ids"]
        missingOnClose = try row["missing_on_close"]
        historyCount = try row["history_count"]
        slotWeight = try row["slot_weight"]
        spam = try row["spam"]
        answerCount = try row["answer_count"]
        handleStart = try row["handle_start_time"]
        routeMethod = try row.optionalWord("route_method")
        botAwaited = try row["bot_awaited_time"]
        inboundAutomatic = try row["inbound_automatic"]
        survey = try Survey(row: row)
        clocks = ChatClocks(
            queueWait: try row["queue_wait"], firstCustomer: try row["first_customer_time"],
            firstResponse: try row["first_response"], answers: try row["answers"], answerWait: try row["answer_wait"],
            answerWaitMax: try row["answer_wait_max"], customerWait: try row["customer_wait"])
        storedBasis = TimerBasis(self)
        storedTexts = searchedTexts
        storedReport = ReportBasis(self)
    }
}

extension Survey {
    /// `nil`: nobody was asked.
    fileprivate init?(row: Row) throws {
        guard let asked = try row["survey_time", as: Instant?.self] else { return nil }
        let score: Int16 = try row["survey_score"]
        self.init(asked: asked, score: score == 0 ? nil : score, answered: try row["survey_answer_time"])
    }
}

extension Row {
    /// A word of one of our enums.
    func word<Word: RawRepresentable<String>>(_ column: String) throws -> Word {
        let text: String = try self[column]
        guard let word = Word(rawValue: text) else { throw UnknownWord(word: text) }
        return word
    }

    /// The same where none is stored as the empty word.
    func optionalWord<Word: RawRepresentable<String>>(_ column: String) throws -> Word? {
        try self[column, as: String.self].isEmpty ? nil : word(column)
    }
}
