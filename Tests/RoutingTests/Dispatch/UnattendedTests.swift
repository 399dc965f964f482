import ContactsV1
import ConversationsV1
import FoundationEssentials
import GRPC
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Routing

@Suite("Web chat where nobody is available (C15)", .serialized)
struct UnattendedTests {
    @Test(
        "S7, C15: a web chat expires 60 s after its message where nobody is available, exactly then; a phone's waits on",
        .timeLimit(.minutes(2)))
    func S7_grace() async throws {
        try await Stack.with(method: .manual) { stack in
            let (session, id) = try await stack.visitor()
            let phone = try await stack.customerWrites("5511987654321", over: Stack.phoneID)
            try await stack.settle()
            try stack.advance(by: .seconds(60) - .microseconds(1))
            try await stack.settle()
            #expect(try await stack.conversation(id).state == .queued)
            try stack.advance(by: .microseconds(1))
            let expired = try await stack.eventually(id, "it expires") { $0.state == .expired }
            #expect(expired.stateReason == .noAgent && expired.inactive)
            try await stack.settle()
            #expect(try await stack.conversation(phone).state == .queued, "WhatsApp expires with its window alone")
            // He was told, in his language, and sees that he can be reached no other way than by what he leaves.
            #expect(try await stack.messages(of: id).last?.text.hasPrefix("No momento não há ninguém disponível") == true)
            let seen = try await WidgetServiceClient(stack.conversations).listVisitorMessages(
                ListVisitorMessagesRequest(), stack.asVisitor(session))
            #expect(seen.conversation?.state == .unavailable && seen.messages.count == 2)
            // S6, C16: what he writes now comes back to the queue.
            _ = try await WidgetServiceClient(stack.conversations).sendVisitorMessage(
                SendVisitorMessageRequest(clientMessageID: UUID().text, text: "still here"), stack.asVisitor(session))
            #expect(try await stack.conversation(id).state == .queued)
        }
    }

    @Test(
        "C15: while somebody is available nothing expires, though he is full; when the last one leaves, the grace begins",
        .timeLimit(.minutes(2)))
    func C15_lastOneLeaves() async throws {
        try await Stack.with(loadMax: 1) { stack in
            try await stack.beat(0)
            let served = try await stack.customerWrites()
            try await stack.eventually(served, "it is offered") { $0.state == .offered }
            try await stack.accept(served, by: 0)
            let waiting = try await stack.customerWrites()
            for _ in 0..<30 {
                try stack.advance(by: .seconds(5))
                try await stack.beat(0)
            }
            try await stack.settle()
            #expect(try await stack.conversation(waiting).state == .queued, "a full one is available")
            // His last heartbeat: 10 s later he is not there any more, and 60 s after that it is over.
            try stack.advance(by: .seconds(70) - .microseconds(1))
            try await stack.settle()
            #expect(try await stack.conversation(waiting).state == .queued)
            try stack.advance(by: .microseconds(1))
            try await stack.eventually(waiting, "it expires") { $0.state == .expired }
        }
    }

    @Test(
        "C15: who goes away leaves, too; who comes back in time stops the clock; no grace means at once", .timeLimit(.minutes(2)))
    func C15_comesBack() async throws {
        try await Stack.with(method: .manual) { stack in
            try await stack.beat(0)
            try await stack.settle()
            let id = try await stack.customerWrites()
            try await stack.setStatus(0, .away)
            try stack.advance(by: .seconds(5))
            try await stack.beat(0)
            try stack.advance(by: .seconds(5))
            try await stack.setStatus(0, .available)
            try await stack.beat(0)
            try stack.advance(by: .seconds(5))
            try await stack.setStatus(0, .away)
            try stack.advance(by: .seconds(60) - .microseconds(1))
            try await stack.settle()
            #expect(try await stack.conversation(id).state == .queued, "counted from when he left again")
            try stack.advance(by: .microseconds(1))
            try await stack.eventually(id, "it expires") { $0.state == .expired }
            try await stack.changeDepartment(["webchat_grace"], .init(webchatGrace: .init(seconds: 0)))
            let next = try await stack.customerWrites()
            try await stack.eventually(next, "it expires at once") { $0.state == .expired }
        }
    }

    @Test(
        "C15: outside working hours nobody is available, whoever is connected; the grace begins at closing",
        .timeLimit(.minutes(2)))
    func C15_hours() async throws {
        try await Stack.with(method: .manual) { stack in
            // Open all week but for the hour that begins two minutes from now.
            let closing = Instant(microseconds: (stack.clock.now.microseconds / 60_000_000 + 2) * 60_000_000)
            let minute = Int32(closing.microseconds / 60_000_000 % 1_440)
            let week = Weekday.allCases.filter { $0 != .unspecified }.map { day in
                WeeklyInterval(
                    weekday: day,
                    hours: DayInterval(openMinute: (minute + 60) % 1_440, closeMinute: (minute + 60) % 1_440 + 1_380))
            }
            try await stack.changeDepartment(["working_hours"], .init(workingHours: .init(timeZone: "UTC", week: week)))
            try await stack.beat(0)
            try await stack.settle()
            let id = try await stack.customerWrites()
            func goOn(to time: Instant) async throws {
                while stack.clock.now < time {
                    try stack.clock.set(min(stack.clock.now.advanced(by: .seconds(5)), time))
                    try await stack.beat(0)
                }
                try await stack.settle()
            }
            try await goOn(to: closing.advanced(by: .seconds(60) - .microseconds(1)))
            #expect(try await stack.conversation(id).state == .queued)
            try await goOn(to: closing.advanced(by: .seconds(60)))
            try await stack.eventually(id, "it expires") { $0.state == .expired }
        }
    }

