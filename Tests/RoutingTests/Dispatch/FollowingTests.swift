import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Routing

/// What is changed in routing, and conversations, which follows it: both as they are deployed, but in one process.
@Suite("Conversations goes by what routing says", .serialized)
struct FollowingTests {
    @Test("C10: an agent taken on accepts without any restart; a lower limit stops new ones and takes nothing away")
    func C10_agents() async throws {
        try await Stack.with(method: .manual) { stack in
            let (first, second) = (try await stack.customerWrites(), try await stack.customerWrites())
            let platform = try await stack.asService("switchboard", to: "routing")
            let agents = AgentsServiceClient(stack.routing)
            let newcomer = UUID.v7(at: stack.clock.now)
            let asNewcomer = try await stack.asAgent(newcomer, roles: ["agent"])
            #expect(await stack.accept(first, asNewcomer) == "OUT_OF_SCOPE", "he is in no department yet")
            _ = try await agents.createAgent(
                CreateAgentRequest(
                    agent: RoutingV1.Agent(
                        displayName: "Nora", roles: ["agent"], departmentIDs: [Stack.departmentID.text], chatLimit: 2),
                    agentID: newcomer.text, requestID: UUID().text), platform)
            try await stack.settle()
            #expect(await stack.accept(first, asNewcomer) == "OK")
            #expect(try await stack.conversation(first).assigneeName == "Nora")
            _ = try await agents.updateAgent(
                UpdateAgentRequest(
                    agent: RoutingV1.Agent(agentID: newcomer.text, chatLimit: 1), updateMask: FieldMask(paths: ["chat_limit"]),
                    requestID: UUID().text), try await stack.asAgent(0, role: "admin"))
            try await stack.settle()
            #expect(await stack.accept(second, asNewcomer) == "AGENT_AT_CAPACITY")
            #expect(try await stack.conversation(first).state == .open)
        }
    }

    @Test("C10: who has no limit of his own has his department's, also after it has changed")
    func C10_departmentLimit() async throws {
        try await Stack.with(method: .manual) { stack in
            let ids = [try await stack.customerWrites(), try await stack.customerWrites()]
            let admin = try await stack.asAgent(0, role: "admin")
            _ = try await AgentsServiceClient(stack.routing).updateAgent(
                UpdateAgentRequest(
                    agent: RoutingV1.Agent(agentID: Stack.agentIDs[1].text), updateMask: FieldMask(paths: ["chat_limit"]),
                    requestID: UUID().text), admin)
            _ = try await DepartmentsServiceClient(stack.routing).updateDepartment(
                UpdateDepartmentRequest(
                    department: RoutingV1.Department(departmentID: Stack.departmentID.text, chatLimit: 1),
                    updateMask: FieldMask(paths: ["chat_limit"]), requestID: UUID().text), admin)
            try await stack.settle()
            #expect(await stack.accept(ids[0], try await stack.asAgent(1)) == "OK")
            #expect(await stack.accept(ids[1], try await stack.asAgent(1)) == "AGENT_AT_CAPACITY")
        }
    }

    @Test("P2: a tenant that routing suspends reads and does not write here; resumed, it does")
    func P2_suspension() async throws {
        try await Stack.with(method: .manual) { stack in
            let id = try await stack.customerWrites()
            let platform = try await stack.asService("switchboard", to: "routing")
            let ana = try await stack.asAgent(0)
            _ = try await TenantsServiceClient(stack.routing).suspendTenant(
                SuspendTenantRequest(requestID: UUID().text), platform)
            try await stack.settle()
            #expect(try await stack.conversation(id).state == .queued)
            #expect(await stack.accept(id, ana) == "TENANT_SUSPENDED")
            await #expect(throws: RPCError.self) { try await stack.customerWrites() }
            _ = try await TenantsServiceClient(stack.routing).resumeTenant(
                ResumeTenantRequest(requestID: UUID().text), platform)
            try await stack.settle()
            #expect(await stack.accept(id, ana) == "OK")
        }
    }

