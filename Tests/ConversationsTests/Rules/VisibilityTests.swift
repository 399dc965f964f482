import Testing

@testable import Conversations

@Suite("C4, C22: what is in which list, and for whom")
struct VisibilityTests {
    private typealias Person = Viewer<String>
    private let ana = Person(agentID: "ana", role: .agent, departmentIDs: ["sales"])

    @Test(
        "C4: every conversation is in exactly one status list for each viewer", arguments: ConversationState.allCases,
        [true, false])
    func C4_oneStatusList(state: ConversationState, mine: Bool) {
        #expect(InboxView.statusLists.filter { $0.contains(state, assignedToViewer: mine) }.count == 1)
    }

    @Test("C4: an offered one is in the offeree's Open and in everybody else's queue")
    func C4_offeredIsOpenForTheOfferee() {
        #expect(InboxView.open.contains(.offered, assignedToViewer: true))
        #expect(!InboxView.queue.contains(.offered, assignedToViewer: true))
        #expect(InboxView.queue.contains(.offered, assignedToViewer: false))
        #expect(!InboxView.open.contains(.offered, assignedToViewer: false))
    }

    @Test("C4: Yours is mine in offered, open, pending and expired", arguments: ConversationState.allCases)
    func C4_yours(state: ConversationState) {
        let expected = ["offered", "open", "pending", "expired"].contains(state.name)
        #expect(InboxView.yours.contains(state, assignedToViewer: true) == expected)
        #expect(!InboxView.yours.contains(state, assignedToViewer: false))
    }

    @Test("C22: an agent reads his departments, what has none, his own, and where he is mentioned")
    func C22_agentReads() {
        #expect(ana.reads(department: "sales", assignee: nil))
        #expect(ana.reads(department: nil, assignee: "bob"))
        #expect(ana.reads(department: "support", assignee: "ana"))
        #expect(ana.reads(department: "support", assignee: nil, mentioned: ["ana"]))
        #expect(!ana.reads(department: "support", assignee: "bob"))
    }

    @Test("C22: queue_visibility = all widens reading and taking; supervisors see everything")
    func C22_widerRights() {
        var wide = ana
        wide.seesAllDepartments = true
        #expect(wide.reads(department: "support", assignee: nil))
        #expect(wide.actor(department: "support", assignee: nil) == .candidate)
        for role in [Person.Role.operator, .admin] {
            let supervisor = Person(agentID: "sue", role: role, departmentIDs: [])
            #expect(supervisor.reads(department: "support", assignee: "bob"))
        }
    }

    @Test("C21: what a viewer is to a conversation")
    func C21_actors() {
        #expect(ana.actor(department: "sales", assignee: "ana") == .assignee)
        #expect(ana.actor(department: "sales", assignee: nil) == .candidate)
        #expect(ana.actor(department: "sales", assignee: "bob") == .colleague)
        #expect(ana.actor(department: "support", assignee: nil) == .stranger)
        // What is his stays his when he leaves the department (C41).
        #expect(ana.actor(department: "support", assignee: "ana") == .assignee)
        #expect(Person(agentID: "sue", role: .operator, departmentIDs: []).actor(department: "x", assignee: "bob") == .operator)
        #expect(Person(agentID: "sue", role: .operator, departmentIDs: []).actor(department: "x", assignee: "sue") == .assignee)
    }
}
