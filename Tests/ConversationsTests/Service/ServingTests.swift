import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("Serving: accept, answer, pause, take, transfer, close")
struct ServingTests {
    @Test("S12, C14: one accepts, the loser learns who was first, and the winner's repetition is OK")
    func C14_oneWinner() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let won = try await inbox.accept(id, by: tenant.ana, of: tenant)
            #expect(won.state == .open && won.assigneeName == "Ana" && won.startTime != nil && won.unread == 1)
            do {
                _ = try await inbox.accept(id, by: tenant.cleo, of: tenant)
                Issue.record("a second agent accepted")
            } catch let error as ConversationsError {
                #expect(error.failure.reason == "ALREADY_TAKEN" && error.failure.code == .failedPrecondition)
                #expect(error.failure.metadata["assignee_name"] == "Ana")
            }
            #expect(try await inbox.accept(id, by: tenant.ana, of: tenant).etag == won.etag)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 1)
        }
    }

    @Test("guarantee 2: 200 claimers against 50 slots: one winner each, and no load above its limit")
    func slotsHold() async throws {
        let agents = (0..<10).map { _ in UUID() }
        try await withInbox(loadMax: 5, extraAgents: agents) { inbox, tenant in
            var ids: [String] = []
            for n in 0..<80 { ids.append(try await inbox.customer("v\(n)", of: tenant).conversation!.conversationID) }
            let all = ids
            let wins = try await withThrowingTaskGroup(of: String?.self) { group in
                for claim in 0..<200 {
                    group.addTask {
                        let (agent, id) = (agents[claim % agents.count], all[claim * 7 % all.count])
                        let outcome = await reason { try await inbox.accept(id, by: agent, of: tenant) }
                        // The winner's own repetition is OK too, so wins are counted as rows below.
                        #expect(["OK", "ALREADY_TAKEN", "AGENT_AT_CAPACITY"].contains(outcome), "\(outcome)")
                        return outcome == "OK" ? id : nil
                    }
                }
                var wins: Set<String> = []
                for try await id in group { if let id { wins.insert(id) } }
                return wins
            }
            let open = try await inbox.list(.open, by: tenant.admin, of: tenant)
            #expect(Set(open.map(\.conversationID)) == wins && wins.count <= 50)
            for agent in agents {
                let mine = open.filter { $0.assigneeID == agent.text }.count
                #expect(mine <= 5)
                #expect(try await inbox.load(of: agent, in: tenant) == Int32(mine))
            }
        }
    }

    @Test("C11: over the limit is refused; a supervisor may force it, an agent may not")
    func C11_forcing() async throws {
        try await withInbox(loadMax: 1) { inbox, tenant in
            let one = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let two = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(one, by: tenant.ana, of: tenant)
            #expect(await reason { try await inbox.accept(two, by: tenant.ana, of: tenant) } == "AGENT_AT_CAPACITY")
            let forced = AcceptRequest(conversationID: two, requestID: UUID().text, force: true)
            #expect(
                await reason { try await inbox.service.accept(forced, inbox.by(tenant.ana, of: tenant)) } == "SUPERVISOR_ONLY")
            _ = try await inbox.close(one, by: tenant.ana, of: tenant)
            #expect(try await inbox.accept(two, by: tenant.ana, of: tenant).state == .open)
            _ = try await inbox.transfer(two, to: .agentID(tenant.operatorID.text), by: tenant.ana, of: tenant)
            let three = try await inbox.customer("v3", of: tenant).conversation!.conversationID
            #expect(await reason { try await inbox.accept(three, by: tenant.operatorID, of: tenant) } == "AGENT_AT_CAPACITY")
            let byOperator = AcceptRequest(conversationID: three, requestID: UUID().text, force: true)
            #expect(
                try await inbox.service.accept(byOperator, inbox.by(tenant.operatorID, of: tenant)).conversation?.state == .open)
            let history = try await inbox.service.listHistory(
                ListHistoryRequest(conversationID: three), inbox.by(tenant.operatorID, of: tenant)
            ).entries
            #expect(history.last?.forced == true && history.last?.kind == "accepted")
        }
    }

    @Test("C5: explicit departments want an accept before an answer; accept = true does both; on_reply needs none")
    func C5_acceptModes() async throws {
        try await withInbox { inbox, tenant in
            let one = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            #expect(await reason { try await inbox.send("hi", in: one, by: tenant.ana, of: tenant) } == "NOT_ACCEPTED")
            let answer = try await inbox.send("hi", in: one, by: tenant.ana, of: tenant, accept: true)
            #expect(answer.conversation?.state == .open && answer.conversation?.assigneeName == "Ana" && answer.message?.seq == 2)
            let two = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            _ = try await inbox.transfer(two, to: .departmentID(tenant.support.text), by: tenant.ana, of: tenant)
            #expect(try await inbox.send("hi", in: two, by: tenant.bob, of: tenant).conversation?.assigneeName == "Bob")
        }
    }

    @Test("SPEC 10: only the assignee answers an open one; a colleague takes it first (S15)")
    func S15_take() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            #expect(await reason { try await inbox.send("hi", in: id, by: tenant.cleo, of: tenant) } == "NOT_YOURS")
            #expect(await reason { try await inbox.send("hi", in: id, by: tenant.bob, of: tenant) } == "OUT_OF_SCOPE")
            let taken = try await inbox.service.take(
                TakeRequest(conversationID: id, requestID: UUID().text), inbox.by(tenant.cleo, of: tenant)
            ).conversation!
            #expect(taken.assigneeName == "Cleo" && taken.lastAssigneeID == tenant.ana.text)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 0)
            #expect(try await inbox.load(of: tenant.cleo, in: tenant) == 1)
            #expect(await reason { try await inbox.send("hi", in: id, by: tenant.ana, of: tenant) } == "NOT_YOURS")
        }
    }

    @Test("S5: pausing frees the slot, resuming takes it again; a full agent cannot resume")
    func S5_pauseAndResume() async throws {
        try await withInbox(loadMax: 1) { inbox, tenant in
            let one = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let two = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(one, by: tenant.ana, of: tenant)
            let paused = try await inbox.setPending(one, by: tenant.ana, of: tenant)
            #expect(paused.state == .pending && paused.stateReason == .parked && paused.assigneeName == "Ana")
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 0)
            _ = try await inbox.accept(two, by: tenant.ana, of: tenant)
            func resume() async throws -> ConversationsV1.Conversation {
                try await inbox.service.resume(
                    ResumeRequest(conversationID: one, requestID: UUID().text), inbox.by(tenant.ana, of: tenant)
                ).conversation!
            }
            #expect(await reason { try await resume() } == "AGENT_AT_CAPACITY")
            _ = try await inbox.close(two, by: tenant.ana, of: tenant)
            #expect(try await resume().state == .open)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 1)
        }
    }

    @Test("S5: what is paused cannot be resumed once the reply window has passed")
    func S5_windowPassed() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("+1", to: tenant.whatsapp, of: tenant).conversation!.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            _ = try await inbox.setPending(id, by: tenant.ana, of: tenant)
            try inbox.advance(.seconds(86_400))
            let request = ResumeRequest(conversationID: id, requestID: UUID().text)
            #expect(
                await reason { try await inbox.service.resume(request, inbox.by(tenant.ana, of: tenant)) }
                    == "REPLY_WINDOW_CLOSED")
        }
    }

    @Test("C13: a customer's message brings a paused one back to its agent if he has room; else it waits for him")
    func C13_messageReopens() async throws {
        try await withInbox(loadMax: 1) { inbox, tenant in
            let one = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(one, by: tenant.ana, of: tenant)
            _ = try await inbox.setPending(one, by: tenant.ana, of: tenant)
            #expect(try await inbox.customer("v1", of: tenant).conversation?.state == .open)
            _ = try await inbox.setPending(one, by: tenant.ana, of: tenant)
            let two = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(two, by: tenant.ana, of: tenant)
            let waiting = try await inbox.customer("v1", of: tenant).conversation!
            #expect(waiting.state == .pending && waiting.waitingOn == .agent)
        }
    }

    @Test("C10: pending_limit stops hoarding")
    func C10_pendingLimit() async throws {
        try await withInbox(pendingLimit: 1) { inbox, tenant in
            for n in 1...2 {
                let id = try await inbox.customer("v\(n)", of: tenant).conversation!.conversationID
                _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
                #expect(
                    await reason { try await inbox.setPending(id, by: tenant.ana, of: tenant) }
                        == (n == 1 ? "OK" : "PENDING_LIMIT"))
            }
        }
    }

    @Test("S28, C20: a transfer changes hands at once, arrives unread, and leaves the sender's inbox")
    func S28_transferToAgent() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant, accept: true)
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).badge == 0)
            let given = try await inbox.transfer(id, to: .agentID(tenant.bob.text), by: tenant.ana, of: tenant)
            #expect(given.state == .open && given.assigneeName == "Bob" && given.attention && given.badge == 1)
            #expect(given.transferReason == "yours")
            #expect(try await inbox.list(.yours, by: tenant.ana, of: tenant).isEmpty)
            let mine = try await inbox.list(.yours, by: tenant.bob, of: tenant)
            #expect(mine.map(\.conversationID) == [id])
            // S29: the whole history goes with it.
            let messages = try await inbox.service.listMessages(
                ListMessagesRequest(conversationID: id), inbox.by(tenant.bob, of: tenant)
            ).messages
            #expect(messages.map(\.text) == ["hello", "hi"])
            #expect(
                await reason { try await inbox.transfer(id, to: .agentID(tenant.bob.text), by: tenant.bob, of: tenant) }
                    == "TRANSFER_TO_SELF")
            #expect(
                await reason { try await inbox.transfer(id, to: .agentID(UUID().text), by: tenant.bob, of: tenant) }
                    == "AGENT_NOT_FOUND")
            #expect(
                await reason { try await inbox.transfer(id, to: .agentID(Tenant(2).ana.text), by: tenant.bob, of: tenant) }
                    == "AGENT_NOT_FOUND")
        }
    }

    @Test("C20: a transfer to a full agent is refused unless a supervisor forces it; to a department it is always allowed")
    func C20_fullTarget() async throws {
        try await withInbox(loadMax: 1) { inbox, tenant in
            let one = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let two = try await inbox.customer("v2", of: tenant).conversation!
            _ = try await inbox.accept(one, by: tenant.ana, of: tenant)
            _ = try await inbox.accept(two.conversationID, by: tenant.cleo, of: tenant)
            let toCleo = TransferRequest.Target.agentID(tenant.cleo.text)
            #expect(await reason { try await inbox.transfer(one, to: toCleo, by: tenant.ana, of: tenant) } == "AGENT_AT_CAPACITY")
            #expect(
                try await inbox.transfer(one, to: toCleo, by: tenant.operatorID, of: tenant, force: true).assigneeName == "Cleo")
            try inbox.advance(.seconds(60))
            let back = try await inbox.transfer(
                two.conversationID, to: .departmentID(tenant.support.text), by: tenant.cleo, of: tenant)
            #expect(back.state == .queued && back.assigneeID.isEmpty && back.departmentName == "Support")
            #expect(back.arrivalTime == two.arrivalTime, "C43: the arrival is kept")
            #expect(try await inbox.load(of: tenant.cleo, in: tenant) == 1)
        }
    }

    @Test("C21: who may close; closed is refused everything but notes")
    func C21_close() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            #expect(await reason { try await inbox.close(id, by: tenant.cleo, of: tenant) } == "NOT_YOURS")
            let closed = try await inbox.close(id, by: tenant.operatorID, of: tenant)
            #expect(closed.state == .closed && closed.stateReason == .agent && closed.closeTime != nil && closed.inactive)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 0)
            #expect(await reason { try await inbox.close(id, by: tenant.operatorID, of: tenant) } == "CONVERSATION_CLOSED")
            #expect(await reason { try await inbox.send("late", in: id, by: tenant.ana, of: tenant) } == "CONVERSATION_CLOSED")
            let note = AddNoteRequest(conversationID: id, requestID: UUID().text, text: "done")
            #expect(try await inbox.service.addNote(note, inbox.by(tenant.ana, of: tenant)).message?.direction == .internal)
        }
    }

    @Test("C54: who answers what he has not seen is stopped")
    func C54_answeredMeanwhile() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.send("from ana", in: id, by: tenant.ana, of: tenant, accept: true)
            _ = try await inbox.service.take(
                TakeRequest(conversationID: id, requestID: UUID().text), inbox.by(tenant.cleo, of: tenant))
            #expect(
                await reason { try await inbox.send("x", in: id, by: tenant.cleo, of: tenant, afterSeq: 1) }
                    == "ANSWERED_MEANWHILE")
            #expect(await reason { try await inbox.send("x", in: id, by: tenant.cleo, of: tenant, afterSeq: 2) } == "OK")
        }
    }
}
