import FoundationEssentials
import GRPC
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import WallTime

/// How long agents were there for work (C56, C63), and how one stood at a moment (guarantee 10).
struct AgentReportsService: AgentReportsServiceProtocol {
    static let lengthMax: Swift.Duration = .seconds(400 * 86_400)
    static let (agentsMax, rowsMax) = (100, 1_000)

    let surroundings: Surroundings

    func getAgentReport(_ request: GetAgentReportRequest, _ context: ServerContext) async throws -> GetAgentReportResponse {
        var reading = RequestReading(request)
        let start = Instant(request.startTime ?? Timestamp())
        let end = Instant(request.endTime ?? Timestamp())
        reading.violations.require(start <= end, "end_time", "lies before start_time")
        reading.violations.require(
            start.duration(to: end) <= Self.lengthMax, "end_time", "is more than 400 days after start_time")
        let zone = reading.timeZone(request.timeZone, "time_zone")
        let agents: [AgentID] = reading.ids(request.agentIDs, "agent_ids", max: Self.agentsMax)
        try reading.finish()
        let (limit, now) = (try pageSize(request.pageSize, default: 500, max: Self.rowsMax), surroundings.clock.now)
        let arguments = [
            "GetAgentReport", try context.tenantID.text, "\(start.microseconds)", "\(end.microseconds)", zone,
            "\(request.daily)", agents.map(\.description).joined(separator: ","),
        ]
        let keys = try surroundings.pageTokens.keys(of: request.pageToken, count: 4, arguments: arguments)
        return try await surroundings.read(context) { store in
            let own = try await store.tenant()?.settings.timeZone ?? ""
            let query = AgentReportQuery(
                start: start, end: min(end, now), zone: [zone, own, "UTC"].first { !$0.isEmpty } ?? "UTC", daily: request.daily,
                agents: agents)
            let found = try await store.report(query, after: keys, limit: limit + 1)
            var response = GetAgentReportResponse(rows: found.prefix(limit).map(\.wire), timeZone: query.zone)
            if found.count > limit {
                response.nextPageToken = surroundings.pageTokens.token(after: found[limit - 1].keys, arguments: arguments)
            }
            return response
        }
    }

    func getAgentSnapshot(
        _ request: GetAgentSnapshotRequest, _ context: ServerContext
    ) async throws -> GetAgentSnapshotResponse {
        var reading = RequestReading(request)
        let id: AgentID = reading.id(request.agentID, "agent_id")
        let instant = reading.past(request.readTime, "read_time", now: surroundings.clock.now)
        try reading.finish()
        return try await surroundings.read(context) { store in
            guard let agent = try await store.agent(id), agent.createTime <= instant else {
                throw RoutingError.agentNotFound(id)
            }
            let status = try await store.status(of: id, at: instant) ?? .available(at: agent.createTime)
            let stint = try await store.presence(of: id, at: instant)
            return GetAgentSnapshotResponse(
                snapshot: AgentSnapshot(
                    agentID: id.description, readTime: Timestamp(instant), status: status.wire,
                    presence: stint?.presence.wire ?? .unspecified, presenceTime: stint.map { Timestamp($0.began) }))
        }
    }
}

extension RequestReading {
    /// A moment that lies behind. Where it is missing the answer is a placeholder; `init` has noted it.
    fileprivate mutating func past(_ wire: Timestamp?, _ field: String, now: Instant) -> Instant {
        let instant = Instant(wire ?? Timestamp())
        violations.require(instant <= now, field, "lies ahead")
        return instant
    }
}

extension AgentReportLine {
    fileprivate var wire: AgentReportRow {
        AgentReportRow(
            day: day, agentID: agent.description, availability: availability.wire, reason: reason,
            sum: GoogleProtobuf.Duration(sum))
    }
}