    @Test(
        "C15: webchat_revive brings back what expired when somebody comes while the visitor is there; off, or gone, it stays",
        .timeLimit(.minutes(2)))
    func C15_revive() async throws {
        try await Stack.with(method: .manual) { stack in
            let (_, id) = try await stack.visitor()
            // A visitor without a session: he is not there.
            let gone = try await stack.customerWrites()
            try stack.advance(by: .seconds(61))
            for id in [id, gone] { try await stack.eventually(id, "it expires") { $0.state == .expired } }
            try await stack.beat(0)
            try await stack.settle()
            #expect(try await stack.conversation(id).state == .expired, "off unless it is chosen")
            try await stack.changeDepartment(["webchat_revive"], .init(webchatRevive: true))
            try await stack.setStatus(0, .away)
            let before = try await stack.conversation(id).arrivalTime
            try stack.advance(by: .seconds(1))
            try await stack.beat(0)
            try await stack.setStatus(0, .available)
            let revived = try await stack.eventually(id, "it is back") { $0.state == .queued }
            #expect(revived.arrivalTime != before && revived.lastAssigneeID.isEmpty)
            try await stack.settle()
            #expect(try await stack.conversation(gone).state == .expired)
        }
    }

    @Test("C15: what the visitor leaves becomes his contact's; the follow-up is linked to what expired", .timeLimit(.minutes(2)))
    func C15_contactDetails() async throws {
        try await Stack.with(method: .manual) { stack in
            let widget = WidgetServiceClient(stack.conversations)
            let (session, id) = try await stack.visitor()
            try stack.advance(by: .seconds(61))
            let expired = try await stack.eventually(id, "it expires") { $0.state == .expired }
            func leave(_ email: String, _ phone: String = "", _ caller: CreateWidgetSessionResponse) async -> String {
                await stack.answer {
                    _ = try await widget.leaveContactDetails(
                        LeaveContactDetailsRequest(email: email, phone: phone, requestID: UUID().text), stack.asVisitor(caller))
                }
            }
            #expect(await leave("", "", session) == "INVALID_FIELD")
            #expect(await leave("nobody", "", session) == "INVALID_FIELD")
            #expect(await leave("ana@example.org", "11 98765", session) == "INVALID_FIELD")
            #expect(await leave("ana@example.org", "+5511987654321", session) == "OK")
            let contact = try #require(
                try await ContactsServiceClient(stack.contacts).getContact(
                    GetContactRequest(contactID: expired.contactID), try await stack.asAgent(0)
                ).contact)
            let left = contact.identities.filter { $0.kind == .email || $0.kind == .phone }
            #expect(Set(left.map(\.address)) == ["ana@example.org", "+5511987654321"])
            #expect(left.allSatisfy { !$0.verified && $0.source == .customer })
            #expect(try await stack.conversation(id).state == .expired, "it is no message")
            // Another one says the same of himself: it stays whose it is, and his agents read of it.
            let (second, other) = try await stack.visitor()
            #expect(await leave("ana@example.org", "", second) == "OK")
            #expect(try await stack.messages(of: other).last?.text.contains("ana@example.org") == true)
            // Who has not written cannot leave anything; another tenant's widget is another's.
            let silent = try await widget.createWidgetSession(
                CreateWidgetSessionRequest(widgetKey: "wk_acme"), CallOptions(timeout: .seconds(30)))
            #expect(await leave("bea@example.org", "", silent) == "CONVERSATION_NOT_FOUND")
            // The follow-up: an e-mail to what he left.
            let account = try #require(
                try await ChannelAccountsServiceClient(stack.conversations).createChannelAccount(
                    CreateChannelAccountRequest(
                        channelAccount: .init(kind: .email, displayName: "Mail", departmentID: Stack.departmentID.text),
                        requestID: UUID().text), try await stack.asAgent(0, role: "admin")
                ).channelAccount)
            let started = try await ConversationsServiceClient(stack.conversations).startConversation(
                StartConversationRequest(
                    requestID: UUID().text, channelAccountID: account.channelAccountID, contactID: expired.contactID,
                    subject: "Your question", text: "Here we are.", followUpOf: id), try await stack.asAgent(0)
            ).conversation
            #expect(started?.continuedFrom == id && started?.customerAddress == "ana@example.org")
            #expect(try await stack.conversation(id).state == .expired)
        }
    }
}