    @Test("C41: a department is archived with a successor, who has what it had; its conversations go on there")
    func C41_archiving() async throws {
        try await Stack.with(method: .manual) { stack in
            let (queued, open) = (try await stack.customerWrites(), try await stack.customerWrites())
            #expect(await stack.accept(open, try await stack.asAgent(0)) == "OK")
            let admin = try await stack.asAgent(0, role: "admin")
            let departments = DepartmentsServiceClient(stack.routing)
            let heir = try #require(
                try await departments.createDepartment(
                    CreateDepartmentRequest(
                        department: RoutingV1.Department(displayName: "Care"), requestID: UUID().text), admin
                ).department)
            _ = try await departments.archiveDepartment(
                ArchiveDepartmentRequest(
                    departmentID: Stack.departmentID.text, successorID: heir.departmentID, requestID: UUID().text), admin)
            try await stack.settle()
            for (id, state) in [(queued, ConversationsV1.ConversationState.queued), (open, .open)] {
                let moved = try await stack.conversation(id)
                #expect(moved.departmentName == "Care" && moved.state == state && moved.attention)
            }
            // Its agents have moved as well, and serve what has moved and what comes in.
            #expect(await stack.accept(queued, try await stack.asAgent(1)) == "OK")
            let next = try await stack.customerWrites()
            #expect(try await stack.conversation(next).departmentName == "Care")
        }
    }

    @Test("C41: archiving without a successor is refused while conversations, channel accounts or their bots lead there")
    func C41_successor() async throws {
        try await Stack.with(method: .manual) { stack in
            try await stack.makeSecond()
            let admin = try await stack.asAgent(0, role: "admin")
            let departments = DepartmentsServiceClient(stack.routing)
            func archive(_ id: String, to successor: UUID? = nil) async -> String {
                await stack.answer {
                    _ = try await departments.archiveDepartment(
                        ArchiveDepartmentRequest(
                            departmentID: id, successorID: successor?.text ?? "", requestID: UUID().text), admin)
                }
            }
            // Nothing stands in it, and only a bot's directive leads to it.
            #expect(await archive(Stack.secondID.text) == "SUCCESSOR_REQUIRED")
            #expect(await archive(Stack.departmentID.text) == "SUCCESSOR_REQUIRED", "three accounts lead to it")
            let empty = try #require(
                try await departments.createDepartment(
                    CreateDepartmentRequest(
                        department: RoutingV1.Department(displayName: "Empty"), requestID: UUID().text), admin
                ).department)
            #expect(await archive(empty.departmentID) == "OK")
            // With a successor the bot's directive leads there.
            #expect(await archive(Stack.secondID.text, to: Stack.departmentID) == "OK")
            try await stack.settle()
            let id = try await stack.customerWrites(over: Stack.directedID)
            #expect(try await stack.handOff(id).departmentName == "Support")
        }
    }

    @Test("C41: every state a department has is its successor's with the same state and arrival, and wants a look")
    func C41_everyState() async throws {
        try await Stack.with(method: .leastBusy) { stack in
            let expired = try await stack.customerWrites()
            try stack.advance(by: .seconds(61))
            try await stack.eventually(expired, "it expires") { $0.state == .expired }
            let parked = try await stack.pausedByAgent(0, UUID().text)
            let offered = try await stack.customerWrites()
            try await stack.eventually(offered, "it is offered") { $0.state == .offered }
            let automated = try await stack.customerWrites(over: Stack.automatedID)
            try await stack.settle()
            let ids = [offered, parked, automated, expired]
            let before = try await ids.asyncMap { try await stack.conversation($0) }
            try await stack.makeSecond()
            _ = try await DepartmentsServiceClient(stack.routing).archiveDepartment(
                ArchiveDepartmentRequest(
                    departmentID: Stack.departmentID.text, successorID: Stack.secondID.text, requestID: UUID().text),
                try await stack.asAgent(0, role: "admin"))
            try await stack.settle()
            for old in before {
                let new = try await stack.conversation(old.conversationID)
                #expect(new.departmentName == "Second" && new.attention)
                #expect(new.state == old.state && new.arrivalTime == old.arrivalTime && new.assigneeID == old.assigneeID)
            }
        }
    }

    @Test("C13: another pending_rescue holds for what waits already")
    func C13_movedRescue() async throws {
        try await Stack.with { stack in
            let visitor = UUID().text
            let id = try await stack.pausedByAgent(0, visitor)
            try await stack.setStatus(0, .away)
            try await stack.customerWrites(visitor)
            try await stack.settle()
            try await stack.changeDepartment(["pending_rescue"], .init(pendingRescue: .init(seconds: 30)))
            try stack.advance(by: .seconds(30) - .microseconds(1))
            try await stack.settle()
            #expect(try await stack.conversation(id).state == .pending)
            try stack.advance(by: .microseconds(1))
            try await stack.eventually(id, "others may have it") { $0.state == .queued }
        }
    }

    @Test("C41: a deactivated agent's services go back to the queue at their arrival, and he may nothing any more")
    func C41_deactivation() async throws {
        try await Stack.with { stack in
            try await stack.beat(0)
            let id = try await stack.customerWrites()
            let offered = try await stack.eventually(id, "it is offered") { $0.state == .offered }
            try await stack.accept(id, by: 0)
            _ = try await AgentsServiceClient(stack.routing).deactivateAgent(
                DeactivateAgentRequest(agentID: Stack.agentIDs[0].text, requestID: UUID().text),
                try await stack.asAgent(1, role: "admin"))
            let queued = try await stack.eventually(id, "it is queued", by: 1) { $0.state == .queued }
            #expect(queued.assigneeID.isEmpty && queued.arrivalTime == offered.arrivalTime)
            #expect(await stack.accept(id, try await stack.asAgent(0)) == "AGENT_DEACTIVATED")
            try await stack.beat(1)
            try await stack.eventually(id, "a colleague gets it", by: 1) { $0.assigneeID == Stack.agentIDs[1].text }
        }
    }

    @Test("C13: a paused one whose customer writes while its agent is away is others' after two minutes, and not before")
    func C13_rescue() async throws {
        try await Stack.with { stack in
            let visitor = UUID().text
            let id = try await stack.pausedByAgent(0, visitor)
            try await stack.setStatus(0, .away)
            try stack.advance(by: .seconds(600))
            try await stack.settle()
            #expect(try await stack.conversation(id).state == .pending, "nobody waits for him yet")
            try await stack.customerWrites(visitor)
            try stack.advance(by: .seconds(115))
            try await stack.beat(0, 1)
            try stack.advance(by: .seconds(5) - .microseconds(1))
            try await stack.settle()
            let paused = try await stack.conversation(id)
            #expect(paused.state == .pending && paused.assigneeID == Stack.agentIDs[0].text)
            try stack.advance(by: .microseconds(1))
            let offered = try await stack.eventually(id, "it is offered to a colleague") { $0.state == .offered }
            #expect(offered.assigneeID == Stack.agentIDs[1].text && offered.lastAssigneeID == Stack.agentIDs[0].text)
        }
    }

    @Test(
        "C13: its agent has it again at once if he is there when the customer writes, and when he comes while the customer waits")
    func C13_goesOn() async throws {
        try await Stack.with { stack in
            let visitor = UUID().text
            let id = try await stack.pausedByAgent(0, visitor)
            try await stack.customerWrites(visitor)
            #expect(try await stack.conversation(id).state == .open)
            _ = try await ConversationsServiceClient(stack.conversations).setPending(
                SetPendingRequest(conversationID: id, requestID: UUID().text), try await stack.asAgent(0))
            // He pauses what waits, and is cut off; when he is back he goes on with it.
            try stack.advance(by: .seconds(31))
            try await stack.settle()
            #expect(try await stack.conversation(id).state == .pending)
            try await stack.beat(0)
            try await stack.eventually(id, "he goes on") { $0.state == .open && $0.assigneeID == Stack.agentIDs[0].text }
            // The same when he was only away.
            _ = try await ConversationsServiceClient(stack.conversations).setPending(
                SetPendingRequest(conversationID: id, requestID: UUID().text), try await stack.asAgent(0))
            try await stack.setStatus(0, .away)
            #expect(try await stack.conversation(id).state == .pending)
            try await stack.setStatus(0, .available)
            try await stack.eventually(id, "he goes on") { $0.state == .open }
        }
    }

    @Test("C20: who is not connected is handed nothing; what the picker says is what conversations does")
    func C20_transfers() async throws {
        try await Stack.with(method: .manual) { stack in
            let id = try await stack.customerWrites()
            try await stack.beat(0)
            try await stack.settle()
            #expect(await stack.accept(id, try await stack.asAgent(0)) == "OK")
            #expect(await stack.transfer(id, to: 1, try await stack.asAgent(0)) == "AGENT_OFFLINE")
            #expect(try await stack.pickerSays(of: 1, about: id) == "AGENT_OFFLINE")
            try await stack.beat(1)
            try await stack.settle()
            #expect(try await stack.pickerSays(of: 1, about: id) == "")
            #expect(await stack.transfer(id, to: 1, try await stack.asAgent(0)) == "OK")
            #expect(try await stack.conversation(id).assigneeID == Stack.agentIDs[1].text)
        }
    }

    @Test("C34: a role of the tenant's own lets its holders do in conversations what routing says it does, and no more")
    func C34_roles() async throws {
        try await Stack.with(method: .manual) { stack in
            let id = try await stack.customerWrites()
            let night = try await stack.asAgent(Stack.agentIDs[0], roles: ["night"])
            #expect(await stack.accept(id, night) == "PERMISSION_DENIED")
            let admin = try await stack.asAgent(0, role: "admin")
            let roles = RolesServiceClient(stack.routing)
            _ = try await roles.createRole(
                CreateRoleRequest(
                    role: RoutingV1.Role(name: "night", permissions: ["conversations.read"]), requestID: UUID().text), admin)
            try await stack.settle()
            #expect(await stack.accept(id, night) == "PERMISSION_DENIED")
            let conversations = ConversationsServiceClient(stack.conversations)
            #expect(
                try await conversations.getConversation(GetConversationRequest(conversationID: id), night).conversation != nil)
            _ = try await roles.updateRole(
                UpdateRoleRequest(
                    role: RoutingV1.Role(name: "night", permissions: ["conversations.read", "conversations.handle"]),
                    requestID: UUID().text), admin)
            try await stack.settle()
            #expect(await stack.accept(id, night) == "OK")
            _ = try await roles.deleteRole(DeleteRoleRequest(name: "night", requestID: UUID().text), admin)
            try await stack.settle()
            await #expect(throws: RPCError.self) {
                try await conversations.getConversation(GetConversationRequest(conversationID: id), night)
            }
        }
    }
}

