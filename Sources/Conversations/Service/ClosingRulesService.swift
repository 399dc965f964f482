import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import WallTime

/// When conversations close by themselves, as operators and admins say (C46).
struct ClosingRulesService: ClosingRulesServiceProtocol {
    let surroundings: Surroundings
}

extension ClosingRulesService {
    func listClosingRules(_ request: ListClosingRulesRequest, _ context: ServerContext) async throws
        -> ListClosingRulesResponse
    {
        let size = try pageSize(request.pageSize, max: ConversationsService.pageMax)
        let arguments = ["closing rules", try context.tenantID.text]
        let position = try surroundings.pageTokens.keys(of: request.pageToken, count: 2, arguments: arguments)
        return try await surroundings.read(context) { work in
            let after = position.map { (UUID(id: $0[0]), $0[1]) }
            let rows = try await work.store.closingRules(after: after, limit: size + 1)
            var response = ListClosingRulesResponse(closingRules: rows.prefix(size).map { work.wire.closingRule($0) })
            if rows.count > size {
                let last = rows[size - 1]
                response.nextPageToken = surroundings.pageTokens.token(
                    after: [last.departmentID?.text ?? "", last.channel.rawValue], arguments: arguments)
            }
            return response
        }
    }

    func getClosingRule(_ request: GetClosingRuleRequest, _ context: ServerContext) async throws -> GetClosingRuleResponse {
        try surroundings.checkRequired(request)
        var violations = Violations()
        let department = violations.optionalID(request.departmentID, "department_id")
        let channel = ChannelKind(request.channel)
        violations.require(channel != nil, "channel", "is unknown")
        try violations.check()
        return try await surroundings.read(context) { work in
            try work.checkDepartment(department)
            guard let channel else { throw Failure.invalid("channel", "is unknown") }
            let rule = try await work.store.closingRule(department: department, channel: channel)
            return GetClosingRuleResponse(closingRule: work.wire.closingRule(rule))
        }
    }

    func setClosingRule(_ request: SetClosingRuleRequest, _ context: ServerContext) async throws -> SetClosingRuleResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var wanted = try StoredClosingRule(request.closingRule ?? ConversationsV1.ClosingRule())
            let expected = try ETag.expectedVersion(request.etag)
            try work.checkDepartment(wanted.departmentID)
            guard let version = try await work.store.set(wanted, expected: expected, at: work.now) else {
                throw Failure.etagMismatch
            }
            (wanted.version, wanted.updated) = (version, work.now)
            try await work.wakeClosing(wanted)
            work.audit(Work.subject(wanted.departmentID, wanted.channel))
            return SetClosingRuleResponse(closingRule: work.wire.closingRule(wanted))
        }
    }
}

extension Work {
    func checkDepartment(_ id: UUID?) throws {
        if let id, directory.department(id) == nil { throw ConversationsError.departmentNotFound }
    }

    /// What waits already goes by the new rule from now on: each conversation it may concern judges its timers anew.
    fileprivate func wakeClosing(_ rule: StoredClosingRule) async throws {
        try await store.wake(
            .inactive, states: ["automated", "queued", "offered", "open", "pending"], department: rule.departmentID,
            channel: rule.channel, at: now)
        try await store.wake(
            .expiredTooLong, states: ["expired"], department: rule.departmentID, channel: rule.channel, at: now)
        transaction.afterCommit { [surroundings, now] in surroundings.timers.ring(for: now) }
    }
}

extension StoredClosingRule {
    /// A rule as somebody sets it.
    init(_ wire: ConversationsV1.ClosingRule) throws {
        var violations = Violations()
        let path = "closing_rule"
        departmentID = violations.optionalID(wire.departmentID, "\(path).department_id")
        let known = ChannelKind(wire.channel)
        violations.require(known != nil, "\(path).channel", "is unknown")
        channel = known ?? .webchat
        let inactive = wire.inactiveAfter.map { Swift.Duration($0) }
        let expired = wire.closeExpiredAfter.map { Swift.Duration($0) }.flatMap { $0 == .zero ? nil : $0 }
        if let inactive {
            violations.require(
                ClosingRule.inactiveRange.contains(inactive), "\(path).inactive_after", "is 1 minute to 30 days")
        }
        if let expired {
            violations.require(
                ClosingRule.closeExpiredRange.contains(expired), "\(path).close_expired_after", "is 1 hour to 365 days")
        }
        var notice: ClosingRule.Notice?
        if let wanted = wire.notice {
            violations.text(wanted.text, "\(path).notice.text", 1...ClosingRule.noticeCharactersMax)
            let before = wanted.before.map { Swift.Duration($0) } ?? .zero
            violations.require(
                before >= .seconds(1) && before < inactive ?? .zero, "\(path).notice.before",
                "is at least a second, and shorter than inactive_after")
            notice = ClosingRule.Notice(text: wanted.text, before: before)
        }
        try violations.check()
        rule = ClosingRule(inactiveAfter: inactive, notice: notice, closeExpiredAfter: expired)
    }
}

extension Wire {
    func closingRule(_ stored: StoredClosingRule) -> ConversationsV1.ClosingRule {
        var wire = ConversationsV1.ClosingRule()
        wire.departmentID = stored.departmentID?.text ?? ""
        wire.channel = stored.channel.wire
        wire.inactiveAfter = stored.rule.inactiveAfter.map { GoogleProtobuf.Duration($0) }
        wire.notice = stored.rule.notice.map { ClosingNotice(text: $0.text, before: GoogleProtobuf.Duration($0.before)) }
        wire.closeExpiredAfter = stored.rule.closeExpiredAfter.map { GoogleProtobuf.Duration($0) }
        wire.etag = stored.version == 0 ? "" : ETag(stored.version).description
        wire.updateTime = stored.updated.map { Timestamp($0) }
        return wire
    }
}
