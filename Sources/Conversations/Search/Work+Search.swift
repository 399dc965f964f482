import FoundationEssentials

/// One page of what was found.
struct SearchPage: Sendable {
    var hits: [FoundConversation] = []
    var next: Search.Position?
    /// There may be more than was looked at.
    var isTruncated = false
}

/// A conversation that was found, and what of it is shown.
struct FoundConversation: Sendable {
    var conversation: Conversation
    /// `nil`: the row itself.
    var messageID: UUID?
    var excerpt: Excerpt
}

extension Work {
    /// Messages of one conversation that are read for a phrase: the newest that have all its words.
    static let phraseMessagesMax = 50

    func find(_ search: Search, for viewer: Viewer<UUID>, after position: Search.Position?, limit: Int) async throws -> SearchPage
    {
        let words = search.query.words
        let places = try await store.places(of: words)
        guard let (rarest, count) = zip(words, places).min(by: { $0.1 < $1.1 }), count > 0 else { return SearchPage() }
        var page = SearchPage(isTruncated: count > Search.placesMax)
        var position = position
        var findings: [SearchFinding] = []
        while true {
            let batch = try await store.find(search, by: rarest, for: viewer, after: position, limit: limit + 1)
            if let ranked = batch.first?.rankedCount, ranked >= Search.rankedMax { page.isTruncated = true }
            for finding in batch {
                guard findings.count <= limit, let finding = try await withPhrases(finding, search.query) else { continue }
                findings.append(finding)
            }
            // Without phrases the first batch is enough.
            if findings.count > limit || batch.count <= limit { break }
            position = batch.last?.position
        }
        if findings.count > limit {
            findings.removeLast()
            page.next = findings.last?.position
        }
        page.hits = try await shown(findings, search.query)
        return page
    }

    /// Words that stand one behind the other: the texts themselves are asked.
    /// - Returns: `nil` where a phrase is not there, or one that must not be.
    private func withPhrases(_ finding: SearchFinding, _ query: SearchQuery) async throws -> SearchFinding? {
        var finding = finding
        for phrase in query.wantedPhrases {
            let place = try await self.place(of: phrase, in: finding.conversation)
            switch place {
            case .nowhere: return nil
            case .row: break
            case .message(let seq):
                finding.seq = seq
                finding.rowHasAll = false
            }
        }
        for phrase in query.unwantedPhrases {
            guard case .nowhere = try await place(of: phrase, in: finding.conversation) else { return nil }
        }
        return finding
    }

    private enum PhrasePlace {
        case nowhere, row
        case message(Int32)
    }

    private func place(of phrase: SearchQuery.Phrase, in conversation: Conversation) async throws -> PhrasePlace {
        let people = try await store.texts(of: [conversation.contactID])[conversation.contactID] ?? []
        if (conversation.searchedTexts.all + people).contains(where: phrase.stands(in:)) { return .row }
        let messages = try await store.messages(
            in: conversation.id, with: SearchedWord.each([phrase]), limit: Self.phraseMessagesMax)
        return messages.first { phrase.stands(in: $0.text) }.map { .message($0.seq) } ?? .nowhere
    }

    /// With their excerpts.
    private func shown(_ findings: [SearchFinding], _ query: SearchQuery) async throws -> [FoundConversation] {
        let places = findings.compactMap { finding in
            finding.rowHasAll ? nil : finding.seq.map { (conversationID: finding.conversation.id, seq: $0) }
        }
        let messages = Dictionary(
            try await store.messages(at: places).map { ($0.conversationID, $0) }, uniquingKeysWith: { first, _ in first })
        let people = try await store.texts(of: Array(Set(findings.map(\.conversation.contactID))))
        return findings.map { finding in
            let conversation = finding.conversation
            if !finding.rowHasAll, let message = messages[conversation.id] {
                return FoundConversation(
                    conversation: conversation, messageID: message.id, excerpt: Excerpt(of: message.text, for: query))
            }
            let texts = (conversation.searchedTexts.all + (people[conversation.contactID] ?? [])).distinct()
            let matching = texts.filter { !Excerpt(of: $0, for: query, withNumbers: true).highlights.isEmpty }
            return FoundConversation(
                conversation: conversation,
                excerpt: Excerpt(
                    of: (matching.isEmpty ? texts : matching).joined(separator: " · "), for: query, withNumbers: true))
        }
    }
}
