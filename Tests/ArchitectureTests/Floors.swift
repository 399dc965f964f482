/// The floors of the package, from the ground up. A target depends on what stands on a lower step only.
enum Floors {
    /// Each floor with its steps; within a floor, a step may rest on an earlier one.
    static let plan: [(floor: Int, steps: [[String]])] = [
        (0, [["CNGHTTP2", "CLibPQ", "CProtobufC", "CZlib", "WallTime"]]),
        (1, [["HTTP2", "Postgres", "Protobuf", "WorkingTime"], ["GoogleProtobuf"], ["GoogleRPC", "GoogleAPI"]]),
        (
            2,
            [
                ["GRPC"], ["GRPCTesting", "GRPCHealthV1", "GRPCReflectionV1", "GRPCReflectionV1Alpha"],
                ["GRPCHealth", "GRPCReflection", "GRPCTLS"],
            ]
        ),
        (3, [["EventLog", "AccessV1"], ["ServiceRuntime", "TenancyV1"], ["ServiceDatabase"]]),
        (
            4,
            [
                ["ContactsV1", "ConversationsV1", "RoutingV1", "TicketsV1", "TemplatesV1", "ChannelsV1"],
                // What routing publishes, as those keep it who follow it.
                ["TenantDirectory"],
            ]
        ),
        (5, [["Tickets", "Templates", "Contacts", "Conversations", "Routing", "Gateway", "Channels"]]),
        (
            6,
            [
                [
                    "switchboard-contacts", "switchboard-tickets", "switchboard-conversations", "switchboard-routing",
                    "switchboard-gateway", "switchboard-templates", "switchboard-channels",
                    "switchboard",
                ]
            ]
        ),
    ]

    /// Tools and test support: they may depend on any floor, no floor on them.
    static func isBeside(_ name: String) -> Bool {
        beside.contains(name) || name.hasSuffix("Testing") || name.hasSuffix("Testee") || name.hasSuffix("-testee")
            || name.hasSuffix("-sample")
            || name.hasPrefix("grpc-interop-")
    }

    static let beside: Set<String> = [
        "Trials", "EndToEndSupport", "WireGen", "wiregen", "ContractCheck", "contract-check", "Conformance", "CConformance",
        "ProtobufTestMessagesProto3",
        "CProtobufTestMessagesProto3", "NotesV1", "CNotesV1", "grpc-interop-server", "grpc-interop-client",
    ]

    /// Floors whose targets could be published alone: they know no word of support work.
    static let shared: Set<String> = Set(plan.prefix(3).flatMap(\.steps).joined()).union(["EventLog"])

    /// The targets that own a service's code, which nobody but its program may depend on.
    static let services: Set<String> = ["Contacts", "Conversations", "Routing", "Gateway", "Templates", "Tickets", "Channels"]

    /// A target's place, lower ones first; nil where the plan does not name it. A contract's C target stands half a step below.
    static func height(of name: String) -> Double? {
        var step = 0.0
        for target in plan.flatMap(\.steps) {
            step += 1
            if target.contains(name) { return step }
            if name.hasPrefix("C"), target.contains(String(name.dropFirst())) { return step - 0.5 }
        }
        return nil
    }

    static func violations(_ graph: PackageGraph) -> [Violation] {
        graph.targets.filter { !$0.isTest && !isBeside($0.name) }.flatMap { target -> [Violation] in
            guard let height = height(of: target.name) else {
                return [Violation("Package.swift", "\(target.name) stands on no floor: give it one in Floors.plan")]
            }
            return target.targets.sorted().compactMap { name in
                if isBeside(name) {
                    return Violation("Package.swift", "\(target.name) depends on \(name), which is beside the floors")
                }
                guard let below = self.height(of: name), below < height else {
                    return Violation("Package.swift", "\(target.name) depends on \(name), which is not below it")
                }
                return nil
            }
        }
    }
}
