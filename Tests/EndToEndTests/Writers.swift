import EndToEndSupport
import GRPC
import Testing

/// What writes while something breaks: customers' messages to conversations, and contacts that an agent creates through the
/// gateway. One subscriber follows each of the two event streams all the while.
struct Writers: Sendable {
    /// Writes that fall due in a second: half of them messages, half contacts.
    static let rate = 300
    private static let senders = 50

    let contacts: CreatedContacts
    let messages: ReceivedMessages
    let contactLoad: WriteLoad
    let messageLoad: WriteLoad
    let contactFollower: EventFollower
    let messageFollower: EventFollower
    private let platform: Platform

    /// Runs the body beside the load, waits until all that fell due has been acknowledged, and audits.
    static func write(
        on platform: Platform, _ services: RunningServices, beside body: (Writers) async throws -> Void
    ) async throws -> Writers {
        try await withChannel(to: services.replicas(of: "gateway").map(\.listen.grpc)) { gateway in
            try await withChannel(to: services.replicas(of: "conversations").map(\.listen.grpc)) { conversations in
                let writers = try await Writers(platform, gateway: gateway, conversations: conversations)
                try await writers.run { try await body(writers) }
                return writers
            }
        }
    }

    private init(_ platform: Platform, gateway: Channel, conversations: Channel) async throws {
        self.platform = platform
        contacts = CreatedContacts(gateway, metadata: ["authorization": "Bearer \(try await platform.agentToken())"])
        messages = try ReceivedMessages(conversations, platform)
        contactLoad = WriteLoad(
            perSecond: Self.rate / 2, senders: Self.senders,
            journal: try WriteJournal(path: platform.directory + "/contacts.journal"), call: contacts.create)
        messageLoad = WriteLoad(
            perSecond: Self.rate / 2, senders: Self.senders,
            journal: try WriteJournal(path: platform.directory + "/messages.journal"), call: messages.receive)
        contactFollower = EventFollower(contacts.watch)
        messageFollower = EventFollower(messages.watch)
    }

    private func run(beside body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { followers in
            followers.addTask { try await contactFollower.run() }
            followers.addTask { try await messageFollower.run() }
            try await contactLoad.run { try await messageLoad.run(beside: body) }
            print("contacts: \(contactLoad.summary)\nmessages: \(messageLoad.summary)")
            try await audit()
            followers.cancelAll()
        }
    }

    /// Waits until all that fell due has been acknowledged.
    /// - Returns: how long that took.
    @discardableResult
    func caughtUp() async throws -> Duration {
        try await contactLoad.caughtUp() + messageLoad.caughtUp()
    }

    /// Journal, tables, read API, replayed and live events say the same.
    private func audit() async throws {
        let ofContacts = try await contactLoad.journal.audit(
            tables: contacts.stored(platform.postgres),
            [
                contacts.listed(),
                Evidence("contact events", contactFollower.caughtUp()),
                Evidence("contact events, live", contactFollower.writes),
            ])
        let ofMessages = try await messageLoad.journal.audit(
            tables: messages.stored(platform.postgres),
            [
                messages.listed(platform.postgres),
                Evidence("message events", messageFollower.caughtUp()),
                Evidence("message events, live", messageFollower.writes),
            ])
        for (source, audit) in ofContacts.merging(ofMessages, uniquingKeysWith: { first, _ in first }) {
            #expect(audit == .clean, "\(source): \(audit)")
            print("\(source): \(audit)")
        }
    }
}
