import FoundationEssentials
import Postgres
import WallTime

// MARK: - What things are found by

extension ConversationStore {
    /// The words of a conversation's own row, written anew; sent together with COMMIT.
    func writeWords(of conversation: Conversation) {
        let words = conversation.searchedTexts.words
        transaction.beforeCommit(
            """
            with gone as (
                delete from conversations.search_word
                where tenant_id = \(tenantID) and conversation_id = \(conversation.id) and seq = 0
                    and word <> all(\(words))
            )
            insert into conversations.search_word (tenant_id, conversation_id, word, seq)
            select \(tenantID), \(conversation.id), word, 0
            from unnest(\(words)) as word
            on conflict (tenant_id, conversation_id, word, seq) do nothing
            """)
    }

    /// What a person is found by from now on.
    func remember(_ person: Person, _ contactID: UUID) async throws {
        try await transaction.pipeline([
            """
            insert into conversations.person (tenant_id, contact_id, texts)
            values (\(tenantID), \(contactID), \(person.texts))
            on conflict (tenant_id, contact_id) do update
            set texts = excluded.texts
            """,
            """
            with gone as (
                delete from conversations.person_word
                where tenant_id = \(tenantID) and contact_id = \(contactID) and word <> all(\(person.words))
            )
            insert into conversations.person_word (tenant_id, contact_id, word)
            select \(tenantID), \(contactID), word
            from unnest(\(person.words)) as word
            on conflict (tenant_id, contact_id, word) do nothing
            """,
        ])
    }

    /// Conversations with messages that are not searchable yet, locked: an erasure comes before this or after it.
    func lockedUnsearchable(limit: Int) async throws -> [Conversation] {
        try await transaction.query(
            """
            select \(fragment: Self.columns)
            from conversations.conversation
            where tenant_id = \(tenantID) and conversation_id in (
                select conversation_id
                from conversations.message
                where tenant_id = \(tenantID) and not searchable
                order by conversation_id, seq
                limit \(limit)
            )
            order by conversation_id
            for update
            """
        ).map(Conversation.init(row:))
    }

    /// Their messages that are not searchable yet, with their texts.
    func unsearchable(in conversations: [UUID], limit: Int) async throws -> [(conversationID: UUID, seq: Int32, text: String)] {
        try await transaction.query(
            """
            select conversation_id, seq, text
            from conversations.message
            where tenant_id = \(tenantID) and conversation_id = any(\(conversations)) and not searchable
            order by conversation_id, seq
            limit \(limit)
            """
        ).map { try $0.decode((UUID, Int32, String).self) }
    }

    /// The words of a message that was stored without them; sent together with COMMIT.
    func makeSearchable(_ conversation: UUID, _ seq: Int32, words: [String]) {
        transaction.beforeCommit(
            """
            with marked as (
                update conversations.message
                set searchable = true
                where tenant_id = \(tenantID) and conversation_id = \(conversation) and seq = \(seq)
            )
            insert into conversations.search_word (tenant_id, conversation_id, word, seq)
            select \(tenantID), \(conversation), word, \(seq)
            from unnest(\(words)) as word
            on conflict (tenant_id, conversation_id, word, seq) do nothing
            """)
    }
}

// MARK: - Finding

extension ConversationStore {
    /// In how many places each word stands, counted up to one more than are looked at.
    func places(of words: [SearchedWord]) async throws -> [Int] {
        try await transaction.query(places(of: words)).map { try $0.decode(Int.self) }
    }

    /// Conversations that have every word, the best first, as far as the viewer may read them.
    /// - Parameter rarest: by which word they are looked for.
    func find(
        _ search: Search, by rarest: SearchedWord, for viewer: Viewer<UUID>, after position: Search.Position?, limit: Int
    ) async throws -> [SearchFinding] {
        try await transaction.query(found(search, by: rarest, for: viewer, after: position, limit: limit))
            .map(SearchFinding.init(row:))
    }

