import GRPC
import ServiceRuntime
import TemplatesV1

extension SnippetsService {
    func createSnippet(_ request: CreateSnippetRequest, _ context: ServerContext) async throws -> CreateSnippetResponse {
        var reading = RequestReading()
        let content = reading.snippet(request.snippet, "snippet")
        if request.snippet != nil { reading.add(content.violations, inside: "snippet") }
        reading.requestID(request.requestID)
        try reading.finish()

        return try await surroundings.changing(request, requestID: \.requestID, context) { changes in
            let snippet = try await changes.create(content)
            changes.audit(snippet.id.description)
            return CreateSnippetResponse(snippet: snippet.wire)
        }
    }

    func updateSnippet(_ request: UpdateSnippetRequest, _ context: ServerContext) async throws -> UpdateSnippetResponse {
        var reading = RequestReading()
        let values = reading.snippet(request.snippet, "snippet")
        let id: SnippetID = reading.id(request.snippet?.snippetID ?? "", "snippet.snippet_id")
        reading.requestID(request.requestID)
        try reading.finish()
        let mask = try UpdateMask(
            request.updateMask, writable: SnippetChange.writable, outputOnly: SnippetChange.ignored,
            populated: SnippetChange.populated(values))
        let version = try ETag.expectedVersion(request.etag)

        return try await surroundings.changing(request, requestID: \.requestID, context) { changes in
            let snippet = try await changes.lockedSnippet(id, version: version)
            let content = SnippetChange.applied(values, to: snippet.content, mask)
            var check = RequestReading()
            check.add(content.violations, inside: "snippet")
            try check.finish()
            let updated = try await changes.update(snippet, to: content)
            if updated.version != snippet.version { changes.audit(id.description, paths: mask.paths.sorted()) }
            return UpdateSnippetResponse(snippet: updated.wire)
        }
    }

    func deleteSnippet(_ request: DeleteSnippetRequest, _ context: ServerContext) async throws -> DeleteSnippetResponse {
        var reading = RequestReading()
        let id: SnippetID = reading.id(request.snippetID, "snippet_id")
        reading.requestID(request.requestID)
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await surroundings.changing(request, requestID: \.requestID, context) { changes in
            try await changes.delete(try await changes.lockedSnippet(id, version: version))
            changes.audit(id.description)
            return DeleteSnippetResponse()
        }
    }

    func recordSnippetUse(_ request: RecordSnippetUseRequest, _ context: ServerContext) async throws -> RecordSnippetUseResponse {
        var reading = RequestReading()
        let id: SnippetID = reading.id(request.snippetID, "snippet_id")
        reading.requestID(request.requestID)
        try reading.finish()
        let viewer = try await surroundings.known.viewer(context.principal)

        return try await surroundings.changing(request, requestID: \.requestID, context) { changes in
            guard let snippet = try await changes.snippets.snippet(id), let count = try await changes.use(snippet, by: viewer)
            else {
                throw TemplatesError.snippetNotFound(id)
            }
            return RecordSnippetUseResponse(useCount: count)
        }
    }
}

/// The fields that an update names (AIP-161).
enum SnippetChange {
    static let writable: Set<String> = ["shortcut", "title", "department_ids", "texts"]
    static let ignored: Set<String> = ["snippet_id", "etag", "use_count", "last_use_time", "create_time", "update_time"]

    /// What is set in a request: without a mask, that is what an update changes (AIP-134).
    static func populated(_ content: SnippetContent) -> Set<String> {
        var paths: Set<String> = []
        if !content.shortcut.isEmpty { paths.insert("shortcut") }
        if !content.title.isEmpty { paths.insert("title") }
        if !content.departmentIDs.isEmpty { paths.insert("department_ids") }
        if !content.texts.isEmpty { paths.insert("texts") }
        return paths
    }

    static func applied(_ values: SnippetContent, to content: SnippetContent, _ mask: UpdateMask) -> SnippetContent {
        var content = content
        if mask.contains("shortcut") { content.shortcut = values.shortcut }
        if mask.contains("title") { content.title = values.title }
        if mask.contains("department_ids") { content.departmentIDs = values.departmentIDs }
        if mask.contains("texts") { content.texts = values.texts }
        return content
    }
}
