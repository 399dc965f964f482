import ConversationsTesting
import ConversationsV1
import EventLog
import Foundation
import GRPC
import GoogleProtobuf
import Postgres
import RoutingV1
import ServiceRuntime
import Testing
import Trials
import WallTime

@testable import Conversations

@Suite("C63, guarantee 18: every figure of a report can be counted again from the event log")
struct ReportsTests {
    private static let steps = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_LONG"] == nil ? 300 : 3_000
    private static let zone = "America/New_York"

    @Test(
        "C63, C53, C57, C59: volume, waits, responses, handling and resolution by every dimension are what the events add up to")
    func C63_figures() async throws {
        try await withInbox { inbox, tenant in
            let seed = UInt64.random(in: 0...UInt64.max)
            var random = SeededGenerator(seed: seed)
            try await inbox.hear([tenant.zoned(Self.zone)])
            // The night in which New York's clocks go back is among the days.
            try inbox.surroundings.clock.set(Instant(rfc3339: "2026-10-30T15:00:00Z")!)
            let start = inbox.surroundings.clock.now
            _ = try await inbox.play(steps: Self.steps, of: tenant, &random)
            let recount = Recount(try await inbox.everyEvent(of: tenant))
            let measured = Set(recount.samples.map(\.measure))
            #expect(measured == [.volume, .queueWait, .firstResponse, .response, .handle, .resolution], "seed \(seed)")
            let end = inbox.surroundings.clock.now
            for request in try Self.requests(tenant, start, end, &random) {
                let zone = TimeZone(identifier: request.timeZone.isEmpty ? Self.zone : request.timeZone)!
                let rows = try await inbox.report(request, of: tenant)
                #expect(rows == recount.rows(request, zone: zone), "seed \(seed): \(request)")
            }
        }
    }

    /// Everything at once, each dimension alone, all together, and what the seed says.
    private static func requests(
        _ tenant: Tenant, _ start: Instant, _ end: Instant, _ random: inout SeededGenerator
    ) throws -> [GetConversationReportRequest] {
        let whole = GetConversationReportRequest(startTime: Timestamp(start), endTime: Timestamp(end.advanced(by: .seconds(1))))
        let dimensions: [ConversationReportDimension] = [.day, .department, .agent, .channel, .label, .priority]
        var requests = [whole]
        requests += dimensions.map { dimension in
            var request = whole
            request.dimensions = [dimension]
            return request
        }
        let length = start.duration(to: end) / 4
        for _ in 0..<40 {
            var request = whole
            request.dimensions = dimensions.filter { _ in Bool.random(using: &random) }
            request.timeZone = ["", "UTC", "Asia/Kathmandu", "Pacific/Apia"].randomElement(using: &random)!
            if Bool.random(using: &random) { request.measures = [.handle, .response] }
            if Bool.random(using: &random) { request.startTime = Timestamp(start.advanced(by: length)) }
            if Bool.random(using: &random) { request.endTime = Timestamp(start.advanced(by: length * 3)) }
            switch Int.random(in: 0..<7, using: &random) {
            case 0: request.departmentIDs = [tenant.sales.text]
            case 1: request.agentIDs = [tenant.ana.text, tenant.operatorID.text]
            case 2: request.channels = [.whatsapp]
            case 3: request.labels = ["vip"]
            case 4: request.priorities = [.low, .normal]
            default: break
            }
            request.pageSize = [0, 1, 7].randomElement(using: &random)!
            requests.append(request)
        }
        return requests
    }

