import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import WallTime

// SearchConversations (C62).
extension ConversationsService {
    func searchConversations(
        _ request: SearchConversationsRequest, _ context: ServerContext
    ) async throws -> SearchConversationsResponse {
        let search = try Search(request)
        let size = try pageSize(request.pageSize, max: Self.pageMax)
        return try await surroundings.read(context) { work in
            let viewer = try work.caller.viewer
            let arguments = search.arguments(viewer, request.query)
            let position = try surroundings.pageTokens.keys(of: request.pageToken, count: 3, arguments: arguments)
                .map(Search.Position.init)
            let page = try await work.find(search, for: viewer, after: position, limit: size)
            var response = SearchConversationsResponse(truncated: page.isTruncated)
            response.hits = zip(page.hits, try await work.wired(page.hits.map(\.conversation))).map { hit, conversation in
                SearchHit(
                    conversation: conversation, messageID: hit.messageID?.text ?? "", excerpt: hit.excerpt.text,
                    highlights: hit.excerpt.flat)
            }
            if let next = page.next {
                response.nextPageToken = surroundings.pageTokens.token(after: next.keys, arguments: arguments)
            }
            return response
        }
    }
}

extension Search {
    init(_ request: SearchConversationsRequest) throws {
        var violations = Violations()
        violations.text(request.query, "query", 1...SearchQuery.charactersMax)
        query = SearchQuery(request.query)
        violations.require(request.query.isEmpty || !query.wanted.isEmpty, "query", "has no word to look for")
        violations.require(query.wordCount <= SearchQuery.wordsMax, "query", "has more than 16 words")
        states = violations.known(request.states, "states", max: ConversationsService.filterWordsMax, \.stateName)
        after = request.afterTime.map { Instant($0) }
        before = request.beforeTime.map { Instant($0) }
        try violations.check()
        filter = try ConversationQuery(
            ListConversationsRequest(
                view: request.view, departmentIDs: request.departmentIDs, channels: request.channels,
                channelAccountIDs: request.channelAccountIDs, assigneeIDs: request.assigneeIDs, labels: request.labels,
                priorities: request.priorities))
    }

    /// What the next page must repeat.
    func arguments(_ viewer: Viewer<UUID>, _ text: String) -> [String] {
        filter.arguments(viewer) + [
            "search", text, states.joined(separator: ","), after.map { "\($0.microseconds)" } ?? "",
            before.map { "\($0.microseconds)" } ?? "",
        ]
    }
}

extension Search.Position {
    /// Keys of a token of ours; its tag has been checked.
    init(_ keys: [String]) throws {
        guard let score = Int32(keys[0]), let time = Int64(keys[1]), let id = UUID(id: keys[2]) else {
            throw Failure.pageTokenInvalid
        }
        self.init(score: score, time: Instant(microseconds: time), id: id)
    }

    var keys: [String] { ["\(score)", "\(time.microseconds)", id.text] }
}
