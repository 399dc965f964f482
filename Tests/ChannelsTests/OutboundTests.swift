import ChannelsV1
import ConversationsV1
import EndToEndSupport
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime
import Synchronization
import Testing
import Trials
import WallTime

@testable import Channels

@Suite("Messages to providers")
struct OutboundTests {
    @Test("a message goes to its provider once, conversations hears of it once, and web chat is none of ours")
    func once() async throws {
        try await withWorkshop { workshop in
            let conversation = workshop.conversation()
            let id = workshop.say("hello", in: conversation)
            let webchat = workshop.say("hi", in: workshop.conversation(channel: .webchat))
            var inbound = Message(messageID: UUID().text, direction: .inbound, deliveryStatus: .unspecified)
            workshop.happen(.messageAdded, conversation, message: inbound)
            inbound.direction = .internal
            workshop.happen(.messageAdded, conversation, message: inbound)
            try await workshop.hear(breakingAfterEach: true)
            // After a restore of conversations all is read again.
            try await workshop.hear(fromTheStart: true)
            #expect(try await workshop.jobCount == 1)
            try await workshop.working { try await workshop.settled() }
            #expect(workshop.emulator.taken.map(\.text) == ["hello"])
            #expect(workshop.emulator.taken.first?.address == conversation.customerAddress)
            #expect(workshop.conversations.moves(of: id) == [.sent])
            let delivery = try await workshop.delivery(id)
            #expect(delivery.status == .sent && delivery.providerMessageID == "prov-1" && delivery.attemptCount == 1)
            #expect(
                await reason { _ = try await workshop.delivery(webchat) } == "OUTBOUND_DELIVERY_NOT_FOUND")
        }
    }

    @Test(
        "one message at the provider and one report, though the worker dies between any two steps",
        arguments: Death.Point.allCases)
    func deathBetweenSteps(point: Death.Point) async throws {
        try await withWorkshop { workshop in
            let conversation = workshop.conversation()
            let ids = (0..<3).map { workshop.say("\($0)", in: conversation) }
            try await workshop.hear()
            let death = Death([point: 2])
            var mortal = workshop.surroundings
            mortal.conversations = MortalConversations(book: workshop.conversations, death: death)
            mortal.adapters = [.standIn: MortalAdapter(death: death)]
            try await workshop.working(processes: 2, mortal) { try await workshop.settled() }
            #expect(death.isDone)
            #expect(workshop.emulator.taken.map(\.text) == ["0", "1", "2"])
            for id in ids { #expect(workshop.conversations.moves(of: id) == [.sent]) }
            #expect(workshop.emulator.repetitions == (point == .afterSend ? 2 : 0))
        }
    }

    @Test("messages of one conversation go out in their order under three workers, whatever fails on the way")
    func order() async throws {
        let plan = RetryPlan(attemptsMax: 10, first: .milliseconds(1), factor: 1, longest: .milliseconds(1))
        try await withWorkshop(plan: plan) { workshop in
            let conversations = (0..<6).map { _ in workshop.conversation() }
            for number in 0..<8 {
                for conversation in conversations { workshop.say("\(number)", in: conversation) }
            }
            try await workshop.hear()
            workshop.emulator.fail(.code(130_429), .cut, .takeAndCut, .status(503), .code(131_000), .takeAndCut)
            try await workshop.working(processes: 3) { try await workshop.settled() }
            let byAddress = Dictionary(grouping: workshop.emulator.taken, by: \.address)
            #expect(byAddress.count == 6)
            for taken in byAddress.values { #expect(taken.map(\.text) == (0..<8).map(String.init)) }
            #expect(workshop.emulator.policyRefusals == [])
        }
    }

    @Test("what waits for its pause holds back its own conversation and no other; given up, it lets the next one go")
    func headOfTheConversation() async throws {
        let plan = RetryPlan(attemptsMax: 2, first: .seconds(3_600), factor: 1, longest: .seconds(3_600))
        try await withWorkshop(plan: plan) { workshop in
            let held = workshop.conversation()
            let first = workshop.say("first", in: held)
            let second = workshop.say("second", in: held)
            try await workshop.hear()
            workshop.emulator.fail(.code(131_056))
            try await workshop.working {
                try await eventually { try await workshop.delivery(first).attemptCount == 1 }
                let other = workshop.say("other", in: workshop.conversation())
                try await workshop.hear()
                try await eventually { try await workshop.delivery(other).status == .sent }
                #expect(try await workshop.delivery(second).status == .queued)
                #expect(workshop.emulator.taken.map(\.text) == ["other"])

                // By hand, the next attempt comes now.
                workshop.emulator.fail(.code(131_056))
                let retry = RetryOutboundDeliveryRequest(messageID: first.text, requestID: UUID().text)
                let context = workshop.caller(OutboundServiceDescriptor.retryOutboundDelivery)
                #expect(try await workshop.outbound.retryOutboundDelivery(retry, context).delivery?.status == .queued)
                try await workshop.settled()
            }
            let given = try await workshop.delivery(first)
            #expect(given.status == .failed && given.failureReason == "PROVIDER_UNAVAILABLE" && given.attemptCount == 2)
            #expect(given.errorClass == .transient && given.providerCode == "131056")
            #expect(workshop.conversations.moves(of: first) == [.failed])
            #expect(workshop.emulator.taken.map(\.text) == ["other", "second"])
            let again = RetryOutboundDeliveryRequest(messageID: first.text, requestID: UUID().text)
            #expect(
                await reason {
                    _ = try await workshop.outbound.retryOutboundDelivery(
                        again, workshop.caller(OutboundServiceDescriptor.retryOutboundDelivery))
                } == "OUTBOUND_DELIVERY_ENDED")
        }
    }

    @Test(
        "CHANNELS 2.10: each class of error has its end",
        arguments: [
            (131_047, "REPLY_WINDOW_CLOSED", 1), (131_026, "UNDELIVERABLE", 1), (131_049, "PROVIDER_HELD_BACK", 1),
            (131_050, "OPTED_OUT", 1), (100, "PROVIDER_REJECTED", 1), (132_000, "TEMPLATE_PARAM_MISMATCH", 1),
            (132_015, "TEMPLATE_NOT_APPROVED", 1), (130_429, "", 2), (999_999, "PROVIDER_REJECTED", 1),
        ])
    func errorClasses(code: Int, reason: String, attempts: Int32) async throws {
        try await withWorkshop { workshop in
            let conversation = workshop.conversation()
            let id = workshop.say("one", in: conversation)
            let next = workshop.say("two", in: conversation)
            try await workshop.hear()
            workshop.emulator.fail(.code(code))
            try await workshop.working { try await workshop.settled() }
            let delivery = try await workshop.delivery(id)
            #expect(delivery.failureReason == reason && delivery.attemptCount == attempts)
            #expect(workshop.conversations.moves(of: id) == [reason.isEmpty ? .sent : .failed])
            #expect(try await workshop.delivery(next).status == .sent)
        }
    }

    @Test(
        "an account that its provider has stopped is left alone: what follows fails with the reason and without a call",
        arguments: [(190, "CHANNEL_AUTH_EXPIRED"), (131_031, "CHANNEL_PAUSED"), (133_010, "CHANNEL_NOT_SET_UP")])
    func stoppedAccount(code: Int, reason: String) async throws {
        try await withWorkshop { workshop in
            let first = workshop.say("one", in: workshop.conversation())
            try await workshop.hear()
            workshop.emulator.fail(.code(code))
            try await workshop.working {
                try await workshop.settled()
                let second = workshop.say("two", in: workshop.conversation())
                try await workshop.hear()
                try await workshop.settled()
                for id in [first, second] {
                    #expect(try await workshop.delivery(id).failureReason == reason)
                    #expect(workshop.conversations.moves(of: id) == [.failed])
                }
                #expect(workshop.emulator.requests == 1)
                // The stop runs out by the database's clock.
                try await workshop.database.withAdministrator {
                    _ = try await $0.query("update channels.account_stop set end_time = clock_timestamp()")
                }
                let third = workshop.say("three", in: workshop.conversation())
                try await workshop.hear()
                try await workshop.settled()
                #expect(try await workshop.delivery(third).status == .sent)
            }
        }
    }

    @Test("an account without an adapter fails its messages with a clear reason")
    func accountWithoutAdapter() async throws {
        try await withWorkshop { workshop in
            let id = workshop.say("one", in: workshop.conversation(account: UUID.v7(at: .now)))
            try await workshop.hear()
            try await workshop.working { try await workshop.settled() }
            #expect(try await workshop.delivery(id).failureReason == "CHANNEL_NOT_CONFIGURED")
            #expect(workshop.conversations.moves.map(\.reason) == ["CHANNEL_NOT_CONFIGURED"])
            #expect(workshop.emulator.requests == 0)
        }
    }

    @Test("C48: a window that closes between two attempts is seen at the second hand-over, and the provider is not asked")
    func windowClosesMeanwhile() async throws {
        let plan = RetryPlan(attemptsMax: 3, first: .seconds(3_600), factor: 1, longest: .seconds(3_600))
        try await withWorkshop(plan: plan) { workshop in
            let id = workshop.say("one", in: workshop.conversation())
            try await workshop.hear()
            workshop.emulator.fail(.status(503))
            try await workshop.working {
                try await eventually { try await workshop.delivery(id).attemptCount == 1 }
                workshop.conversations.refuse("REPLY_WINDOW_CLOSED")
                try await workshop.makeDue()
                try await workshop.settled()
            }
            let delivery = try await workshop.delivery(id)
            #expect(delivery.status == .failed && delivery.failureReason == "REPLY_WINDOW_CLOSED")
            #expect(workshop.emulator.requests == 1 && workshop.emulator.policyRefusals == [])
            #expect(workshop.conversations.moves(of: id) == [.failed] && workshop.conversations.checks == 2)
        }
    }

    @Test("conversations away costs no attempt at the provider: the message waits")
    func conversationsAway() async throws {
        try await withWorkshop { workshop in
            let id = workshop.say("one", in: workshop.conversation())
            try await workshop.hear()
            workshop.conversations.fail(6)
            try await workshop.working { try await workshop.settled() }
            #expect(try await workshop.delivery(id).attemptCount == 1)
            #expect(workshop.emulator.taken.count == 1 && workshop.conversations.moves(of: id) == [.sent])
        }
    }

    @Test("a worker that lost its lease writes nothing and reports nothing; the other one's end stands")
    func lostLease() async throws {
        try await withWorkshop { workshop in
            let id = workshop.say("one", in: workshop.conversation())
            try await workshop.hear()
            // Another worker takes the job over while the provider answers.
            var late = workshop.surroundings
            late.adapters = [
                .standIn: InterruptedAdapter {
                    try await workshop.working { try await workshop.settled() }
                }
            ]
            let job = try await workshop.claimedJob()
            try await workshop.database.withAdministrator {
                _ = try await $0.query("update channels.job set lease_until = '-infinity'")
            }
            await #expect(throws: (any Error).self) {
                try await OutboundWorker(surroundings: late).perform(job)
            }
            #expect(workshop.emulator.taken.count == 1 && workshop.emulator.repetitions == 1)
            #expect(workshop.conversations.moves(of: id) == [.sent])
            #expect(try await workshop.delivery(id).providerMessageID == "prov-1")
        }
    }

    @Test("a silent provider is an attempt that is tried again, and a message it took is not taken twice")
    func silentProvider() async throws {
        try await withWorkshop(timeout: .milliseconds(300)) { workshop in
            let id = workshop.say("one", in: workshop.conversation())
            try await workshop.hear()
            workshop.emulator.fail(.silence, .takeAndCut)
            try await workshop.working { try await workshop.settled() }
            #expect(workshop.emulator.taken.count == 1 && workshop.emulator.repetitions == 1)
            #expect(try await workshop.delivery(id).attemptCount == 3)
        }
    }

    @Test("workers that are cut off at any moment, again and again, leave each message once, in order")
    func cutOff() async throws {
        try await withWorkshop { workshop in
            let conversations = (0..<5).map { _ in workshop.conversation() }
            for number in 0..<10 { for conversation in conversations { workshop.say("\(number)", in: conversation) } }
            try await workshop.hear()
            for round in 1...9 {
                try await workshop.working(processes: 2) {
                    try await eventually { workshop.emulator.taken.count >= 5 * round }
                }
                // Whoever is cut off holds its lease until it runs out.
                try await workshop.database.withAdministrator {
                    _ = try await $0.query("update channels.job set lease_until = '-infinity'")
                }
            }
            try await workshop.working { try await workshop.settled() }
            for taken in Dictionary(grouping: workshop.emulator.taken, by: \.address).values {
                #expect(taken.map(\.text) == (0..<10).map(String.init))
            }
            #expect(workshop.emulator.taken.count == 50)
            #expect(workshop.conversations.moves.count == 50 && workshop.conversations.moves.allSatisfy { $0.status == .sent })
        }
    }

    @Test("a template goes out behind the window; one that the provider does not know fails for good")
    func templates() async throws {
        try await withWorkshop { workshop in
            workshop.emulator.add(template: "greeting")
            let conversation = workshop.conversation()
            try workshop.advance(.seconds(90_000))
            let ids = ["greeting", "nobody's"].map { template in
                workshop.say(
                    "Hi", in: conversation, content: .init(content: .template(.init(templateID: template, language: "en_US"))),
                    kind: .template)
            }
            try await workshop.hear()
            try await workshop.working { try await workshop.settled() }
            #expect(workshop.emulator.taken.map(\.type) == ["template"])
            #expect(try await workshop.delivery(ids[0]).status == .sent)
            #expect(try await workshop.delivery(ids[1]).failureReason == "TEMPLATE_PARAM_MISMATCH")
            #expect(workshop.emulator.policyRefusals == [132_001])
        }
    }

    @Test("G13: the emulator refuses by itself what policy does not allow, or its zero would say nothing")
    func emulatorRefuses() async throws {
        try await withWorkshop(kind: .instagram) { workshop in
            let conversation = workshop.conversation(channel: .instagram)
            workshop.say("", in: conversation, content: .init(content: .location(.init(latitude: 1, longitude: 2))))
            workshop.say(String(repeating: "a", count: 1_001), in: conversation)
            workshop.say("in time", in: conversation)
            try await workshop.hear()
            try await workshop.working { try await workshop.settled() }
            try workshop.advance(.seconds(86_400))
            let late = workshop.say("late", in: conversation)
            try await workshop.hear()
            try await workshop.working { try await workshop.settled() }
            #expect(workshop.emulator.policyRefusals == [131_051, 100, 131_047])
            #expect(workshop.emulator.taken.map(\.text) == ["in time"])
            #expect(try await workshop.delivery(late).failureReason == "REPLY_WINDOW_CLOSED")
        }
    }

    @Test("lists show the tenant's own, by conversation, account and status, page by page")
    func lists() async throws {
        try await withWorkshop { workshop in
            let conversation = workshop.conversation()
            let ids = (0..<5).map { workshop.say("\($0)", in: conversation) }
            workshop.say("x", in: workshop.conversation())
            try await workshop.hear()
            try await workshop.working { try await workshop.settled() }
            let context = workshop.caller(OutboundServiceDescriptor.listOutboundDeliveries)
            var request = ListOutboundDeliveriesRequest(
                conversationID: conversation.conversationID, statuses: [.sent], pageSize: 2)
            var found: [String] = []
            repeat {
                let page = try await workshop.outbound.listOutboundDeliveries(request, context)
                found += page.deliveries.map(\.messageID)
                request.pageToken = page.nextPageToken
            } while !request.pageToken.isEmpty
            #expect(Set(found) == Set(ids.map(\.text)) && found == found.sorted(by: >))
            #expect(
                try await workshop.outbound.listOutboundDeliveries(
                    ListOutboundDeliveriesRequest(statuses: [.failed]), context
                ).deliveries.isEmpty)
            let stranger = workshop.caller(OutboundServiceDescriptor.listOutboundDeliveries, tenant: .v7(at: .now))
            #expect(try await workshop.outbound.listOutboundDeliveries(.init(), stranger).deliveries.isEmpty)
            #expect(
                await reason {
                    _ = try await workshop.outbound.listOutboundDeliveries(
                        ListOutboundDeliveriesRequest(statuses: [.unrecognized(77)]), context)
                } == "INVALID_FIELD")
        }
    }
}

