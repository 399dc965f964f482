import GRPC
import ServiceRuntime
import TemplatesV1

/// The RPCs of message templates; each family has a file of its own.
///
/// A handler parses, decides, stores, answers.
struct TemplatesService: TemplatesServiceProtocol {
    let surroundings: Surroundings
}

// MARK: - Reading

extension TemplatesService {
    func getTemplate(_ request: GetTemplateRequest, _ context: ServerContext) async throws -> GetTemplateResponse {
        var reading = RequestReading()
        let id: TemplateID = reading.id(request.templateID, "template_id")
        try reading.finish()

        let template = try await surroundings.reading(context) { transaction, tenantID in
            try await TemplateStore(transaction: transaction, tenantID: tenantID).template(id)
        }
        guard let template else { throw TemplatesError.templateNotFound(id.description) }
        return GetTemplateResponse(template: template.wire)
    }

    func listTemplates(_ request: ListTemplatesRequest, _ context: ServerContext) async throws -> ListTemplatesResponse {
        var reading = RequestReading()
        let filter = reading.filter(request)
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let arguments = try request.arguments(context)
        let end = try surroundings.pageTokens.keys(of: request.pageToken, count: 3, arguments: arguments)
            .map { (keys) throws(Failure) in
                guard let end = TemplatePageEnd(keys: keys) else { throw .pageTokenInvalid }
                return end
            }

        // One more than asked for tells whether there is a next page.
        let found = try await surroundings.reading(context) { transaction, tenantID in
            try await TemplateStore(transaction: transaction, tenantID: tenantID)
                .templates(filter, after: end, limit: limit + 1)
        }
        let page = found.prefix(limit)
        var response = ListTemplatesResponse(templates: page.map(\.wire))
        if found.count > limit, let last = page.last {
            response.nextPageToken = surroundings.pageTokens.token(after: TemplatePageEnd(last).keys, arguments: arguments)
        }
        return response
    }

    func listTemplateHistory(
        _ request: ListTemplateHistoryRequest, _ context: ServerContext
    ) async throws -> ListTemplateHistoryResponse {
        var reading = RequestReading()
        let id: TemplateID = reading.id(request.templateID, "template_id")
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListTemplateHistory", try context.tenantID.text, id.description]
        let before = try surroundings.pageTokens.keys(of: request.pageToken, count: 1, arguments: arguments)
            .map { (keys) throws(Failure) in
                guard let seq = Int32(keys[0]) else { throw .pageTokenInvalid }
                return seq
            }

        let found = try await surroundings.reading(context) { transaction, tenantID in
            let store = TemplateStore(transaction: transaction, tenantID: tenantID)
            guard try await store.template(id) != nil else { throw TemplatesError.templateNotFound(id.description) }
            return try await store.history(of: id, before: before, limit: limit + 1)
        }
        let page = found.prefix(limit)
        var response = ListTemplateHistoryResponse(historyEntries: page.map(\.wire))
        if found.count > limit, let last = page.last {
            response.nextPageToken = surroundings.pageTokens.token(after: ["\(last.seq)"], arguments: arguments)
        }
        return response
    }
}

extension RequestReading {
    fileprivate static let queryLengthMax = 200
    fileprivate static let languagesMax = 50

    fileprivate mutating func filter(_ request: ListTemplatesRequest) -> TemplateFilter {
        text(request.query, "query", 0...Self.queryLengthMax)
        return TemplateFilter(
            query: SearchText.folded(request.query),
            accountID: optionalUUID(request.channelAccountID, "channel_account_id"),
            languages: locales(request.languages, "languages", max: Self.languagesMax),
            categories: words(request.categories, "categories", unspecified: .unspecified, max: 10, TemplateCategory.init),
            statuses: words(request.statuses, "statuses", unspecified: .unspecified, TemplateStatus.init),
            isSendableOnly: request.sendableOnly)
    }
}

extension ListTemplatesRequest {
    /// All that the next page must repeat.
    fileprivate func arguments(_ context: ServerContext) throws -> [String] {
        [
            "ListTemplates", try context.tenantID.text, query, channelAccountID, languages.joined(separator: " "),
            categories.map { "\($0.rawValue)" }.joined(separator: " "), statuses.map { "\($0.rawValue)" }.joined(separator: " "),
            "\(sendableOnly)",
        ]
    }
}