    @Test("C63, C38: bots, automatic replies and notes are no answers; a person's is, in exact time")
    func C63_answers() async throws {
        try await withInbox { inbox, tenant in
            let start = inbox.surroundings.clock.now
            let replies = AutomaticRepliesService(surroundings: inbox.surroundings)
            _ = try await replies.setAutomaticReply(
                SetAutomaticReplyRequest(
                    automaticReply: .init(channel: .webchat, occasion: .greeting, texts: [.init(text: "welcome")]),
                    requestID: UUID().text),
                inbox.by(tenant.admin, of: tenant, AutomaticRepliesServiceDescriptor.setAutomaticReply))
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            try inbox.advance(.milliseconds(1_500))
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            try inbox.advance(.milliseconds(1_001))
            let note = AddNoteRequest(conversationID: id, requestID: UUID().text, text: "to myself")
            _ = try await inbox.service.addNote(note, inbox.by(tenant.ana, of: tenant))
            let request = GetConversationReportRequest(
                measures: [.firstResponse, .queueWait], startTime: Timestamp(start),
                endTime: Timestamp(start.advanced(by: .seconds(60))))
            #expect(try await inbox.report(request, of: tenant).map(\.measure) == [.queueWait])
            _ = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant)
            let rows = try await inbox.report(request, of: tenant)
            #expect(rows.map(\.measure) == [.firstResponse, .queueWait])
            #expect(rows[0].sum == .init(seconds: 2, nanos: 501_000_000) && rows[0].count == 1)
            #expect(rows[1].sum == .init(seconds: 1, nanos: 500_000_000))
            #expect(rows[0].p50 == rows[0].max && rows[0].p90 == rows[0].min)
            // A bot's is none: the customer still waits for somebody.
            let bots = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            try await inbox.automate(bots)
            _ = try await inbox.service.sendMessage(
                SendMessageRequest(conversationID: bots, requestID: UUID().text, text: "at your service"),
                inbox.byBot("greeter", of: tenant, ConversationsServiceDescriptor.sendMessage))
            #expect(try await inbox.get(bots, by: tenant.ana, of: tenant).waitingOn == .agent)
            #expect(try await inbox.report(request, of: tenant).first?.count == 1)
        }
    }

    @Test("C53: what turns out to be spam is left out of what was counted before, and comes back when it is unblocked")
    func C53_spamIsLeftOut() async throws {
        try await withInbox { inbox, tenant in
            let start = inbox.surroundings.clock.now
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.customer("v2", of: tenant)
            let closed = try await inbox.customer("v3", of: tenant).conversation!.conversationID
            let request = GetConversationReportRequest(
                measures: [.volume], startTime: Timestamp(start), endTime: Timestamp(start.advanced(by: .seconds(1))))
            #expect(try await inbox.report(request, of: tenant).map(\.count) == [3])
            try await inbox.blockAsSpam(id, of: tenant)
            #expect(try await inbox.report(request, of: tenant).map(\.count) == [2])
            _ = try await inbox.service.close(
                CloseRequest(conversationID: closed, requestID: UUID().text, outcome: "spam"),
                inbox.by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.close))
            #expect(try await inbox.report(request, of: tenant).map(\.count) == [1])
            _ = try await inbox.service.unblockAddress(
                UnblockAddressRequest(conversationID: id, requestID: UUID().text),
                inbox.by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.unblockAddress))
            #expect(try await inbox.report(request, of: tenant).map(\.count) == [2])
        }
    }

    @Test(
        "C63: an interval backwards or too long, and a zone nobody knows, are refused by name; a page token goes with its request"
    )
    func C63_refusals() async throws {
        try await withInbox { inbox, tenant in
            let now = inbox.surroundings.clock.now
            func refusal(_ change: (inout GetConversationReportRequest) -> Void) async -> String {
                var request = GetConversationReportRequest(
                    startTime: Timestamp(now), endTime: Timestamp(now.advanced(by: .seconds(1))))
                change(&request)
                return await reason { try await inbox.report(request, of: tenant) }
            }
            #expect(await refusal { _ in } == "OK")
            #expect(await refusal { $0.endTime = Timestamp(now.advanced(by: .seconds(-1))) } == "INVALID_FIELD")
            #expect(await refusal { $0.endTime = Timestamp(now.advanced(by: .seconds(401 * 86_400))) } == "INVALID_FIELD")
            #expect(await refusal { $0.startTime = nil } == "INVALID_FIELD")
            #expect(await refusal { $0.timeZone = "Mars/Olympus" } == "INVALID_FIELD")
            #expect(await refusal { $0.measures = [.unspecified] } == "INVALID_FIELD")
            #expect(await refusal { $0.dimensions = [.init(rawValue: 99)] } == "INVALID_FIELD")
            for address in ["v1", "v2"] {
                let id = try await inbox.customer(address, of: tenant).conversation!.conversationID
                _ = try await inbox.close(id, by: tenant.operatorID, of: tenant)
            }
            var request = GetConversationReportRequest(
                startTime: Timestamp(now), endTime: Timestamp(now.advanced(by: .seconds(1))), pageSize: 1)
            let caller = inbox.by(
                tenant.operatorID, of: tenant, ConversationReportsServiceDescriptor.getConversationReport)
            let page = try await ConversationReportsService(surroundings: inbox.surroundings)
                .getConversationReport(request, caller)
            #expect(page.rows.count == 1 && !page.nextPageToken.isEmpty && page.timeZone == "UTC")
            (request.pageToken, request.labels) = (page.nextPageToken, ["vip"])
            #expect(await refusal { $0 = request } == "PAGE_TOKEN_INVALID")
        }
    }

    @Test("C63: reports read the samples of their interval from an index, and no message")
    func C63_plan() async throws {
        try await withInbox { inbox, tenant in
            let settings = ["switchboard.tenant_id": tenant.id.text]
            let start = inbox.surroundings.clock.now
            _ = try await inbox.surroundings.pool.transaction(TransactionOptions(settings: settings)) { transaction in
                try await transaction.query(
                    """
                    insert into conversations.report_sample
                        (tenant_id, measure, sample_time, conversation_id, version, channel, microseconds)
                    select \(tenant.id), 'handle', \(start) + n * interval '1 minute', gen_random_uuid(), 1, 'webchat', n
                    from generate_series(1, 20000) as n
                    """)
            }
            _ = try await inbox.database.withAdministrator { try await $0.query("analyze conversations.report_sample") }
            let query = try ReportQuery(
                GetConversationReportRequest(
                    startTime: Timestamp(start), endTime: Timestamp(start.advanced(by: .seconds(86_400)))))
            let plan = try await inbox.surroundings.pool.transaction(TransactionOptions(settings: settings)) { transaction in
                let store = ConversationStore(transaction: transaction, tenantID: tenant.id)
                let statement = store.report(query, zone: "UTC", after: nil, limit: 501)
                return try await transaction.query("explain (costs off) \(fragment: statement)")
                    .map { try $0.decode(String.self) }.joined(separator: "\n")
            }
            #expect(plan.contains("report_sample_key") && !plan.contains("Seq Scan on report_sample"), "\(plan)")
            #expect(!plan.contains("message"), "\(plan)")
        }
    }
}

