import ChannelsV1
import ServiceRuntime

/// The fields of a webhook that people write.
enum WebhookReading {
    static let writable: Set<String> = ["display_name", "url", "event_types", "disabled"]
    static let outputOnly: Set<String> = [
        "webhook_id", "etag", "state", "failing_since_time", "previous_secret_expire_time", "create_time", "update_time",
    ]

    /// What is set in a request: without a mask, that is what an update changes (AIP-134).
    static func populated(_ wire: ChannelsV1.Webhook) -> Set<String> {
        var paths: Set<String> = []
        if !wire.displayName.isEmpty { paths.insert("display_name") }
        if !wire.url.isEmpty { paths.insert("url") }
        if !wire.eventTypes.isEmpty { paths.insert("event_types") }
        if wire.disabled { paths.insert("disabled") }
        return paths
    }
}

extension Violations {
    static let webhookStatesMax = 10

    /// A webhook as people write it, as far as these paths go.
    mutating func webhook(_ wire: ChannelsV1.Webhook, _ paths: Set<String>, allowsLoopback: Bool) {
        if paths.contains("display_name") {
            text(wire.displayName, "webhook.display_name", 1...Webhook.nameMax)
            if wire.displayName.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                add("webhook.display_name", "is not one line without control characters", reason: "MALFORMED")
            }
        }
        if paths.contains("url") {
            do {
                _ = try WebhookURL(wire.url, allowsLoopback: allowsLoopback)
            } catch {
                add("webhook.url", error.rawValue, reason: wire.url.isEmpty ? "REQUIRED" : "URL_NOT_ALLOWED")
            }
        }
        if paths.contains("event_types") {
            require(!wire.eventTypes.isEmpty, "webhook.event_types", "is required", reason: "REQUIRED")
            count(wire.eventTypes, "webhook.event_types", max: Webhook.eventTypesMax)
            for (index, type) in wire.eventTypes.prefix(Webhook.eventTypesMax).enumerated() where !WebhookNews.isType(type) {
                add("webhook.event_types[\(index)]", "is no type of event")
            }
        }
    }

    /// What no mask excuses.
    mutating func bounds(of wire: ChannelsV1.Webhook) {
        text(wire.displayName, "webhook.display_name", 0...Webhook.nameMax)
        text(wire.url, "webhook.url", 0...WebhookURL.lengthMax)
        count(wire.eventTypes, "webhook.event_types", max: Webhook.eventTypesMax)
        for (index, type) in wire.eventTypes.prefix(Webhook.eventTypesMax).enumerated() {
            text(type, "webhook.event_types[\(index)]", 0...WebhookNews.typeLengthMax)
        }
    }

    mutating func states(_ wires: [WebhookDeliveryState], _ field: String) -> [WebhookDelivery.State] {
        known(wires, field, max: Self.webhookStatesMax) { wire in
            switch wire {
            case .pending: .pending
            case .delivered: .delivered
            case .dead: .dead
            case .unspecified, .unrecognized: nil
            }
        }
    }
}