    /// Messages that have all these words, in no order, the newest first, and the beginning of their texts.
    func messages(in conversation: UUID, with words: [SearchedWord], limit: Int) async throws -> [(seq: Int32, text: String)] {
        try await transaction.query(messagesWith(words, in: conversation, limit: limit))
            .map { try $0.decode((Int32, String).self) }
    }

    func messages(at places: [(conversationID: UUID, seq: Int32)]) async throws -> [Message] {
        guard !places.isEmpty else { return [] }
        return try await transaction.query(
            """
            select \(fragment: Self.messageColumns)
            from conversations.message
            join unnest(\(places.map(\.conversationID)), \(places.map(\.seq))) as place (wanted_conversation, wanted_seq)
                on conversation_id = wanted_conversation and seq = wanted_seq
            where tenant_id = \(tenantID)
            """
        ).map(Message.init(row:))
    }

    /// Names and addresses of people, by contact.
    func texts(of contacts: [UUID]) async throws -> [UUID: [String]] {
        guard !contacts.isEmpty else { return [:] }
        let rows = try await transaction.query(
            """
            select contact_id, texts
            from conversations.person
            where tenant_id = \(tenantID) and contact_id = any(\(contacts))
            """)
        return try Dictionary(
            rows.map { try $0.decode((UUID, [String]).self) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: - Statements

    func places(of words: [SearchedWord]) -> SQL {
        """
        select (
                select count(*)
                from (
                    select
                    from conversations.search_word
                    where tenant_id = \(tenantID) and word >= low and word < high
                    order by word
                    limit \(Search.placesMax + 1)
                ) as written
            ) + (
                select count(*)
                from (
                    select
                    from conversations.person_word
                    where tenant_id = \(tenantID) and word >= low and word < high
                    order by word
                    limit \(Search.placesMax + 1)
                ) as called
            )
        from unnest(\(words.map(\.low)), \(words.map(\.high))) with ordinality as wanted (low, high, number)
        order by number
        """
    }

    /// The rarest word leads to conversations, newest first; each of them is then asked for the other words by its own key, so
    /// that how often those stand elsewhere costs nothing. What is read, and what is ranked, has a bound.
    func found(
        _ search: Search, by rarest: SearchedWord, for viewer: Viewer<UUID>, after position: Search.Position?, limit: Int
    ) -> SQL {
        let words = search.query.words
        let conditions = SQL.joined(Self.conditions(search, viewer), by: " and ")
        return """
            with looked_at as (
                (
                    select conversation_id
                    from conversations.search_word
                    where tenant_id = \(tenantID) and word = \(rarest.text)
                    order by conversation_id desc
                    limit \(Search.placesMax)
                )
                \(fragment: rarest.isOpen ? beginnings(rarest) : "")
                union
                (
                    select conversation.conversation_id
                    from (
                        select contact_id
                        from conversations.person_word
                        where tenant_id = \(tenantID) and word >= \(rarest.low) and word < \(rarest.high)
                        order by word, contact_id
                        limit \(Search.placesMax)
                    ) as called
                    join conversations.conversation on conversation.contact_id = called.contact_id
                    where tenant_id = \(tenantID)
                    limit \(Search.placesMax)
                )
            ), matching as (
                select \(fragment: Self.columns), weight, row_words
                from conversations.conversation
                join looked_at using (conversation_id)
                cross join lateral (
                    -- What the row or the person has weighs 3, a message 1; the whole word one more than its beginning.
                    select sum(weight)::int as weight, count(*) filter (where weight >= 3) as row_words
                    from unnest(\(words.map(\.text)), \(words.map(\.low)), \(words.map(\.high))) as wanted (whole, low, high)
                    cross join lateral (
                        select max(weight) as weight
                        from (
                            select case seq when 0 then 3 else 1 end + (word = whole)::int as weight
                            from conversations.search_word
                            where tenant_id = \(tenantID) and search_word.conversation_id = conversation.conversation_id
                                and word >= low and word < high
                            union all
                            select 3 + (word = whole)::int
                            from conversations.person_word
                            where tenant_id = \(tenantID) and person_word.contact_id = conversation.contact_id
                                and word >= low and word < high
                        ) as places
                    ) as place
                    having count(weight) = \(words.count)
                ) as having_all
                where tenant_id = \(tenantID) and \(fragment: conditions)
                order by conversation_id desc
                limit \(Search.rankedMax)
            ), ranked as (
                select \(fragment: Self.columns), row_words, seq,
                       weight + coalesce((message_words = \(words.count))::int, 0) as score,
                       coalesce(last_message_time, create_time) as shown_time, count(*) over () as ranked_count
                from matching
                left join lateral (
                    select seq, count(distinct whole) as message_words
                    from unnest(\(words.map(\.text)), \(words.map(\.low)), \(words.map(\.high))) as wanted (whole, low, high)
                    join conversations.search_word
                        on tenant_id = \(tenantID) and search_word.conversation_id = matching.conversation_id
                        and word >= low and word < high and seq > 0
                    group by seq
                    order by message_words desc, seq desc
                    limit 1
                ) as message on true
            )
            select \(fragment: Self.columns), row_words = \(words.count) as row_has_all, seq, score, ranked_count
            from ranked
            where \(fragment: Self.beyond(position))
            order by score desc, shown_time desc, conversation_id desc
            limit \(limit)
            """
    }

    /// Words that begin so stand side by side, but not in the order of time: of too many, the shortest and first are looked at. The
    /// order is the index's, which keeps a wide range from being read as a whole.
    private func beginnings(_ word: SearchedWord) -> SQL {
        """
        union
        (
            select conversation_id
            from conversations.search_word
            where tenant_id = \(tenantID) and word >= \(word.low) and word < \(word.high)
            order by word, conversation_id
            limit \(Search.placesMax)
        )
        """
    }

    func messagesWith(_ words: [SearchedWord], in conversation: UUID, limit: Int) -> SQL {
        """
        select message.seq, left(text, 65536)
        from conversations.message
        join (
            select seq
            from unnest(\(words.map(\.text)), \(words.map(\.low)), \(words.map(\.high))) as wanted (whole, low, high)
            join conversations.search_word
                on tenant_id = \(tenantID) and conversation_id = \(conversation) and word >= low and word < high and seq > 0
            group by seq
            having count(distinct whole) = \(words.count)
            order by seq desc
            limit \(limit)
        ) as having_all on message.seq = having_all.seq
        where tenant_id = \(tenantID) and conversation_id = \(conversation)
        order by message.seq desc
        """
    }

    private static func conditions(_ search: Search, _ viewer: Viewer<UUID>) -> [SQL] {
        var all = conditions(search.filter, viewer)
        all.append("state = any(\(states(search.filter.view)))")
        if !search.states.isEmpty { all.append("state = any(\(search.states))") }
        if let after = search.after { all.append("last_message_time >= \(after)") }
        if let before = search.before { all.append("last_message_time < \(before)") }
        let unwanted = search.query.unwantedWords
        if !unwanted.isEmpty {
            all.append(
                """
                not exists (
                    select
                    from conversations.search_word
                    where search_word.tenant_id = conversation.tenant_id
                        and search_word.conversation_id = conversation.conversation_id and word = any(\(unwanted))
                )
                """)
            all.append(
                """
                not exists (
                    select
                    from conversations.person_word
                    where person_word.tenant_id = conversation.tenant_id and person_word.contact_id = conversation.contact_id
                        and word = any(\(unwanted))
                )
                """)
        }
        return all
    }

    private static func beyond(_ position: Search.Position?) -> SQL {
        guard let position else { return "true" }
        return "(score, shown_time, conversation_id) < (\(position.score), \(position.time), \(position.id))"
    }
}

extension SearchFinding {
    init(row: Row) throws {
        self.init(
            conversation: try Conversation(row: row), score: try row["score"], rowHasAll: try row["row_has_all"],
            seq: try row["seq"], rankedCount: try row["ranked_count"])
    }
}
