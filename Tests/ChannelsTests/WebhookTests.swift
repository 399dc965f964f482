import ChannelsV1
import ConversationsV1
import Crypto
import EndToEndSupport
import Foundation
import GRPC
import GoogleProtobuf
import ServiceRuntime
import Synchronization
import Testing
import Trials
import WallTime

@testable import Channels

/// An integrator's own server.
final class Receiver: Sendable {
    private let state = Mutex((came: [Incoming](), answers: [Outgoing](), standing: Outgoing.answer(204)))

    var came: [Incoming] { state.withLock(\.came) }
    /// The ids of the conversations, in the order in which they were told of.
    var told: [String] { came.compactMap { $0.json["data"].flatMap { $0 as? [String: Any] }?["conversationId"] as? String } }

    func answer(_ answers: Outgoing...) { state.withLock { $0.answers += answers } }
    func always(_ answer: Outgoing) { state.withLock { $0.standing = answer } }

    func respond(_ incoming: Incoming) -> Outgoing {
        state.withLock { state in
            state.came.append(incoming)
            return state.answers.isEmpty ? state.standing : state.answers.removeFirst()
        }
    }
}

extension Incoming {
    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:] }

    /// Checks the signature as an integrator does who has read the contract's words and not our code.
    func isSigned(with secret: String) -> Bool {
        guard let header = headers["switchboard-signature"] else { return false }
        let parts = header.split(separator: ",").map(String.init)
        guard let time = parts.first(where: { $0.hasPrefix("t=") })?.dropFirst(2) else { return false }
        var message = Data("\(time).".utf8)
        message.append(contentsOf: body)
        let mac = HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: Data(secret.utf8)))
        let hex = mac.map { String(format: "%02x", $0) }.joined()
        return parts.contains("v1=\(hex)")
    }

    var signatureCount: Int { headers["switchboard-signature"]?.components(separatedBy: "v1=").count.advanced(by: -1) ?? 0 }
}

func withReceiver(
    plan: RetryPlan = .quick, timeout: Swift.Duration = .seconds(10),
    _ body: @escaping @Sendable (Workshop, Receiver, _ url: String) async throws -> Void
) async throws {
    try await withWorkshop(plan: plan, timeout: timeout) { workshop in
        let receiver = Receiver()
        try await withServer({ receiver.respond($0) }) { port in
            try await body(workshop, receiver, "http://127.0.0.1:\(port)/hook?a=b")
        }
    }
}

extension Workshop {
    func subscribe(_ url: String, _ types: [String] = ["*"]) async throws -> (webhook: ChannelsV1.Webhook, secret: String) {
        let created = try await webhooks.createWebhook(
            CreateWebhookRequest(
                webhook: .init(displayName: "CRM", url: url, eventTypes: types), requestID: UUID().text),
            caller(WebhooksServiceDescriptor.createWebhook))
        return (try #require(created.webhook), created.secret)
    }

    func update(_ webhook: ChannelsV1.Webhook, _ paths: [String]) async throws -> ChannelsV1.Webhook {
        try #require(
            try await webhooks.updateWebhook(
                UpdateWebhookRequest(webhook: webhook, updateMask: FieldMask(paths: paths), requestID: UUID().text),
                caller(WebhooksServiceDescriptor.updateWebhook)
            ).webhook)
    }

    func get(_ webhook: ChannelsV1.Webhook) async throws -> ChannelsV1.Webhook {
        try #require(
            try await webhooks.getWebhook(
                GetWebhookRequest(webhookID: webhook.webhookID), caller(WebhooksServiceDescriptor.getWebhook)
            ).webhook)
    }

    /// Oldest first.
    func deliveries(_ states: [ChannelsV1.WebhookDeliveryState] = []) async throws -> [ChannelsV1.WebhookDelivery] {
        try await webhooks.listWebhookDeliveries(
            ListWebhookDeliveriesRequest(states: states, pageSize: 200), caller(WebhooksServiceDescriptor.listWebhookDeliveries)
        ).deliveries.sorted { $0.eventID < $1.eventID }
    }

    func replay(_ id: String) async throws {
        _ = try await webhooks.replayWebhookDelivery(
            ReplayWebhookDeliveryRequest(deliveryID: id, requestID: UUID().text),
            caller(WebhooksServiceDescriptor.replayWebhookDelivery))
    }
}

