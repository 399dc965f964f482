import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import Postgres
import ServiceRuntime
import Testing
import TicketsV1
import Trials
import WallTime

@testable import Tickets

@Suite("C63, guarantee 18: what reports say of tickets can be counted again from the event log")
struct TicketReportsTests {
    @Test("C63, C57: volume, resolution and what was promised and kept are what the events add up to, by every dimension")
    func C63_figures() async throws {
        try await withDesk { desk in
            let seed = UInt64.random(in: 0...UInt64.max)
            var random = SeededGenerator(seed: seed)
            try await desk.policy([.firstResponse: 1, .nextResponse: 1, .resolution: 8], warn: 10)
            let start = desk.now
            try await desk.play(&random)
            let end = desk.now.advanced(by: .seconds(1))
            let recount = TicketRecount(try await desk.events())
            let measured = Set(recount.samples.map(\.measure))
            #expect(measured.count == 5, "seed \(seed): \(measured)")
            #expect(recount.samples.contains { $0.isAttained == true } && recount.samples.contains { $0.isAttained == false })
            let tickets = try await desk.everyTicket()
            let urgent = try #require(try await desk.priorities().first?.priorityID)
            #expect(Set(tickets.values.map(\.priorityID)).count > 1, "seed \(seed)")
            let whole = GetTicketReportRequest(startTime: Timestamp(start), endTime: Timestamp(end))
            let dimensions: [TicketReportDimension] = [.day, .department, .agent, .channel, .label, .priority]
            var requests = [whole]
            for dimension in dimensions { requests.append(whole.with { $0.dimensions = [dimension] }) }
            for _ in 0..<30 {
                let chosen = dimensions.filter { _ in Bool.random(using: &random) }
                let quarter = start.duration(to: end) / 4
                let cut = Int.random(in: 0..<4, using: &random)
                requests.append(
                    whole.with {
                        $0.dimensions = chosen
                        $0.timeZone = ["", "America/New_York", "Asia/Kathmandu"].randomElement(using: &random)!
                        $0.startTime = Timestamp(start.advanced(by: quarter * cut))
                        if Bool.random(using: &random) { $0.agentIDs = [desk.agentID.text] }
                        if Bool.random(using: &random) { $0.channels = ["webchat"] }
                        if Bool.random(using: &random) { $0.labels = ["vip"] }
                        if Int.random(in: 0..<4, using: &random) == 0 { $0.priorityIDs = [urgent] }
                        if Bool.random(using: &random) { $0.measures = [.resolutionSla, .resolution] }
                        $0.pageSize = [0, 2].randomElement(using: &random)!
                    })
            }
            for request in requests {
                let rows = try await desk.report(request)
                #expect(rows == recount.rows(request, tickets), "seed \(seed): \(request)")
            }
        }
    }

    @Test("C63, C39: what ran out counts on the moment that was due; met again after a reopening counts once")
    func C63_once() async throws {
        try await withDesk { desk in
            try await desk.policy([.resolution: 1])
            let start = desk.now
            let late = try await desk.create(.init(subject: "late")).ticketID
            let soon = try await desk.create(.init(subject: "soon")).ticketID
            try desk.advance(.seconds(600))
            try await desk.change(soon, .resolved)
            try await desk.change(soon, .open)
            try await desk.change(soon, .resolved)
            try desk.advance(.seconds(7_200))
            while try await desk.alarms.fireDue() {}
            try await desk.change(late, .resolved)
            func rows(_ from: Swift.Duration, _ to: Swift.Duration) async throws -> [TicketReportRow] {
                try await desk.report(
                    .init(
                        measures: [.resolutionSla], startTime: Timestamp(start.advanced(by: from)),
                        endTime: Timestamp(start.advanced(by: to))))
            }
            let all = try await rows(.zero, .seconds(10_000))
            #expect(all.map(\.count) == [2] && all.map(\.attainedCount) == [1])
            #expect(try await rows(.seconds(3_600), .seconds(3_601)).map(\.attainedCount) == [0])
            #expect(try await rows(.seconds(3_601), .seconds(10_000)).isEmpty)
        }
    }

