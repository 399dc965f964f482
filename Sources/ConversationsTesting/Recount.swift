package import ConversationsV1
package import Foundation
import GoogleProtobuf
import ServiceRuntime
package import WallTime

/// Counts again what reports count, from nothing but the events of Watch (guarantee 18).
package struct Recount {
    package struct Sample {
        package var measure: ConversationMeasure
        package var time: Instant
        package var conversationID: String
        package var departmentID: String
        package var agentID: String
        package var channel: ConversationsV1.ChannelKind
        /// Microseconds.
        package var length: Int64?
    }

    private struct Life {
        var last: ConversationEvent
        var began: Instant
        var customerWaits: Instant?
        var isAnswered = false
        var opened: Instant?
    }

    package private(set) var samples: [Sample] = []
    private var lives: [String: Life] = [:]

    package init(_ events: [ConversationEvent]) {
        for event in events where event.channel != .unspecified { take(event) }
    }

    private mutating func take(_ event: ConversationEvent) {
        let now = Instant(event.occurTime!)
        let after = event.audienceAfter!
        guard var life = lives[event.conversationID] else {
            var life = Life(last: event, began: now)
            if event.waitingOnAfter == .agent { life.customerWaits = now }
            if event.stateAfter == .open { life.opened = now }
            lives[event.conversationID] = life
            return add(.volume, event, after.assigneeID, since: nil)
        }
        let (stateBefore, agentBefore) = (life.last.stateAfter, life.last.audienceAfter!.assigneeID)
        if [.queued, .offered].contains(stateBefore), event.stateAfter == .open {
            add(.queueWait, event, after.assigneeID, since: Instant(life.last.arrivalTimeAfter!))
        }
        if let since = life.customerWaits, event.waitingOnAfter == .customer {
            let author = event.actor?.kind == .agent ? event.actor!.actorID : ""
            add(.response, event, author, since: since)
            if !life.isAnswered { add(.firstResponse, event, author, since: since) }
            life.isAnswered = true
        }
        if event.waitingOnAfter != .agent {
            life.customerWaits = nil
        } else if life.customerWaits == nil {
            life.customerWaits = now
        }
        if let opened = life.opened, event.stateAfter != .open || after.assigneeID != agentBefore {
            add(.handle, life.last, agentBefore, since: opened, at: now)
            life.opened = nil
        }
        if event.stateAfter == .open, life.opened == nil { life.opened = now }
        if event.stateAfter == .closed, stateBefore != .closed {
            add(.resolution, event, after.assigneeID, since: life.began)
        }
        life.last = event
        lives[event.conversationID] = life
    }

    private mutating func add(
        _ measure: ConversationMeasure, _ event: ConversationEvent, _ agent: String, since: Instant?, at time: Instant? = nil
    ) {
        let time = time ?? Instant(event.occurTime!)
        samples.append(
            Sample(
                measure: measure, time: time, conversationID: event.conversationID,
                departmentID: event.audienceAfter!.departmentID, agentID: agent, channel: event.channel,
                length: since.map { time.microseconds - $0.microseconds }))
    }

    /// The rows that a report must have, in its order.
    package func rows(_ request: GetConversationReportRequest, zone: TimeZone) -> [ConversationReportRow] {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let by = Set(request.dimensions)
        var groups: [[String]: [Sample]] = [:]
        for sample in samples where holds(sample, request) {
            let labels = lives[sample.conversationID]?.last.conversation?.labels ?? []
            let date = Date(timeIntervalSince1970: Double(sample.time.microseconds / 1_000_000))
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let day = String(format: "%04d-%02d-%02d", parts.year!, parts.month!, parts.day!)
            let priority = lives[sample.conversationID]?.last.conversation?.priority ?? .unspecified
            for label in !by.contains(.label) || labels.isEmpty ? [""] : labels {
                let key = [
                    Self.names[sample.measure]!, by.contains(.day) ? day : "",
                    by.contains(.department) ? sample.departmentID : "", by.contains(.agent) ? sample.agentID : "",
                    by.contains(.channel) ? "\(sample.channel)" : "", label,
                    by.contains(.priority) ? "\(priority.rawValue)" : "",
                ]
                groups[key, default: []].append(sample)
            }
        }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, samples in
            var row = ConversationReportRow(measure: samples[0].measure, day: key[1], departmentID: key[2], agentID: key[3])
            if by.contains(.channel) { row.channel = samples[0].channel }
            row.label = key[5]
            row.priority = Priority(rawValue: Int32(key[6]) ?? 0)
            row.count = Int64(samples.count)
            let lengths = samples.compactMap(\.length).sorted()
            guard !lengths.isEmpty else { return row }
            row.sum = Self.duration(lengths.reduce(0, +))
            row.min = Self.duration(lengths[0])
            row.max = Self.duration(lengths[lengths.count - 1])
            row.p50 = Self.duration(lengths.first { length in lengths.filter { $0 <= length }.count * 2 >= lengths.count }!)
            row.p90 = Self.duration(lengths.first { length in lengths.filter { $0 <= length }.count * 10 >= lengths.count * 9 }!)
            return row
        }
    }

    private func holds(_ sample: Sample, _ request: GetConversationReportRequest) -> Bool {
        let last = lives[sample.conversationID]!.last
        let labels = last.conversation?.labels ?? []
        return (request.measures.isEmpty || request.measures.contains(sample.measure))
            && sample.time >= Instant(request.startTime!) && sample.time < Instant(request.endTime!) && !last.spamAfter
            && (request.departmentIDs.isEmpty || request.departmentIDs.contains(sample.departmentID))
            && (request.agentIDs.isEmpty || request.agentIDs.contains(sample.agentID))
            && (request.channels.isEmpty || request.channels.contains(sample.channel))
            && (request.labels.isEmpty || !Set(labels).isDisjoint(with: request.labels))
            && (request.priorities.isEmpty || request.priorities.contains(last.conversation?.priority ?? .unspecified))
    }

    /// In the order of which rows come.
    private static let names: [ConversationMeasure: String] = [
        .volume: "volume", .queueWait: "queue_wait", .firstResponse: "first_response", .response: "response",
        .handle: "handle", .resolution: "resolution",
    ]

    private static func duration(_ microseconds: Int64) -> GoogleProtobuf.Duration {
        .init(seconds: microseconds / 1_000_000, nanos: Int32(microseconds % 1_000_000) * 1_000)
    }
}