@Suite("G12: webhooks")
struct WebhookTests {
    @Test("an event comes signed over its raw body, with ids and states and no word of anybody's")
    func signed() async throws {
        try await withReceiver { workshop, receiver, url in
            let (webhook, secret) = try await workshop.subscribe(url, ["conversation.closed", "conversation.message_added"])
            let conversation = workshop.conversation()
            workshop.say("a secret of the customer's", in: conversation)
            workshop.happen(.queued, conversation)
            workshop.happen(.closed, conversation)
            workshop.happen(.notified, conversation)
            try await workshop.hear(breakingAfterEach: true)
            try await workshop.hear(fromTheStart: true)
            try await workshop.working { try await workshop.settled() }
            #expect(receiver.came.map { $0.json["type"] as? String } == ["conversation.message_added", "conversation.closed"])
            for incoming in receiver.came {
                #expect(incoming.isSigned(with: secret) && !incoming.isSigned(with: "another") && incoming.signatureCount == 1)
                #expect(incoming.headers["switchboard-event-id"] == incoming.json["id"] as? String)
                let text = String(decoding: incoming.body, as: UTF8.self)
                #expect(!text.contains("secret of") && !text.contains(conversation.customerAddress))
                #expect(incoming.json["tenantId"] as? String == workshop.tenantID.text)
            }
            #expect(secret.hasPrefix("whsec_") && webhook.state == .active)
            #expect(try await workshop.deliveries([.delivered]).count == 2)
        }
    }

