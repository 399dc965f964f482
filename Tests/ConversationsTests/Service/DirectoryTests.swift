import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import Postgres
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

/// What conversations does by what routing published: events come by the function that its consumer applies them with.
@Suite("The directory that routing publishes")
struct DirectoryTests {
    @Test("P2: a suspended tenant reads and does not write, whoever asks; resumed it works again; an unknown one may nothing")
    func P2_suspended() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            try await inbox.hear([tenant.event(.tenant(.init(displayName: "T", state: .suspended)))])
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).state == .queued)
            #expect(try await inbox.list(.queue, by: tenant.ana, of: tenant).count == 1)
            #expect(await reason { try await inbox.accept(id, by: tenant.ana, of: tenant) } == "TENANT_SUSPENDED")
            #expect(await reason { try await inbox.customer("v1", of: tenant) } == "TENANT_SUSPENDED")
            #expect(await reason { try await inbox.customer("v2", of: tenant) } == "TENANT_SUSPENDED")
            #expect(
                await reason {
                    try await inbox.widget.createWidgetSession(
                        .init(widgetKey: tenant.widgetKey), ServerContext(method: WidgetServiceDescriptor.createWidgetSession))
                } == "TENANT_SUSPENDED")
            // The other one is not concerned.
            try await inbox.customer("v1", of: Tenant(2))
            try await inbox.hear([tenant.event(.tenant(.init(displayName: "T", state: .active)))])
            #expect(try await inbox.accept(id, by: tenant.ana, of: tenant).state == .open)
            let stranger = Tenant(3)
            #expect(await reason { try await inbox.list(.queue, by: stranger.ana, of: stranger) } == "TENANT_SUSPENDED")
        }
    }

    @Test("C10, C11: a lower limit stops what is new and takes nothing away; a department's agents know theirs at once")
    func C10_limits() async throws {
        try await withInbox { inbox, tenant in
            var ids: [String] = []
            for n in 0..<4 { ids.append(try await inbox.customer("v\(n)", of: tenant).conversation!.conversationID) }
            for id in ids.prefix(3) { _ = try await inbox.accept(id, by: tenant.ana, of: tenant) }
            try await inbox.hear([tenant.event(.agent(tenant.agent(tenant.ana, "Ana", [tenant.sales], loadMax: 2)))])
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 3)
            #expect(try await inbox.get(ids[0], by: tenant.ana, of: tenant).state == .open)
            #expect(await reason { try await inbox.accept(ids[3], by: tenant.ana, of: tenant) } == "AGENT_AT_CAPACITY")
            for id in ids.prefix(2) { _ = try await inbox.close(id, by: tenant.ana, of: tenant) }
            #expect(try await inbox.accept(ids[3], by: tenant.ana, of: tenant).state == .open)
        }
    }

    @Test("C20: an agent who is not connected is handed nothing, unless it is forced or the tenant allows it")
    func C20_offline() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            let toCleo = TransferRequest.Target.agentID(tenant.cleo.text)
            var cleo = tenant.agent(tenant.cleo, "Cleo", [tenant.sales])
            for presence in [PresenceState.reconnecting, .offline] {
                cleo.presence = presence
                try await inbox.hear([tenant.event(.agent(cleo))])
                #expect(await reason { try await inbox.transfer(id, to: toCleo, by: tenant.ana, of: tenant) } == "AGENT_OFFLINE")
            }
            let refused = try await inbox.service.bulkUpdateConversations(
                .init(
                    requestID: UUID().text, conversationIDs: [id], action: .assign(.init(agentID: tenant.cleo.text))),
                inbox.by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.bulkUpdateConversations))
            #expect(refused.results.map(\.reason) == ["AGENT_OFFLINE"])
            #expect(
                await reason { try await inbox.transfer(id, to: toCleo, by: tenant.ana, of: tenant, force: true) }
                    == "SUPERVISOR_ONLY")
            let forced = try await inbox.transfer(id, to: toCleo, by: tenant.operatorID, of: tenant, force: true)
            #expect(forced.assigneeName == "Cleo" && forced.state == .open)
            // The tenant's own word.
            let bob = tenant.agent(tenant.bob, "Bob", [tenant.support])
            var gone = bob
            gone.presence = .offline
            try await inbox.hear([
                tenant.event(.agent(gone)), tenant.event(.tenant(.init(settings: .init(offlineTransfer: true)))),
            ])
            let given = try await inbox.transfer(id, to: .agentID(tenant.bob.text), by: tenant.cleo, of: tenant)
            #expect(given.assigneeName == "Bob")
        }
    }

    @Test("C20, C35: web chat goes to no department where nobody is available: connected, wanting work, inside its hours")
    func C20_nobodyAvailable() async throws {
        try await withInbox { inbox, tenant in
            let chat = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let toSupport = TransferRequest.Target.departmentID(tenant.support.text)
            func to(_ id: String, force: Bool = false) async -> String {
                await reason { try await inbox.transfer(id, to: toSupport, by: tenant.operatorID, of: tenant, force: force) }
            }
            var people = [
                tenant.agent(tenant.bob, "Bob", [tenant.support]), tenant.agent(tenant.cleo, "Cleo", [tenant.support]),
            ]
            people[0].presence = .offline
            people[1].status?.availability = .away
            try await inbox.hear(people.map { tenant.event(.agent($0)) })
            #expect(await to(chat) == "NO_AGENT_AVAILABLE")
            // Another channel's customer does not sit and wait.
            let phone = try await inbox.customer("5511912345678", to: tenant.whatsapp, of: tenant).conversation!.conversationID
            #expect(await to(phone) == "OK")
            people[1].status?.availability = .available
            try await inbox.hear([tenant.event(.agent(people[1]))])
            // The clock of these tests stands on a Saturday.
            let week = (1...5).map {
                WeeklyInterval(weekday: .init(rawValue: Int32($0)), hours: .init(openMinute: 0, closeMinute: 1_440))
            }
            var support = RoutingV1.Department(departmentID: tenant.support.text, displayName: "Support")
            support.workingHours = .init(timeZone: "UTC", week: week)
            try await inbox.hear([tenant.event(.department(support))])
            #expect(await to(chat) == "NO_AGENT_AVAILABLE")
            support.workingHours?.week.append(
                .init(weekday: .saturday, hours: .init(openMinute: 0, closeMinute: 1_440)))
            try await inbox.hear([tenant.event(.department(support))])
            #expect(await to(chat) == "OK")
            support.workingHours?.holidays = [.init(firstDate: "2026-01-01", lastDate: "2027-12-31")]
            try await inbox.hear([tenant.event(.department(support))])
            let other = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            #expect(await to(other) == "NO_AGENT_AVAILABLE")
            #expect(await to(other, force: true) == "OK")
        }
    }

    @Test("C20: a department's conversations go where its rule lets them, and nobody forces that")
    func C20_transferMatrix() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let elsewhere = UUID().text
            var sales = RoutingV1.Department(departmentID: tenant.sales.text, displayName: "Sales")
            sales.transferDepartmentIDs = [elsewhere]
            try await inbox.hear([tenant.event(.department(sales))])
            for target in [TransferRequest.Target.departmentID(tenant.support.text), .agentID(tenant.bob.text)] {
                for force in [false, true] {
                    #expect(
                        await reason { try await inbox.transfer(id, to: target, by: tenant.operatorID, of: tenant, force: force) }
                            == "TRANSFER_NOT_ALLOWED")
                }
            }
            let within = try await inbox.transfer(id, to: .agentID(tenant.cleo.text), by: tenant.operatorID, of: tenant)
            #expect(within.assigneeName == "Cleo")
            sales.transferDepartmentIDs = [elsewhere, tenant.support.text]
            try await inbox.hear([tenant.event(.department(sales))])
            let out = try await inbox.transfer(id, to: .departmentID(tenant.support.text), by: tenant.operatorID, of: tenant)
            #expect(out.departmentName == "Support" && out.state == .queued)
        }
    }

    @Test("C44, C35: a hand-off's answer says whether somebody is there")
    func C44_handOffTellsWhoIsThere() async throws {
        try await withInbox { inbox, tenant in
            for (presence, available) in [(PresenceState.online, true), (.offline, false)] {
                let id = try await inbox.customer("v\(presence.rawValue)", of: tenant).conversation!.conversationID
                try await inbox.automate(id)
                try await inbox.hear(
                    [tenant.bob, tenant.cleo].map { agent in
                        var wire = tenant.agent(agent, "B", [tenant.support])
                        wire.presence = presence
                        return tenant.event(.agent(wire))
                    })
                #expect(try await inbox.handOff(id, to: tenant.support, of: tenant).available == available)
            }
        }
    }

    @Test("C44: a hand-off's answer says when the department opens; one that says so leaves it with the bot until then")
    func C44_afterHours() async throws {
        try await withInbox { inbox, tenant in
            // The clock of these tests stands on a Saturday.
            let monday = WeeklyInterval(weekday: .monday, hours: .init(openMinute: 480, closeMinute: 960))
            var support = RoutingV1.Department(departmentID: tenant.support.text, displayName: "Support")
            support.workingHours = .init(timeZone: "UTC", week: [monday])
            let day = inbox.surroundings.clock.now.microseconds / 86_400_000_000
            let opening = Instant(microseconds: (day + 2) * 86_400_000_000 + 8 * 3_600_000_000)
            for (rule, state) in [(AfterHours.queue, ConversationsV1.ConversationState.queued), (.stayWithBot, .automated)] {
                support.afterHours = rule
                try await inbox.hear([tenant.event(.department(support))])
                let id = try await inbox.customer("v\(rule.rawValue)", of: tenant).conversation!.conversationID
                try await inbox.automate(id)
                let answer = try await inbox.handOff(id, to: tenant.support, of: tenant)
                #expect(answer.conversation?.state == state && answer.openTime == Timestamp(opening) && !answer.available)
            }
            support.workingHours = nil
            try await inbox.hear([tenant.event(.department(support))])
            let id = try await inbox.customer("v", of: tenant).conversation!.conversationID
            try await inbox.automate(id)
            let answer = try await inbox.handOff(id, to: tenant.support, of: tenant)
            #expect(answer.conversation?.state == .queued && answer.openTime == nil && answer.available)
        }
    }

    @Test("C13: a customer's message brings a paused one back only to an agent who is eligible; else it waits, paused")
    func C13_onlyTheEligible() async throws {
        try await withInbox { inbox, tenant in
            var offline = tenant.agent(tenant.ana, "Ana", [tenant.sales])
            offline.presence = .reconnecting
            var away = tenant.agent(tenant.ana, "Ana", [tenant.sales])
            away.status?.availability = .away
            let elsewhere = tenant.agent(tenant.ana, "Ana", [tenant.support])
            let there = tenant.agent(tenant.ana, "Ana", [tenant.sales])
            for (n, (agent, state)) in [(offline, "pending"), (away, "pending"), (elsewhere, "pending"), (there, "open")]
                .enumerated()
            {
                try await inbox.hear([tenant.event(.agent(there))])
                let id = try await inbox.customer("v\(n)", of: tenant).conversation!.conversationID
                _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
                _ = try await inbox.send("one moment", in: id, by: tenant.ana, of: tenant)
                _ = try await inbox.setPending(id, by: tenant.ana, of: tenant)
                try await inbox.hear([tenant.event(.agent(agent))])
                let after = try await inbox.customer("v\(n)", says: "well?", of: tenant).conversation!
                #expect((after.state == .open ? "open" : "pending") == state && after.waitingOn == .agent)
                #expect(after.assigneeID == tenant.ana.text)
                _ = try await inbox.close(id, by: tenant.admin, of: tenant)
            }
        }
    }

    @Test("C41: a deactivated agent may nothing; what he started or was offered is queued at its arrival, the rest is nobody's")
    func C41_agentLeaves() async throws {
        try await withInbox { inbox, tenant in
            var ids: [String] = []
            for n in 0..<4 { ids.append(try await inbox.customer("v\(n)", of: tenant).conversation!.conversationID) }
            let arrivals = try await ids.asyncMap { try await inbox.get($0, by: tenant.admin, of: tenant).arrivalTime }
            _ = try await inbox.accept(ids[0], by: tenant.ana, of: tenant)
            _ = try await inbox.assign(ids[1], to: tenant.ana, of: tenant)
            for id in ids.suffix(2) {
                _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
                _ = try await inbox.send("one moment", in: id, by: tenant.ana, of: tenant)
                _ = try await inbox.setPending(id, by: tenant.ana, of: tenant)
            }
            // One of the two paused customers writes again.
            try await inbox.customer("v3", says: "hello?", of: tenant)
            var ana = tenant.agent(tenant.ana, "Ana", [])
            ana.state = .deactivated
            try await inbox.hear([tenant.event(.agent(ana))])
            #expect(await reason { try await inbox.list(.queue, by: tenant.ana, of: tenant) } == "AGENT_DEACTIVATED")
            #expect(await reason { try await inbox.assign(ids[1], to: tenant.ana, of: tenant) } == "AGENT_NOT_FOUND")
            for _ in 0..<2 { try await inbox.surroundings.clear(.agent(tenant.ana), of: tenant.id) }
            let after = try await ids.asyncMap { try await inbox.get($0, by: tenant.admin, of: tenant) }
            #expect(after.map(\.state) == [.queued, .queued, .pending, .queued])
            #expect(after.allSatisfy { $0.assigneeID.isEmpty } && after[0].lastAssigneeID == tenant.ana.text)
            #expect(Array(after.map(\.arrivalTime).prefix(2)) == Array(arrivals.prefix(2)))
            #expect(try await inbox.load(of: tenant.ana, in: tenant, as: tenant.admin) == 0)
            // Authorship stays.
            let messages = try await inbox.service.listMessages(
                .init(conversationID: ids[2]), inbox.by(tenant.admin, of: tenant, ConversationsServiceDescriptor.listMessages)
            ).messages
            #expect(messages.last?.author?.displayName == "Ana")
        }
    }

    @Test("C41: an archived department's conversations and accounts are its successor's: same state and arrival, attention")
    func C41_departmentIsArchived() async throws {
        try await withInbox { inbox, tenant in
            let queued = try await inbox.customer("v1", of: tenant).conversation!
            let open = try await inbox.customer("v2", of: tenant).conversation!
            let closed = try await inbox.customer("v3", of: tenant).conversation!
            _ = try await inbox.accept(open.conversationID, by: tenant.ana, of: tenant)
            _ = try await inbox.close(closed.conversationID, by: tenant.ana, of: tenant)
            try await inbox.hear([
                tenant.event(
                    .department(
                        .init(
                            departmentID: tenant.sales.text, displayName: "Sales", state: .archived,
                            successorID: tenant.support.text)))
            ])
            for _ in 0..<2 { try await inbox.surroundings.clear(.department(tenant.sales), of: tenant.id) }
            for (before, state) in [(queued, ConversationsV1.ConversationState.queued), (open, .open)] {
                let after = try await inbox.get(before.conversationID, by: tenant.admin, of: tenant)
                #expect(after.departmentName == "Support" && after.state == state && after.arrivalTime == before.arrivalTime)
                #expect(after.attention)
            }
            let kept = try await inbox.get(open.conversationID, by: tenant.ana, of: tenant)
            #expect(kept.assigneeName == "Ana")
            #expect(try await inbox.get(closed.conversationID, by: tenant.admin, of: tenant).departmentName == "Sales")
            // What comes in now is the successor's, and so is what continues.
            #expect(try await inbox.customer("v4", of: tenant).conversation?.departmentName == "Support")
            #expect(try await inbox.customer("v3", of: tenant).conversation?.departmentName == "Support")
            #expect(
                await reason {
                    try await inbox.transfer(
                        queued.conversationID, to: .departmentID(tenant.sales.text), by: tenant.admin, of: tenant)
                } == "DEPARTMENT_NOT_FOUND")
        }
    }

    @Test("C41: what a call under way has still given to an archived department is found by a second look")
    func C41_secondLook() async throws {
        try await withInbox { inbox, tenant in
            let early = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let settler = LeavingSettler(pool: inbox.surroundings.pool)
            let worker = LeavingWorker(surroundings: inbox.surroundings).worker
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.run() }
                try await inbox.hear([
                    tenant.event(
                        .department(
                            .init(
                                departmentID: tenant.sales.text, displayName: "Sales", state: .archived,
                                successorID: tenant.support.text)))
                ])
                _ = try await settler.settle()
                #expect(try await inbox.get(early, by: tenant.admin, of: tenant).departmentName == "Support")
                // As if it had gone by the older directory, and committed only now.
                let late = try await inbox.customer("v2", of: tenant).conversation!.conversationID
                try await inbox.database.withAdministrator { administrator in
                    try await administrator.query(
                        """
                        update conversations.conversation
                        set department_id = \(tenant.sales)
                        where conversation_id = \(UUID(id: late))
                        """)
                    // A minute later, by machine time.
                    let waiting = try await administrator.query(
                        """
                        update conversations.job
                        set due_time = clock_timestamp()
                        where kind = 'directory.department_left' and due_time > clock_timestamp()
                        """)
                    #expect(waiting.affected == 1, "the second look stands as a job")
                }
                _ = try await settler.settle()
                #expect(try await inbox.get(late, by: tenant.admin, of: tenant).departmentName == "Support")
                group.cancelAll()
            }
        }
    }

    @Test("every replica goes by the rows of now, whoever heard of the change; what was rolled back is nowhere")
    func replicasAgree() async throws {
        try await withInbox { inbox, tenant in
            var copy = inbox.surroundings
            copy.directories = Directories()
            let other = Inbox(surroundings: copy, database: inbox.database, book: inbox.book)
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            #expect(try await other.get(id, by: tenant.ana, of: tenant).departmentName == "Sales")
            try await inbox.hear([
                tenant.event(.department(.init(departmentID: tenant.sales.text, displayName: "Counter")))
            ])
            for replica in [inbox, other] {
                #expect(try await replica.get(id, by: tenant.ana, of: tenant).departmentName == "Counter")
            }
            struct Interrupted: Error {}
            await #expect(throws: Interrupted.self) {
                try await inbox.surroundings.transaction(tenant.id) { transaction in
                    try await inbox.surroundings.learn(
                        tenant.event(.department(.init(departmentID: tenant.sales.text, displayName: "Nowhere"))), transaction)
                    throw Interrupted()
                }
            }
            for replica in [inbox, other] {
                #expect(try await replica.get(id, by: tenant.ana, of: tenant).departmentName == "Counter")
            }
        }
    }

    @Test("C34: what a role of the tenant's own lets its holders do is what routing said last; one that is gone, nothing")
    func C34_customRoles() async throws {
        try await withInbox { inbox, tenant in
            func permissions() async throws -> Set<Permission> {
                try await inbox.surroundings.permissions(of: ["night shift", "unknown"], in: tenant.id)
            }
            #expect(try await permissions().isEmpty)
            let role = RoutingV1.Role(
                name: "night shift", permissions: ["conversations.read", "conversations.handle", "of.later"])
            try await inbox.hear([tenant.event(.role(role))])
            #expect(try await permissions() == [.conversationsRead, .conversationsHandle])
            #expect(try await inbox.surroundings.permissions(of: ["night shift"], in: Tenant(2).id).isEmpty)
            try await inbox.hear([RoutingEvent(kind: .role, tenantID: tenant.id.text, subject: "night shift")])
            #expect(try await permissions().isEmpty)
        }
    }
}

extension Inbox {
    fileprivate func load(of agent: UUID, in tenant: Tenant, as caller: UUID) async throws -> Int32 {
        let slots = try await service.listAgentSlots(ListAgentSlotsRequest(agentIDs: [agent.text]), by(caller, of: tenant)).slots
        return slots.first { $0.pool == "chat" }?.load ?? -1
    }
}

extension Array {
    fileprivate func asyncMap<Answer>(_ body: (Element) async throws -> Answer) async rethrows -> [Answer] {
        var answers: [Answer] = []
        for element in self { answers.append(try await body(element)) }
        return answers
    }
}
