import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import WallTime

/// What a contract's ListAuditEntries asks for: each service has a message of its own, and all of them ask alike.
package protocol AuditEntriesRequest {
    var subject: String { get }
    var actor: String { get }
    var startTime: Timestamp? { get }
    var endTime: Timestamp? { get }
    var pageSize: Int32 { get }
    var pageToken: String { get }
}

/// Which lines of a trail are asked for; what is empty restricts nothing.
package struct AuditQuery: Sendable {
    let subject: String
    let actor: String
    let start: Instant?
    let end: Instant?
    let limit: Int
    /// The line before which the page begins.
    let before: UUID?
    /// What the next page must repeat.
    let arguments: [String]

    /// - Throws: INVALID_FIELD, PAGE_TOKEN_INVALID.
    package init(
        _ request: some AuditEntriesRequest, _ context: ServerContext, _ tokens: PageTokens, pageMax: Int = 200
    ) throws {
        var violations = Violations()
        subject = violations.text(request.subject, "subject", 0...100)
        actor = violations.text(request.actor, "actor", 0...200)
        (start, end) = (request.startTime.map { Instant($0) }, request.endTime.map { Instant($0) })
        if let start, let end { violations.require(start <= end, "end_time", "lies before start_time") }
        try violations.check()
        limit = try ServiceRuntime.pageSize(request.pageSize, max: pageMax)
        arguments = [
            "ListAuditEntries", try context.tenantID.text, subject, actor, start.map { "\($0.microseconds)" } ?? "",
            end.map { "\($0.microseconds)" } ?? "",
        ]
        before = try tokens.keys(of: request.pageToken, count: 1, arguments: arguments).map { (keys) throws(Failure) in
            guard let id = UUID(id: keys[0]) else { throw .pageTokenInvalid }
            return id
        }
    }
}
