import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import TicketsV1

extension SLAPolicy {
    private static let targetMax: Swift.Duration = .seconds(3_650 * 86_400)

    /// - Returns: a policy without an id of its own.
    init(_ wire: TicketsV1.SlaPolicy, _ violations: inout Violations) {
        var statuses: Set<TicketStatus> = []
        violations.require(
            wire.pauseStatuses.count <= Violations.listMax, "policy.pause_statuses", "has too many")
        for (index, status) in wire.pauseStatuses.prefix(Violations.listMax).enumerated() {
            guard let known = TicketStatus(status), known.category == .waiting else {
                violations.add("policy.pause_statuses[\(index)]", "is not PENDING or ON_HOLD")
                continue
            }
            statuses.insert(known)
        }
        self.init(
            id: UUID(), name: wire.displayName, rank: Int(wire.rank),
            condition: PolicyCondition(wire.condition ?? TicketsV1.PolicyCondition(), &violations),
            targets: Self.targets(wire.targets, &violations),
            calendarID: violations.optionalID(wire.calendarID, "policy.calendar_id"),
            pauseStatuses: statuses.isEmpty ? [.pending, .onHold] : statuses, isArchived: wire.archived)
    }

    private static func targets(_ wire: [SlaTarget], _ violations: inout Violations) -> [ClockKind:
        SLATarget]
    {
        var targets: [ClockKind: SLATarget] = [:]
        violations.require(
            wire.count <= ClockKind.allCases.count, "policy.targets", "has two of one kind")
        for (index, target) in wire.prefix(ClockKind.allCases.count).enumerated() {
            let field = "policy.targets[\(index)]"
            let span = target.target.map { Swift.Duration($0) } ?? .zero
            if target.target == nil {
                violations.add("\(field).target", "is required", reason: "REQUIRED")
            } else {
                violations.require(
                    (.seconds(1)...targetMax).contains(span), "\(field).target", "is not 1 s to 3650 days")
            }
            let warning = target.warnBefore.map { Swift.Duration($0) }
            if let warning {
                violations.require(
                    warning > .zero && warning < span, "\(field).warn_before", "is not within the target")
            }
            guard let kind = ClockKind(target.kind) else {
                let isThere = target.kind != .unspecified
                violations.add(
                    "\(field).kind", isThere ? "is unknown" : "is required", reason: isThere ? "" : "REQUIRED"
                )
                continue
            }
            violations.require(targets[kind] == nil, "\(field).kind", "is there twice")
            targets[kind] = SLATarget(
                targetMicroseconds: span.microseconds, warnBeforeMicroseconds: warning?.microseconds,
                pauses: target.pauses)
        }
        return targets
    }
}

extension PolicyCondition {
    fileprivate static let idsMax = 100

    fileprivate init(_ wire: TicketsV1.PolicyCondition, _ violations: inout Violations) {
        let place = "policy.condition"
        types = violations.known(wire.types, "\(place).types", max: TicketType.allCases.count) { TicketType($0)?.rawValue }
        priorityIDs = violations.ids(wire.priorityIDs, "\(place).priority_ids", max: Self.idsMax)
        categoryIDs = violations.ids(wire.categoryIDs, "\(place).category_ids", max: Self.idsMax)
        serviceIDs = violations.ids(wire.serviceIDs, "\(place).service_ids", max: Self.idsMax)
        departmentIDs = violations.ids(wire.departmentIDs, "\(place).department_ids", max: Self.idsMax)
        labels = violations.names(
            wire.labels, "\(place).labels", max: Self.idsMax, length: TicketFields.labelMax)
    }
}

extension TicketsV1.SlaPolicy {
    /// Which of its writable fields hold a value.
    var populated: Set<String> {
        var paths: Set<String> = []
        if !displayName.isEmpty { paths.insert("display_name") }
        if rank != 0 { paths.insert("rank") }
        if condition != nil { paths.insert("condition") }
        if !targets.isEmpty { paths.insert("targets") }
        if !calendarID.isEmpty { paths.insert("calendar_id") }
        if !pauseStatuses.isEmpty { paths.insert("pause_statuses") }
        if archived { paths.insert("archived") }
        return paths
    }
}
