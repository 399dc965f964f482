import ContactsV1
import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Routing

@Suite("By which method somebody gets it", .serialized)
struct MethodTests {
    @Test(
        "S20: administrators register a department as manual, where agents pick, or automatic, where it goes to agents with room",
        .timeLimit(.minutes(2)))
    func S20_modes() async throws {
        try await Stack.with(method: .manual, loadMax: 1) { stack in
            try await stack.beat(0, 1)
            var ids: [String] = []
            for _ in 0..<3 {
                ids.append(try await stack.customerWrites())
                try stack.advance(by: .seconds(1))
            }
            try await stack.settle()
            for id in ids { #expect(try await stack.conversation(id).state == .queued, "nobody is offered anything") }
            // Only who registers departments chooses: an operator does not.
            for (role, answer) in [("agent", "PERMISSION_DENIED"), ("operator", "PERMISSION_DENIED"), ("admin", "OK")] {
                let caller = try await stack.asAgent(0, role: role)
                let given = await stack.answer {
                    _ = try await DepartmentsServiceClient(stack.routing).updateDepartment(
                        UpdateDepartmentRequest(
                            department: RoutingV1.Department(departmentID: Stack.departmentID.text, method: .random),
                            updateMask: FieldMask(paths: ["method"]), requestID: UUID().text), caller)
                }
                #expect(given == answer)
            }
            for id in ids.prefix(2) { try await stack.eventually(id, "it is offered") { $0.state == .offered } }
            let holders = try await ids.prefix(2).asyncMap { try await stack.conversation($0).assigneeID }
            #expect(Set(holders) == Set(Stack.agentIDs.prefix(2).map(\.text)), "one each: that is their limit")
            try await stack.settle()
            #expect(try await stack.conversation(ids[2]).state == .queued)
        }
    }

    @Test("S22: manual shows it to all attendants, who choose; least-busy takes the fewest ongoing", .timeLimit(.minutes(2)))
    func S22_manualAndLeastBusy() async throws {
        try await Stack.with(method: .manual) { stack in
            try await stack.beat(0, 1)
            let id = try await stack.customerWrites()
            try await stack.settle()
            for index in 0..<3 { #expect(try await stack.list(.queue, by: index) == [id]) }
            try await stack.accept(id, by: 1)
            try await stack.changeDepartment(["method"], .init(method: .leastBusy))
            let next = try await stack.customerWrites()
            let offered = try await stack.eventually(next, "it is offered") { $0.state == .offered }
            #expect(offered.assigneeID == Stack.agentIDs[0].text, "the other carries one")
        }
    }

    @Test("S22, guarantee 4: random goes to anybody online, and to nobody else", .timeLimit(.minutes(2)))
    func S22_random() async throws {
        try await Stack.with(method: .random, loadMax: 100) { stack in
            try await stack.beat(0, 1)
            var counts: [String: Int] = [:]
            for _ in 0..<24 {
                let id = try await stack.customerWrites()
                counts[try await stack.eventually(id, "it is offered") { $0.state == .offered }.assigneeID, default: 0] += 1
            }
            // All 24 to one of two has a chance of 1 in 8 million.
            #expect(Set(counts.keys) == Set(Stack.agentIDs.prefix(2).map(\.text)))
        }
    }

    @Test(
        "S22, C9: to the contact's owner; an absent one is waited for, others may accept meanwhile, and he stays the owner",
        .timeLimit(.minutes(2)))
    func C9_owner() async throws {
        try await Stack.with(method: .owner) { stack in
            let owned = try await stack.contact(ownedBy: 1)
            try await stack.beat(0, 1)
            let first = try await stack.customerWrites(owned.visitor)
            let offered = try await stack.eventually(first, "the owner is offered it") { $0.state == .offered }
            #expect(offered.assigneeID == Stack.agentIDs[1].text)
            try await stack.accept(first, by: 1)
            try await stack.close(first, by: 1)
            // Away: absent. Without a wait the least busy has it at once.
            try await stack.setStatus(1, .away)
            let second = try await stack.contact(ownedBy: 1)
            let fallen = try await stack.customerWrites(second.visitor)
            let other = try await stack.eventually(fallen, "another is offered it") { $0.state == .offered }
            #expect(other.assigneeID == Stack.agentIDs[0].text)
            // With a wait it stays for so long, to the microsecond; nobody is kept from accepting it by hand.
            try await stack.changeDepartment(
                ["owner_fallback"], .init(ownerFallback: OwnerFallback(wait: .init(seconds: 120), method: .random)))
            let (third, fourth) = (try await stack.contact(ownedBy: 1), try await stack.contact(ownedBy: 1))
            let waiting = try await stack.customerWrites(third.visitor)
            let taken = try await stack.customerWrites(fourth.visitor)
            try await stack.settle()
            let explained = try await stack.explain(waiting)
            #expect(explained.outcome == .waitForOwner && explained.nextTime != nil)
            #expect(await stack.accept(taken, try await stack.asAgent(2)) == "OK")
            try stack.advance(by: .seconds(120) - .microseconds(1))
            try await stack.beat(0)
            try await stack.settle()
            #expect(try await stack.conversation(waiting).state == .queued)
            try stack.advance(by: .microseconds(1))
            let given = try await stack.eventually(waiting, "the fallback decides") { $0.state == .offered }
            #expect(given.assigneeID == Stack.agentIDs[0].text)
            #expect(try await stack.owner(of: third.contactID) == Stack.agentIDs[1].text, "ownership does not change")
        }
    }

    @Test("C43: on its way through the owner method a conversation keeps its arrival, and its place", .timeLimit(.minutes(2)))
    func C43_ownersPath() async throws {
        try await Stack.with(method: .owner, loadMax: 1) { stack in
            let owned = try await stack.contact(ownedBy: 0)
            try await stack.beat(0)
            let first = try await stack.customerWrites(owned.visitor)
            let arrival = try await stack.eventually(first, "the owner is offered it") { $0.state == .offered }.arrivalTime
            try stack.advance(by: .seconds(1))
            let later = try await stack.customerWrites()
            // The owner goes away: back to its place, before the later one, whoever comes.
            try await stack.setStatus(0, .away)
            try await stack.eventually(first, "it is back") { $0.state == .queued }
            #expect(try await stack.conversation(first).arrivalTime == arrival)
            try await stack.beat(1)
            let again = try await stack.eventually(first, "another is offered it") { $0.state == .offered }
            #expect(again.assigneeID == Stack.agentIDs[1].text && again.arrivalTime == arrival)
            #expect(try await stack.conversation(later).state == .queued)
            // Given back to its queue it keeps what it has.
            try await stack.accept(first, by: 1)
            try await stack.settle()
            _ = try await ConversationsServiceClient(stack.conversations).transfer(
                TransferRequest(
                    conversationID: first, requestID: UUID().text, target: .departmentID(Stack.departmentID.text)),
                try await stack.asAgent(1))
            #expect(try await stack.conversation(first).arrivalTime == arrival)
        }
    }

    @Test("C6: what a bot directs goes before the department's method, and that before the tenant's", .timeLimit(.minutes(2)))
    func C6_precedence() async throws {
        try await Stack.with(method: .unspecified) { stack in
            func method(_ id: String) async throws -> RoutingV1.DistributionMethod {
                let explained = try await stack.explain(id)
                return explained.method
            }
            let id = try await stack.customerWrites()
            try await stack.settle()
            #expect(try await method(id) == .manual, "what nobody has chosen is manual")
            let admin = try await stack.asAgent(0, role: "admin")
            _ = try await TenantsServiceClient(stack.routing).updateTenantSettings(
                UpdateTenantSettingsRequest(
                    settings: .init(method: .leastBusy), updateMask: FieldMask(paths: ["method"]), requestID: UUID().text), admin)
            try await stack.settle()
            #expect(try await method(id) == .leastBusy, "the tenant's")
            try await stack.changeDepartment(["method"], .init(method: .manual))
            #expect(try await method(id) == .manual, "the department's")
            let bots = try await stack.customerWrites(over: Stack.automatedID)
            #expect(try await stack.handOff(bots, method: .random).state == .queued)
            try await stack.settle()
            #expect(try await method(bots) == .random, "the bot's")
            // The dispatcher goes by the same: with somebody there the bot's goes out, the department's waits.
            try await stack.beat(0)
            try await stack.eventually(bots, "it is offered") { $0.state == .offered }
            try await stack.settle()
            #expect(try await stack.conversation(id).state == .queued)
            // In another department the bot's word holds no more.
            try await stack.makeSecond(.manual, agent: 0)
            _ = try await ConversationsServiceClient(stack.conversations).transfer(
                TransferRequest(
                    conversationID: bots, requestID: UUID().text, force: true, target: .departmentID(Stack.secondID.text)), admin)
            try await stack.settle()
            #expect(try await method(bots) == .manual)
            #expect(try await stack.conversation(bots).routeMethod == .unspecified)
        }
    }

    @Test("S23: a queue follows the bot's configuration of its account, else the account's method", .timeLimit(.minutes(2)))
    func S23_configuration() async throws {
        try await Stack.with(method: .manual) { stack in
            try await stack.makeSecond(.manual, agent: 2)
            try await stack.beat(0, 2)
            // The account directs its bot to the second department, to random agents.
            let directed = try await stack.customerWrites(over: Stack.directedID)
            _ = try await stack.handOff(directed)
            let offered = try await stack.eventually(directed, "it is offered") { $0.state == .offered }
            #expect(offered.departmentName == "Second" && offered.assigneeID == Stack.agentIDs[2].text)
            // Where nothing is configured for the bot, the department's method holds.
            let plain = try await stack.customerWrites(over: Stack.automatedID)
            _ = try await stack.handOff(plain)
            try await stack.settle()
            let queued = try await stack.conversation(plain)
            #expect(queued.state == .queued && queued.departmentName == "Support")
        }
    }

    @Test(
        "C40: the bot's directive, then the continued one's department, then the account's, then the tenant's default; else all see it",
        .timeLimit(.minutes(2)))
    func C40_department() async throws {
        try await Stack.with(method: .manual) { stack in
            try await stack.makeSecond(.manual, agent: 0)
            let admin = try await stack.asAgent(0, role: "admin")
            // Without any rule: no department, everybody sees it, and the tenant's method gives it to whoever is there.
            let nowhere = try await stack.customerWrites(over: Stack.openID)
            #expect(try await stack.conversation(nowhere).departmentID.isEmpty)
            for index in 0..<3 { #expect(try await stack.list(.queue, by: index).contains(nowhere)) }
            _ = try await TenantsServiceClient(stack.routing).updateTenantSettings(
                UpdateTenantSettingsRequest(
                    settings: .init(method: .leastBusy), updateMask: FieldMask(paths: ["method"]), requestID: UUID().text), admin)
            try await stack.beat(1)
            try await stack.eventually(nowhere, "it is offered") { $0.assigneeID == Stack.agentIDs[1].text }
            // The tenant's default.
            _ = try await TenantsServiceClient(stack.routing).updateTenantSettings(
                UpdateTenantSettingsRequest(
                    settings: .init(defaultDepartmentID: Stack.secondID.text),
                    updateMask: FieldMask(paths: ["default_department_id"]), requestID: UUID().text), admin)
            try await stack.settle()
            #expect(try await stack.conversation(try await stack.customerWrites(over: Stack.openID)).departmentName == "Second")
            // The account's goes before it.
            let visitor = UUID().text
            let first = try await stack.customerWrites(visitor)
            #expect(try await stack.conversation(first).departmentName == "Support")
            // The continued one's goes before the account's.
            _ = try await ConversationsServiceClient(stack.conversations).transfer(
                TransferRequest(
                    conversationID: first, requestID: UUID().text, force: true, target: .departmentID(Stack.secondID.text)), admin
            )
            _ = try await ConversationsServiceClient(stack.conversations).close(
                CloseRequest(conversationID: first, requestID: UUID().text), admin)
            let continuation = try await stack.conversation(try await stack.customerWrites(visitor))
            #expect(continuation.departmentName == "Second" && continuation.continuedFrom == first)
            // And the bot's directive before all: here the account would say Support.
            let directed = try await stack.customerWrites(over: Stack.automatedID)
            #expect(try await stack.conversation(directed).departmentName == "Support")
            #expect(try await stack.handOff(directed, to: Stack.secondID).departmentName == "Second")
        }
    }

    @Test("S24: each user has an own inbox: what he has, and nothing of a colleague's", .timeLimit(.minutes(2)))
    func S24_ownInbox() async throws {
        try await Stack.with(method: .manual) { stack in
            let ids = [try await stack.customerWrites(), try await stack.customerWrites(), try await stack.customerWrites()]
            try await stack.accept(ids[0], by: 0)
            try await stack.accept(ids[1], by: 1)
            for index in 0..<2 { #expect(try await stack.list(.yours, by: index) == [ids[index]]) }
            #expect(try await stack.list(.yours, by: 2).isEmpty)
            // What is handed over changes inboxes.
            try await stack.beat(0, 1)
            try await stack.settle()
            #expect(await stack.transfer(ids[0], to: 1, try await stack.asAgent(0)) == "OK")
            #expect(try await stack.list(.yours, by: 0).isEmpty)
            #expect(Set(try await stack.list(.yours, by: 1)) == Set(ids.prefix(2)))
        }
    }

    @Test("S27: the picker lists every department and every user, each with whether he is there", .timeLimit(.minutes(2)))
    func S27_picker() async throws {
        try await Stack.with(method: .manual) { stack in
            try await stack.makeSecond()
            try await stack.beat(0, 1)
            let id = try await stack.customerWrites()
            try await stack.settle()
            try await stack.accept(id, by: 0)
            try await stack.settle()
            func picker() async throws -> [String: RoutingV1.TransferTarget] {
                let client = RoutingServiceClient(stack.routing)
                var (targets, token) = ([RoutingV1.TransferTarget](), "")
                repeat {
                    let page = try await client.listTransferTargets(
                        ListTransferTargetsRequest(conversationID: id, pageSize: 2, pageToken: token), try await stack.asAgent(0))
                    targets += page.targets
                    token = page.nextPageToken
                } while !token.isEmpty
                return Dictionary(uniqueKeysWithValues: targets.map { ($0.displayName, $0) })
            }
            let before = try await picker()
            #expect(Set(before.keys) == ["Support", "Second", "Agent 0", "Agent 1", "Agent 2"])
            #expect(
                before.mapValues(\.online) == [
                    "Support": true, "Second": false, "Agent 0": true, "Agent 1": true, "Agent 2": false,
                ])
            #expect(before["Agent 0"]?.reason == "TRANSFER_TO_SELF" && before["Agent 0"]?.load == 1)
            #expect(before["Second"]?.reason == "NO_AGENT_AVAILABLE" && before["Second"]?.allowed == false)
            // A department is online while a member is available: an away one is connected, and not available.
            try await stack.setStatus(1, .away)
            try await stack.setStatus(0, .away)
            let after = try await picker()
            #expect(after["Support"]?.online == false && after["Agent 1"]?.online == true)
        }
    }
}

// MARK: -

extension Stack {
    /// A contact who will write as this visitor.
    func contact(ownedBy index: Int) async throws -> (visitor: String, contactID: String) {
        let visitor = UUID().text
        let contacts = ContactsServiceClient(contacts)
        let admin = try await asAgent(0, role: "admin")
        let made = try await contacts.resolveContact(
            ResolveContactRequest(
                identity: ChannelIdentity(kind: .webchat, scope: Self.accountID.text, address: visitor), requestID: UUID().text),
            admin)
        let id = try #require(made.contact?.contactID)
        _ = try await contacts.updateContact(
            UpdateContactRequest(
                contact: Contact(contactID: id, ownerID: Self.agentIDs[index].text), updateMask: FieldMask(paths: ["owner_id"]),
                requestID: UUID().text), admin)
        return (visitor, id)
    }

    func owner(of contact: String) async throws -> String {
        try #require(
            try await ContactsServiceClient(contacts).getContact(
                GetContactRequest(contactID: contact), try await asAgent(0)
            ).contact
        ).ownerID
    }

    func handOff(
        _ id: String, to department: UUID? = nil, method: RouteMethod = .unspecified
    ) async throws -> ConversationsV1.Conversation {
        try #require(
            try await ConversationsServiceClient(conversations).handOff(
                HandOffRequest(
                    conversationID: id, requestID: UUID().text, departmentID: department?.text ?? "", method: method),
                try await asBot()
            ).conversation)
    }
}

extension Sequence {
    func asyncMap<Answer>(_ body: (Element) async throws -> Answer) async rethrows -> [Answer] {
        var answers: [Answer] = []
        for element in self { answers.append(try await body(element)) }
        return answers
    }
}