// MARK: -

extension Stack {
    func asAgent(_ id: UUID, roles: [String]) async throws -> CallOptions {
        let token = try await keys.agentToken(tenantID: Self.tenantID, agentID: id, name: "N", roles: roles, now: clock.now)
        return CallOptions(timeout: .seconds(30), metadata: ["authorization": "Bearer \(token)"])
    }

    /// - Returns: the reason of the refusal, or OK.
    func accept(_ id: String, _ caller: CallOptions) async -> String {
        await answer {
            _ = try await ConversationsServiceClient(conversations).accept(
                AcceptRequest(conversationID: id, requestID: UUID().text), caller)
        }
    }

    func transfer(_ id: String, to index: Int, _ caller: CallOptions) async -> String {
        await answer {
            _ = try await ConversationsServiceClient(conversations).transfer(
                TransferRequest(
                    conversationID: id, requestID: UUID().text, target: .agentID(Self.agentIDs[index].text)), caller)
        }
    }

    /// A conversation that an agent has answered and paused.
    func pausedByAgent(_ index: Int, _ visitor: String) async throws -> String {
        try await beat(index)
        let id = try await customerWrites(visitor)
        try await eventually(id, "it is offered") { $0.state == .offered }
        try await accept(id, by: index)
        let conversations = ConversationsServiceClient(conversations)
        _ = try await conversations.sendMessage(
            SendMessageRequest(conversationID: id, requestID: UUID().text, text: "one moment"), try await asAgent(index))
        _ = try await conversations.setPending(
            SetPendingRequest(conversationID: id, requestID: UUID().text), try await asAgent(index))
        try await settle()
        return id
    }

    func setStatus(_ index: Int, _ availability: AvailabilityState) async throws {
        _ = try await AgentsServiceClient(routing).setAgentStatus(
            SetAgentStatusRequest(
                agentID: Self.agentIDs[index].text, availability: availability, requestID: UUID().text),
            try await asAgent(index))
        try await settle()
    }

    /// Why routing's picker lets nobody choose an agent; empty where it does.
    func pickerSays(of index: Int, about id: String) async throws -> String {
        let targets = try await RoutingServiceClient(routing).listTransferTargets(
            ListTransferTargetsRequest(conversationID: id), try await asAgent(0)
        ).targets
        return try #require(targets.first { $0.target == .agentID(Self.agentIDs[index].text) }).reason
    }
}
