import ChannelsV1
import GoogleProtobuf
import ServiceRuntime
import WallTime

// Values of the domain as values of the contract.

extension OutboundDelivery {
    var wire: ChannelsV1.OutboundDelivery {
        ChannelsV1.OutboundDelivery(
            messageID: messageID.text, conversationID: conversationID.text, channelAccountID: channelAccountID.text,
            status: status.wire, attemptCount: Int32(clamping: attemptCount), errorClass: errorClass?.wire ?? .unspecified,
            providerCode: providerCode, failureReason: failureReason, providerMessageID: providerMessageID,
            createTime: Timestamp(createTime), updateTime: Timestamp(updateTime))
    }
}

extension OutboundStatus {
    var wire: ChannelsV1.OutboundStatus {
        switch self {
        case .queued: .queued
        case .sent: .sent
        case .delivered: .delivered
        case .read: .read
        case .failed: .failed
        }
    }

    /// Nil for what this release does not know.
    init?(_ wire: ChannelsV1.OutboundStatus) {
        switch wire {
        case .queued: self = .queued
        case .sent: self = .sent
        case .delivered: self = .delivered
        case .read: self = .read
        case .failed: self = .failed
        case .unspecified, .unrecognized: return nil
        }
    }
}

extension ProviderError.Class {
    var wire: ProviderErrorClass {
        switch self {
        case .transient: .transient
        case .windowClosed: .windowClosed
        case .undeliverable: .undeliverable
        case .heldBack: .heldBack
        case .optedOut: .optedOut
        case .accountPaused: .accountPaused
        case .accountAuth: .accountAuth
        case .accountSetup: .accountSetup
        case .rejected: .rejected
        case .template: .template
        case .templatePaused: .templatePaused
        }
    }
}

extension Webhook {
    var wire: ChannelsV1.Webhook {
        ChannelsV1.Webhook(
            webhookID: id.text, etag: ETag(version).description, displayName: name, url: url, eventTypes: eventTypes,
            disabled: state != .active, state: state.wire, failingSinceTime: failingSince.map { Timestamp($0) },
            previousSecretExpireTime: previousSecretExpires.map { Timestamp($0) }, createTime: Timestamp(createTime),
            updateTime: Timestamp(updateTime))
    }
}

extension Webhook.State {
    var wire: WebhookState {
        switch self {
        case .active: .active
        case .disabled: .disabled
        case .failing: .failing
        }
    }
}

extension WebhookDelivery {
    var wire: ChannelsV1.WebhookDelivery {
        ChannelsV1.WebhookDelivery(
            deliveryID: id.text, webhookID: webhookID.text, eventID: event.id, eventType: event.type,
            subjectID: event.subjectID.text, state: state.wire, attemptCount: Int32(clamping: attemptCount),
            lastStatus: Int32(clamping: lastStatus), lastError: lastError, eventTime: Timestamp(event.time),
            createTime: Timestamp(createTime), updateTime: Timestamp(updateTime))
    }
}

extension WebhookDelivery.State {
    var wire: WebhookDeliveryState {
        switch self {
        case .pending: .pending
        case .delivered: .delivered
        case .dead: .dead
        }
    }
}
