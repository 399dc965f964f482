import ConversationsV1
import FoundationEssentials
import ServiceRuntime
import WallTime
import WorkingTime

/// What a report is asked for, parsed.
struct ReportQuery: Sendable {
    enum Dimension: String, CaseIterable, Sendable {
        case day, department, agent, channel, label, priority
    }

    /// The longest interval.
    static let lengthMax: Swift.Duration = .seconds(400 * 86_400)
    static let rowsMax = 1_000

    var measures: Set<ReportMeasure> = []
    var start: Instant
    var end: Instant
    /// Empty: the tenant's.
    var zone: String
    var dimensions: Set<Dimension> = []
    var departmentIDs: [UUID]
    var agentIDs: [UUID]
    var channels: [ChannelKind] = []
    var labels: [String]
    var priorities: [Int16] = []

    init(_ request: GetConversationReportRequest) throws {
        var violations = Violations()
        measures = Set(
            violations.known(request.measures, "measures", max: ReportMeasure.allCases.count, ReportMeasure.init))
        if measures.isEmpty { measures = Set(ReportMeasure.allCases) }
        start = violations.instant(request.startTime, "start_time")
        end = violations.instant(request.endTime, "end_time")
        violations.require(start <= end, "end_time", "lies before start_time")
        violations.require(start.duration(to: end) <= Self.lengthMax, "end_time", "is more than 400 days after start_time")
        zone = violations.zone(request.timeZone, "time_zone")
        dimensions = Set(violations.known(request.dimensions, "dimensions", max: Dimension.allCases.count, Dimension.init))
        departmentIDs = violations.ids(request.departmentIDs, "department_ids", max: ConversationsService.filterIDsMax)
        agentIDs = violations.ids(request.agentIDs, "agent_ids", max: ConversationsService.filterIDsMax)
        channels = violations.channels(request.channels, "channels")
        labels = violations.labels(request.labels, "labels")
        priorities = violations.priorities(request.priorities, "priorities")
        try violations.check()
    }

    /// What the next page must repeat.
    var arguments: [String] {
        [
            "report", measures.map(\.rawValue).sorted().joined(separator: ","), "\(start.microseconds)", "\(end.microseconds)",
            zone, dimensions.map(\.rawValue).sorted().joined(separator: ","),
            departmentIDs.map(\.text).joined(separator: ","), agentIDs.map(\.text).joined(separator: ","),
            channels.map(\.rawValue).joined(separator: ","), labels.joined(separator: "\u{1F}"),
            priorities.map(String.init).joined(separator: ","),
        ]
    }
}

/// One row of a report. What rows are not told apart by is empty.
struct ReportRow: Hashable, Sendable {
    var measure: ReportMeasure
    var day = ""
    var department = ""
    var agent = ""
    var channel: ChannelKind?
    var label = ""
    /// 1 (low) to 4 (urgent).
    var priority: Int16 = 0
    var count: Int64
    var times: ReportTimes?

    /// What a page ends with.
    var keys: [String] { [measure.rawValue, day, department, agent, channel?.rawValue ?? "", label, "\(priority)"] }
    static let keyCount = 7
}

/// Exact times over a row's samples.
struct ReportTimes: Hashable, Sendable {
    var sum: Duration
    var min: Duration
    var max: Duration
    var p50: Duration
    var p90: Duration
}

extension Violations {
    mutating func channels(_ wire: [ConversationsV1.ChannelKind], _ field: String) -> [ChannelKind] {
        known(wire, field, max: ConversationsService.filterWordsMax, ChannelKind.init)
    }

    mutating func priorities(_ wire: [ConversationsV1.Priority], _ field: String) -> [Int16] {
        known(wire, field, max: ConversationsService.filterWordsMax, Conversation.priority)
    }

    /// A zone of the IANA database, or none.
    mutating func zone(_ name: String, _ field: String) -> String {
        text(name, field, 0...64)
        if !name.isEmpty { require((try? ZoneRules(name)) != nil, field, "is no time zone") }
        return name
    }
}

extension ReportMeasure {
    init?(_ wire: ConversationMeasure) {
        guard let known = Self.allCases.first(where: { $0.wire == wire }) else { return nil }
        self = known
    }

    var wire: ConversationMeasure {
        switch self {
        case .volume: .volume
        case .queueWait: .queueWait
        case .firstResponse: .firstResponse
        case .response: .response
        case .handle: .handle
        case .resolution: .resolution
        }
    }
}

extension ReportQuery.Dimension {
    init?(_ wire: ConversationReportDimension) {
        switch wire {
        case .day: self = .day
        case .department: self = .department
        case .agent: self = .agent
        case .channel: self = .channel
        case .label: self = .label
        case .priority: self = .priority
        case .unspecified, .unrecognized: return nil
        }
    }
}