    @Test("C63: an interval backwards or too long, an unknown zone and another's page token are refused")
    func C63_refusals() async throws {
        try await withDesk { desk in
            let now = desk.now
            let right = GetTicketReportRequest(
                startTime: Timestamp(now), endTime: Timestamp(now.advanced(by: .seconds(1))))
            func refusal(_ change: (inout GetTicketReportRequest) -> Void) async -> String? {
                await reason { _ = try await desk.report(right.with(change)) }
            }
            #expect(await refusal { _ in } == nil)
            #expect(await refusal { $0.endTime = Timestamp(now.advanced(by: .seconds(-1))) } == "INVALID_FIELD")
            #expect(await refusal { $0.endTime = Timestamp(now.advanced(by: .seconds(401 * 86_400))) } == "INVALID_FIELD")
            #expect(await refusal { $0.startTime = nil } == "INVALID_FIELD")
            #expect(await refusal { $0.timeZone = "Mars/Olympus" } == "INVALID_FIELD")
            #expect(await refusal { $0.pageToken = "nonsense" } == "PAGE_TOKEN_INVALID")
        }
    }

    @Test("P7: what was set leaves who, what, when and which fields; what was refused or changed nothing leaves no line")
    func P7_trail() async throws {
        try await withDesk { desk in
            let policy = try await desk.policy([.resolution: 1])
            try desk.advance(.seconds(1))
            func update(_ name: String) async throws {
                _ = try await desk.sla.updateSlaPolicy(
                    .init(
                        policy: .init(policyID: policy.policyID, displayName: name),
                        updateMask: FieldMask(paths: ["display_name"])),
                    desk.caller("admin", kind: .agent, SlaServiceDescriptor.updateSlaPolicy))
            }
            try await update("other")
            try await update("other")
            #expect(await reason { try await update("") } == "INVALID_FIELD")
            try desk.advance(.seconds(1))
            _ = try await desk.sla.updateTicketSettings(
                .init(settings: .init(strictest: true)),
                desk.caller("admin", kind: .agent, SlaServiceDescriptor.updateTicketSettings))
            let trail = try await desk.trail()
            #expect(trail.map(\.action) == ["UpdateTicketSettings", "UpdateSlaPolicy", "CreateSlaPolicy"])
            #expect(trail.map(\.subject) == ["settings", policy.policyID, policy.policyID])
            #expect(trail.map(\.changedPaths) == [["strictest"], ["display_name"], []])
            #expect(trail.allSatisfy { $0.actor == "agent:\(desk.agentID.text)" && $0.onBehalfOf.isEmpty })
            #expect(try await desk.trail(.init(subject: "settings")).count == 1)
            #expect(try await desk.trail(.init(endTime: Timestamp(desk.now))).count == 2)
            #expect(try await desk.trail(.init(actor: "agent:\(UUID().text)")).isEmpty)
            #expect(try await desk.other().trail().isEmpty)
        }
    }
}

/// Counts again, from nothing but the log.
private struct TicketRecount {
    struct Sample {
        var measure: TicketsV1.TicketMeasure
        var time: Instant
        var ticketID: UUID
        var department: String
        var agent: String
        var channel: String
        var isAttained: Bool?
        var length: Int64?
    }

    private(set) var samples: [Sample] = []

