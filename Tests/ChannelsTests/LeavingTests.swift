import ChannelsV1
import ContactsV1
import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime
import Testing
import WallTime

@testable import Channels
@testable import ServiceDatabase

@Suite("What leaves channels: erased receivers, and ended rows of the queues")
struct LeavingTests {
    @Test("20: the provider's id of a message to an erased person goes, a queued one goes to nobody, also heard of afterwards")
    func G20_erasedReceiver() async throws {
        try await withWorkshop { workshop in
            var conversation = workshop.conversation()
            let contact = UUID.v7(at: workshop.now)
            conversation.contactID = contact.text
            let sent = workshop.say("hello", in: conversation)
            try await workshop.hear()
            try await workshop.working { try await workshop.settled() }
            #expect(try await !workshop.delivery(sent).providerMessageID.isEmpty)
            let waiting = workshop.say("more", in: conversation)
            try await workshop.hear()

            for _ in 0..<2 { try await workshop.erase(contact) }
            #expect(try await workshop.delivery(sent).providerMessageID.isEmpty)
            let late = workshop.say("late", in: conversation)
            try await workshop.hear()
            try await workshop.working { try await workshop.settled() }
            for id in [waiting, late] {
                let delivery = try await workshop.delivery(id)
                #expect(delivery.status == .failed && delivery.failureReason == "CONTACT_ERASED")
            }
            #expect(workshop.emulator.taken.map(\.text) == ["hello"])
            // One report waits for contacts.
            #expect(try await workshop.surroundings.jobs.count(kinds: [ErasureReportJob.kind]) == 2)
        }
    }

    @Test("P3: ended rows of the queues go after their time, those that wait stay")
    func P3_endedRows() async throws {
        try await withWorkshop { workshop in
            let conversation = workshop.conversation()
            let sent = workshop.say("hello", in: conversation)
            try await workshop.hear()
            try await workshop.working { try await workshop.settled() }
            let waiting = workshop.say("more", in: conversation)
            try await workshop.hear()
            let worker = RetentionWorker(
                schema: "channels", pool: workshop.surroundings.tenants.pool, data: ChannelsModule.tenantData,
                clock: workshop.surroundings.clock, logger: workshop.surroundings.logger)
            try workshop.surroundings.clock.set(workshop.now.advanced(by: .days(29)))
            #expect(try await worker.work() == 0)
            try workshop.surroundings.clock.set(workshop.now.advanced(by: .days(2)))
            #expect(try await worker.work() == 1)
            let gone = await reason { _ = try await workshop.delivery(sent) }
            #expect(gone == "OUTBOUND_DELIVERY_NOT_FOUND")
            #expect(try await workshop.delivery(waiting).status == .queued)
        }
    }
}

extension Workshop {
    /// An erasure, as the consumer applies it.
    fileprivate func erase(_ contact: UUID) async throws {
        let event = ContactEvent(
            tenantID: tenantID.text, kind: .erased, contactID: contact.text, erasureID: UUID().text,
            erasedContactIDs: [contact.text])
        try await surroundings.tenants.transaction(as: tenantID) { transaction in
            try await surroundings.erase(for: event, tenantID, transaction)
        }
    }
}