    @Test("the secret is shown once, and is in no table; a repeated request is told it again")
    func secretOnce() async throws {
        try await withReceiver { workshop, _, url in
            let request = CreateWebhookRequest(
                webhook: .init(displayName: "CRM", url: url, eventTypes: ["*"]), requestID: UUID().text)
            let context = workshop.caller(WebhooksServiceDescriptor.createWebhook)
            let created = try await workshop.webhooks.createWebhook(request, context)
            #expect(try await workshop.webhooks.createWebhook(request, context) == created)
            #expect(
                try await workshop.webhooks.listWebhooks(.init(), workshop.caller(WebhooksServiceDescriptor.listWebhooks))
                    .webhooks == [created.webhook])
            let hits = try await workshop.database.withAdministrator { connection in
                try await connection.query(
                    """
                    select 1 from channels.idempotent_request
                    where position(\(Array(created.secret.utf8)) in answer) > 0
                    """
                ).count
            }
            #expect(hits == 0)
            let other = try await workshop.subscribe(url)
            #expect(other.secret != created.secret)
        }
    }

    @Test("while a secret is being replaced both sign, afterwards the new one alone")
    func rotation() async throws {
        try await withReceiver { workshop, receiver, url in
            let (webhook, old) = try await workshop.subscribe(url)
            let rotate = RotateWebhookSecretRequest(webhookID: webhook.webhookID, etag: webhook.etag, requestID: UUID().text)
            let context = workshop.caller(WebhooksServiceDescriptor.rotateWebhookSecret)
            let rotated = try await workshop.webhooks.rotateWebhookSecret(rotate, context)
            #expect(try await workshop.webhooks.rotateWebhookSecret(rotate, context) == rotated)
            #expect(rotated.secret != old && rotated.webhook?.previousSecretExpireTime != nil)
            try await workshop.working {
                workshop.happen(.queued, workshop.conversation())
                try await workshop.hear()
                try await workshop.settled()
                try workshop.advance(Webhook.overlap)
                workshop.happen(.queued, workshop.conversation())
                try await workshop.hear()
                try await workshop.settled()
            }
            let came = receiver.came
            #expect(came.count == 2)
            #expect(came[0].isSigned(with: old) && came[0].isSigned(with: rotated.secret) && came[0].signatureCount == 2)
            #expect(!came[1].isSigned(with: old) && came[1].isSigned(with: rotated.secret) && came[1].signatureCount == 1)
            #expect(
                await reason {
                    _ = try await workshop.webhooks.rotateWebhookSecret(
                        RotateWebhookSecretRequest(webhookID: webhook.webhookID, etag: webhook.etag, requestID: UUID().text),
                        context)
                } == "ETAG_MISMATCH")
        }
    }

    @Test(
        "events of one conversation come in their order under three workers, whatever the receiver answers; each at least once")
    func order() async throws {
        let plan = RetryPlan(attemptsMax: 10, first: .milliseconds(1), factor: 1, longest: .milliseconds(1))
        try await withReceiver(plan: plan) { workshop, receiver, url in
            _ = try await workshop.subscribe(url)
            let conversations = (0..<4).map { _ in workshop.conversation() }
            for _ in 0..<6 { for conversation in conversations { workshop.happen(.updated, conversation) } }
            receiver.answer(.answer(500), .answer(502), .answer(429), .answer(302, headers: ["Location": url]), .answer(404))
            try await workshop.hear()
            try await workshop.working(processes: 3) { try await workshop.settled() }
            for conversation in conversations {
                let ids = receiver.came.filter {
                    ($0.json["data"] as? [String: Any])?["conversationId"] as? String == conversation.conversationID
                }.compactMap { $0.json["id"] as? String }
                #expect(ids == ids.sorted() && Set(ids).count == 6)
            }
            #expect(receiver.came.count == 29)
            #expect(try await workshop.deliveries([.delivered]).count == 24)
        }
    }

    @Test("what fails waits for its pause, which grows; after the last attempt it is a dead letter, and those behind it go on")
    func deadLetter() async throws {
        let plan = RetryPlan(attemptsMax: 3, first: .seconds(100), factor: 10, longest: .seconds(10_000))
        try await withReceiver(plan: plan) { workshop, receiver, url in
            let (webhook, _) = try await workshop.subscribe(url)
            let conversation = workshop.conversation()
            for _ in 0..<2 { workshop.happen(.updated, conversation) }
            try await workshop.hear()
            receiver.answer(.answer(500), .answer(503), .answer(410))
            try await workshop.working {
                var pauses: [Double] = []
                for attempt in 1...2 {
                    try await eventually { try await workshop.deliveries()[0].attemptCount == Int32(attempt) }
                    try await eventually { try await workshop.pause() > 1 }
                    pauses.append(try await workshop.pause())
                    #expect(try await workshop.deliveries()[1].attemptCount == 0)
                    try await workshop.makeDue()
                    try await workshop.wake()
                }
                // Up to a hundred, up to a thousand seconds, and at least half of it, but for what has passed since.
                #expect((1...100).contains(pauses[0]) && (400...1_000).contains(pauses[1]))
                try await workshop.settled()
            }
            let deliveries = try await workshop.deliveries()
            #expect(deliveries.map(\.state) == [.dead, .delivered])
            #expect(
                deliveries[0].lastStatus == 410 && deliveries[0].lastError == "HTTP_STATUS" && deliveries[0].attemptCount == 3)
            #expect(receiver.came.count == 4)
            #expect(try await workshop.get(webhook).failingSinceTime == nil)

            // Once more by hand: the same event, the same body.
            try await workshop.working {
                try await workshop.replay(deliveries[0].deliveryID)
                try await workshop.settled()
            }
            #expect(receiver.came.last?.body == receiver.came[0].body)
            #expect(receiver.came.last?.headers["switchboard-event-id"] == receiver.came[0].headers["switchboard-event-id"])
            #expect(try await workshop.deliveries().map(\.state) == [.delivered, .delivered])
        }
    }

    @Test("a receiver that is slow, or never ends its answer, is cut off")
    func slowReceivers() async throws {
        try await withReceiver(timeout: .milliseconds(400)) { workshop, receiver, url in
            _ = try await workshop.subscribe(url)
            workshop.happen(.updated, workshop.conversation())
            try await workshop.hear()
            receiver.answer(.silence, .endless)
            try await workshop.working { try await workshop.settled() }
            // The endless one had answered 200: it has the event.
            #expect(receiver.came.count == 2)
            #expect(try await workshop.deliveries().map(\.state) == [.delivered])
        }
    }

    @Test(
        "a subscription that nothing has reached for days is switched off, its rest dead letters; on again, all is new"
    )
    func switchedOff() async throws {
        let plan = RetryPlan(attemptsMax: 50, first: .milliseconds(1), factor: 1, longest: .milliseconds(1))
        try await withReceiver(plan: plan) { workshop, receiver, url in
            let (webhook, _) = try await workshop.subscribe(url)
            receiver.always(.answer(500))
            workshop.happen(.updated, workshop.conversation())
            workshop.happen(.updated, workshop.conversation())
            try await workshop.hear()
            try await workshop.working {
                try await eventually { try await workshop.get(webhook).failingSinceTime != nil }
                try workshop.advance(Webhook.failingMax)
                try await workshop.settled()
            }
            let failing = try await workshop.get(webhook)
            #expect(failing.state == .failing && failing.disabled)
            #expect(try await workshop.deliveries().allSatisfy { $0.state == .dead && $0.lastError == "WEBHOOK_DISABLED" })
            let asked = receiver.came.count
            workshop.happen(.updated, workshop.conversation())
            try await workshop.hear()
            #expect(try await workshop.jobCount == 0)
            #expect(
                await reason { try await workshop.replay(try await workshop.deliveries()[0].deliveryID) } == "WEBHOOK_DISABLED")

            receiver.always(.answer(200))
            #expect(try await workshop.update(failing, ["disabled"]).state == .failing)
            var on = failing
            on.disabled = false
            let active = try await workshop.update(on, ["disabled"])
            #expect(active.state == .active && active.failingSinceTime == nil)
            try await workshop.working {
                try await workshop.replay(try await workshop.deliveries()[0].deliveryID)
                try await workshop.settled()
            }
            #expect(receiver.came.count == asked + 1)
        }
    }

    @Test("subscriptions are the tenant's own, bounded, judged, and gone with their deliveries when deleted")
    func subscriptions() async throws {
        try await withReceiver { workshop, receiver, url in
            let (webhook, _) = try await workshop.subscribe(url)
            let stranger = workshop.caller(WebhooksServiceDescriptor.getWebhook, tenant: .v7(at: .now))
            #expect(
                await reason { _ = try await workshop.webhooks.getWebhook(.init(webhookID: webhook.webhookID), stranger) }
                    == "WEBHOOK_NOT_FOUND")
            for wrong in [
                ChannelsV1.Webhook(displayName: "", url: url, eventTypes: ["*"]),
                .init(displayName: "a", url: "http://10.0.0.1/", eventTypes: ["*"]),
                .init(displayName: "a", url: url, eventTypes: []), .init(displayName: "a", url: url, eventTypes: ["nothing"]),
                .init(displayName: "a\nb", url: url, eventTypes: ["*"]),
                .init(displayName: "a", url: url, eventTypes: Array(repeating: "*", count: 51)),
            ] {
                #expect(
                    await reason {
                        _ = try await workshop.webhooks.createWebhook(
                            CreateWebhookRequest(webhook: wrong, requestID: UUID().text),
                            workshop.caller(WebhooksServiceDescriptor.createWebhook))
                    } == "INVALID_FIELD")
            }
            for _ in 1..<Webhook.perTenantMax { _ = try await workshop.subscribe(url, ["conversation.closed"]) }
            #expect(await reason { _ = try await workshop.subscribe(url) } == "WEBHOOKS_MAX")

            workshop.happen(.updated, workshop.conversation())
            try await workshop.hear()
            #expect(try await workshop.deliveries().map(\.webhookID) == [webhook.webhookID])
            #expect(
                await reason { try await workshop.replay(try await workshop.deliveries()[0].deliveryID) }
                    == "WEBHOOK_DELIVERY_PENDING")
            _ = try await workshop.webhooks.deleteWebhook(
                DeleteWebhookRequest(webhookID: webhook.webhookID, requestID: UUID().text),
                workshop.caller(WebhooksServiceDescriptor.deleteWebhook))
            #expect(try await workshop.deliveries().isEmpty)
            try await workshop.working { try await workshop.settled() }
            #expect(receiver.came.isEmpty)
        }
    }

    @Test("nobody is told of what happened before he asked")
    func notBefore() async throws {
        try await withReceiver { workshop, receiver, url in
            workshop.happen(.updated, workshop.conversation())
            try workshop.advance(.seconds(1))
            _ = try await workshop.subscribe(url)
            workshop.happen(.closed, workshop.conversation())
            try await workshop.hear()
            try await workshop.working { try await workshop.settled() }
            #expect(receiver.came.map { $0.json["type"] as? String } == ["conversation.closed"])
        }
    }
}

extension Workshop {
    /// Seconds until the job that waits longest is due.
    func pause() async throws -> Double {
        try await database.withAdministrator { connection in
            try await connection.query(
                "select coalesce(max(extract(epoch from due_time - clock_timestamp()))::float8, 0) from channels.job"
            )[0].decode(Double.self)
        }
    }

    /// The hint that a commit of the service's own gives.
    func wake() async throws { surroundings.tenants.pool.notify("channels_job") }
}