    init(_ events: [(news: TicketNews, time: Instant)]) {
        var began: [UUID: Instant] = [:]
        var kept: [UUID: [Tickets.ClockKind: Instant]] = [:]
        for (news, time) in events {
            func add(_ measure: TicketsV1.TicketMeasure, _ isAttained: Bool? = nil, _ length: Int64? = nil) {
                samples.append(
                    Sample(
                        measure: measure, time: time, ticketID: news.ticketID, department: news.departmentAfter?.text ?? "",
                        agent: news.assigneeAfter?.text ?? "", channel: news.channel, isAttained: isAttained, length: length))
            }
            if news.kind == .breached, let clock = news.clock {
                // A next response is waited for anew; the two others are decided once.
                let decided = clock == .nextResponse ? nil : kept[news.ticketID]?[clock]
                if decided.map({ $0 >= time }) ?? true { add(Self.measure(clock), false) }
            }
            for clock in news.attained {
                add(Self.measure(clock), true)
                kept[news.ticketID, default: [:]][clock] = time
            }
            guard news.kind != .breached, news.kind != .warned else { continue }
            if news.kind == .created {
                began[news.ticketID] = time
                add(.volume)
            } else if news.statusBefore != .resolved, news.statusAfter == .resolved, let start = began[news.ticketID] {
                add(.resolution, nil, time.microseconds - start.microseconds)
            }
        }
    }

    private static func measure(_ clock: Tickets.ClockKind) -> TicketsV1.TicketMeasure {
        switch clock {
        case .firstResponse: .firstResponseSla
        case .nextResponse: .nextResponseSla
        case .resolution: .resolutionSla
        }
    }

    /// In the order in which rows come.
    private static let names: [TicketsV1.TicketMeasure: String] = [
        .volume: "volume", .resolution: "resolution", .firstResponseSla: "first_response_sla",
        .nextResponseSla: "next_response_sla", .resolutionSla: "resolution_sla",
    ]

    /// - Parameter tickets: as they are now.
    func rows(_ request: GetTicketReportRequest, _ tickets: [String: TicketsV1.Ticket]) -> [TicketReportRow] {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: request.timeZone.isEmpty ? "UTC" : request.timeZone)!
        let by = Set(request.dimensions)
        var groups: [[String]: [Sample]] = [:]
        for sample in samples {
            guard let ticket = tickets[sample.ticketID.text] else { continue }
            let own = ticket.labels
            guard request.measures.isEmpty || request.measures.contains(sample.measure),
                sample.time >= Instant(request.startTime!), sample.time < Instant(request.endTime!),
                request.agentIDs.isEmpty || request.agentIDs.contains(sample.agent),
                request.channels.isEmpty || request.channels.contains(sample.channel),
                request.labels.isEmpty || !Set(own).isDisjoint(with: request.labels),
                request.priorityIDs.isEmpty || request.priorityIDs.contains(ticket.priorityID)
            else { continue }
            let date = Date(timeIntervalSince1970: Double(sample.time.microseconds / 1_000_000))
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let day = String(format: "%04d-%02d-%02d", parts.year!, parts.month!, parts.day!)
            for label in !by.contains(.label) || own.isEmpty ? [""] : own {
                let key = [
                    Self.names[sample.measure]!, by.contains(.day) ? day : "", by.contains(.department) ? sample.department : "",
                    by.contains(.agent) ? sample.agent : "", by.contains(.channel) ? sample.channel : "", label,
                    by.contains(.priority) ? ticket.priorityID : "",
                ]
                groups[key, default: []].append(sample)
            }
        }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, samples in
            var row = TicketReportRow(
                measure: samples[0].measure, day: key[1], departmentID: key[2], agentID: key[3], label: key[5],
                count: Int64(samples.count), attainedCount: Int64(samples.filter { $0.isAttained == true }.count))
            (row.channel, row.priorityID) = (key[4], key[6])
            let lengths = samples.compactMap(\.length).sorted()
            guard !lengths.isEmpty else { return row }
            func duration(_ microseconds: Int64) -> GoogleProtobuf.Duration { .init(.microseconds(microseconds)) }
            row.sum = duration(lengths.reduce(0, +))
            (row.min, row.max) = (duration(lengths[0]), duration(lengths[lengths.count - 1]))
            row.p50 = duration(lengths.first { length in lengths.filter { $0 <= length }.count * 2 >= lengths.count }!)
            row.p90 = duration(lengths.first { length in lengths.filter { $0 <= length }.count * 10 >= lengths.count * 9 }!)
            return row
        }
    }
}