/// Dies around its call.
private struct MortalAdapter: ProviderAdapter {
    let death: Death

    func send(_ message: OutgoingMessage, over account: ProviderAccount) async throws -> String {
        let id = try await StandInAdapter().send(message, over: account)
        try death.pass(.afterSend)
        return id
    }

    func tell(typing: Bool, to address: String, over account: ProviderAccount) async throws {}
}

/// Something happens before it returns.
private struct InterruptedAdapter: ProviderAdapter {
    let interruption: @Sendable () async throws -> Void

    func send(_ message: OutgoingMessage, over account: ProviderAccount) async throws -> String {
        let id = try await StandInAdapter().send(message, over: account)
        try await interruption()
        return id
    }

    func tell(typing: Bool, to address: String, over account: ProviderAccount) async throws {}
}

extension Workshop {
    /// The only job there is, under lease.
    func claimedJob() async throws -> Job {
        let held = Mutex<Job?>(nil)
        let worker = JobWorker(
            kinds: [OutboundWorker.kind], schema: Surroundings.schema, pool: surroundings.tenants.pool, concurrency: 1,
            logger: .quiet
        ) { job in
            held.withLock { $0 = job }
            // Its process is stopped here.
            try await Task.sleep(for: .seconds(3_600))
            return .done()
        }
        let task = Task { try await worker.run() }
        try await eventually { held.withLock { $0 != nil } }
        task.cancel()
        _ = await task.result
        let job = held.withLock { $0 }
        return try #require(job)
    }
}