extension Tenant {
    /// The tenant with a zone of its own.
    func zoned(_ zone: String) -> RoutingEvent {
        event(
            .tenant(
                .init(tenantID: id.text, displayName: "T", settings: .init(timeZone: zone, defaultDepartmentID: sales.text))))
    }
}

extension Inbox {
    /// All rows of a report, page by page.
    func report(_ request: GetConversationReportRequest, of tenant: Tenant) async throws -> [ConversationReportRow] {
        let reports = ConversationReportsService(surroundings: surroundings)
        let caller = by(tenant.operatorID, of: tenant, ConversationReportsServiceDescriptor.getConversationReport)
        var (request, rows) = (request, [ConversationReportRow]())
        repeat {
            let page = try await reports.getConversationReport(request, caller)
            (rows, request.pageToken) = (rows + page.rows, page.nextPageToken)
        } while !request.pageToken.isEmpty
        return rows
    }

    /// Everything Watch has told of a tenant.
    func everyEvent(of tenant: Tenant) async throws -> [ConversationEvent] {
        var found: [ConversationEvent] = []
        for try await batch in surroundings.events.batches(after: nil, EventFilter(tenantID: tenant.id)) {
            found += try await service.joined(batch.events).map(\.event)
            if batch.isLive { break }
        }
        return found
    }
}