extension GetTicketReportRequest {
    fileprivate func with(_ change: (inout GetTicketReportRequest) -> Void) -> GetTicketReportRequest {
        var request = self
        change(&request)
        return request
    }
}

extension Desk {
    /// Some days of conversations with tickets, and of tickets that agents move by hand.
    fileprivate func play(_ random: inout SeededGenerator) async throws {
        let script = Script(self)
        // One that is answered twice, whatever comes after it.
        let first = script.conversation()
        script.add(.created, first, to: .queued)
        script.say(.customer, first)
        script.add(.accepted, first, from: .queued, to: .open, assignee: agentID)
        for author in [ActorKind.agent, .customer, .agent] {
            script.wait(60)
            script.say(author, first)
        }
        var conversations = [first]
        for _ in 0..<40 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1:
                let conversation = script.conversation()
                script.add(.created, conversation, to: .queued)
                script.say(.customer, conversation)
                script.wait(Int.random(in: 1..<1_800, using: &random))
                script.add(.accepted, conversation, from: .queued, to: .open, assignee: agentID)
                conversations.append(conversation)
            case 2, 3, 4:
                guard let conversation = conversations.randomElement(using: &random) else { break }
                script.say([.customer, .agent, .agent, .bot].randomElement(using: &random)!, conversation)
            default:
                let page = try await tickets.listTickets(.init(pageSize: 100), caller()).tickets
                guard let ticket = page.randomElement(using: &random) else { break }
                let status: TicketsV1.TicketStatus = [.open, .pending, .resolved, .resolved].randomElement(using: &random)!
                // What the table refuses is refused.
                _ = await reason { try await change(ticket.ticketID, status) }
                if Bool.random(using: &random) {
                    let labels = [["vip"], ["vip", "new"], []].randomElement(using: &random)!
                    _ = await reason { _ = try await update(.init(ticketID: ticket.ticketID, labels: labels), ["labels"]) }
                    let priority = try await priorities().randomElement(using: &random)!.priorityID
                    _ = await reason {
                        _ = try await update(.init(ticketID: ticket.ticketID, priorityID: priority), ["priority_id"])
                    }
                }
            }
            if Bool.random(using: &random) {
                _ = try await create(.init(subject: "by hand", departmentID: department().text))
            }
            try await script.play()
            script.wait(Int.random(in: 60..<9_000, using: &random))
            while try await alarms.fireDue() {}
        }
    }

    fileprivate func priorities() async throws -> [TicketsV1.TicketPriority] {
        try await catalogue.listTicketPriorities(.init(), caller()).priorities
    }

    fileprivate func everyTicket() async throws -> [String: TicketsV1.Ticket] {
        var (found, token): ([String: TicketsV1.Ticket], String) = ([:], "")
        repeat {
            let page = try await tickets.listTickets(.init(pageSize: 100, pageToken: token), caller())
            for ticket in page.tickets { found[ticket.ticketID] = ticket }
            token = page.nextPageToken
        } while !token.isEmpty
        return found
    }

    /// All rows of a report, page by page.
    fileprivate func report(_ request: GetTicketReportRequest) async throws -> [TicketReportRow] {
        let reports = TicketReportsService(surroundings: surroundings)
        var (request, rows) = (request, [TicketReportRow]())
        repeat {
            let page = try await reports.getTicketReport(
                request, caller("operator", kind: .agent, TicketReportsServiceDescriptor.getTicketReport))
            (rows, request.pageToken) = (rows + page.rows, page.nextPageToken)
        } while !request.pageToken.isEmpty
        return rows
    }

    fileprivate func trail(_ request: TicketsV1.ListAuditEntriesRequest = .init()) async throws -> [TicketsV1.AuditEntry] {
        try await TicketReportsService(surroundings: surroundings).listAuditEntries(
            request, caller("admin", kind: .agent, TicketReportsServiceDescriptor.listAuditEntries)
        ).auditEntries
    }
}
