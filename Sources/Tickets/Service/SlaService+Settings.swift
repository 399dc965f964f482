import GRPC
import GoogleProtobuf
import ServiceRuntime
import TicketsV1

extension SlaService {
    func getTicketSettings(
        _ request: GetTicketSettingsRequest, _ context: ServerContext
    ) async throws -> GetTicketSettingsResponse {
        try await surroundings.read(context) { work in
            GetTicketSettingsResponse(settings: try await work.settings().wire)
        }
    }

    func updateTicketSettings(
        _ request: UpdateTicketSettingsRequest, _ context: ServerContext
    ) async throws -> UpdateTicketSettingsResponse {
        var violations = Violations()
        violations.require(request.settings != nil, "settings", "is required", reason: "REQUIRED")
        let wire = request.settings ?? TicketsV1.TicketSettings()
        let read = TicketSettings(wire, &violations)
        try violations.check()
        var populated: Set<String> = []
        if !wire.numberPrefix.isEmpty { populated.insert("number_prefix") }
        if wire.reopenWithin != nil { populated.insert("reopen_within") }
        if wire.strictest { populated.insert("strictest") }
        if !wire.requiredOnClose.isEmpty { populated.insert("required_on_close") }
        let mask = try UpdateMask(
            request.updateMask,
            writable: ["number_prefix", "reopen_within", "strictest", "required_on_close"],
            outputOnly: ["etag"], populated: populated)
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            let before = try await work.changingCatalogue()
            try before.version.check(version)
            var settings = before
            if mask.contains("number_prefix") { settings.prefix = read.prefix }
            if mask.contains("reopen_within") { settings.reopenWithin = read.reopenWithin }
            if mask.contains("strictest") { settings.strictest = read.strictest }
            if mask.contains("required_on_close") { settings.requiredOnClose = read.requiredOnClose }
            if settings != before {
                settings.version += 1
                try await work.store.update(settings)
                work.audit("settings", paths: mask.paths.sorted())
                work.remeasure("settings", "settings/\(settings.version)")
            }
            return UpdateTicketSettingsResponse(settings: settings.wire)
        }
    }
}

extension TicketSettings {
    fileprivate init(_ wire: TicketsV1.TicketSettings, _ violations: inout Violations) {
        prefix = wire.numberPrefix
        let isPrefix =
            prefix.utf8.count <= Self.prefixMax
            && prefix.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 45 }
        violations.require(
            isPrefix, "settings.number_prefix", "is not at most \(Self.prefixMax) of A-Z, 0-9 and -")
        if let within = wire.reopenWithin {
            reopenWithin = Swift.Duration(within)
            let isWhole = within.nanos == 0 && (.zero...Self.reopenMax).contains(reopenWithin)
            violations.require(isWhole, "settings.reopen_within", "is not whole seconds up to 365 days")
        }
        strictest = wire.strictest
        for (index, path) in wire.requiredOnClose.enumerated() where !Self.requirable.contains(path) {
            violations.add("settings.required_on_close[\(index)]", "is no field that can be required")
        }
        requiredOnClose = Self.requirable.filter(wire.requiredOnClose.contains)
    }
}
