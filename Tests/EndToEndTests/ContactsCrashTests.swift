import ContactsV1
import EndToEndSupport
import Foundation
import GRPC
import GoogleProtobuf
import NIOPosix
import ServiceRuntime
import Synchronization
import Testing
import WallTime

/// RELIABILITY.md 4, experiments 1, 2 and 16, on the writes of contacts.
@Suite("Contacts under faults", .serialized)
struct ContactsCrashTests {
    @Test("Experiment 1: kill -9 of the process during writes loses, doubles and disorders nothing")
    func E1_processIsKilled() async throws {
        try await underWrites { _, contacts in
            try await contacts.kill()
            try await contacts.start()
        }
    }

    @Test("Experiment 2: kill -9 of one PostgreSQL backend during writes; the process is not restarted")
    func E2_backendIsKilled() async throws {
        try await underWrites { platform, contacts in
            let pid = contacts.process?.pid
            try await platform.postgres.killOneBackend(of: "contacts_runtime")
            #expect(contacts.process?.pid == pid)
        }
    }

    @Test("Experiment 2: kill -9 of the postmaster during writes; the process is not restarted")
    func E2_postmasterIsKilled() async throws {
        try await underWrites { platform, contacts in
            let pid = contacts.process?.pid
            try await platform.postgres.killPostmasterAndRestart()
            #expect(contacts.process?.pid == pid)
        }
    }

    @Test("Experiment 16: a rolling restart under writes drains, and ends with 0")
    func E16_rollingRestart() async throws {
        try await underWrites { _, contacts in
            #expect(try await contacts.stop() == 0)
            try await contacts.start()
        }
    }

    /// Writes, breaks, writes on, and compares the journal with the read API and with the event stream.
    private func underWrites(_ fault: @Sendable (Platform, ServiceProcess) async throws -> Void) async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts"]) { services in
                let contacts = try #require(services["contacts"])
                let writers = try await ContactWriters(platform, contacts)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for sender in 0..<ContactWriters.count { group.addTask { try await writers.write(as: sender) } }
                    try await writers.reached(30)
                    try await fault(platform, contacts)
                    // Every sender goes on by itself, on the channel it had.
                    try await writers.reached(writers.journal.acknowledgedCount + 30)
                    writers.stop()
                    try await group.waitForAll()
                }
                let (stored, told) = (try await writers.stored(), try await writers.told())
                #expect(writers.journal.audit(stored) == .clean)
                #expect(writers.journal.audit(told) == .clean)
                #expect(Set(stored) == Set(told))
                await writers.close()
            }
        }
    }
}

/// Sequential senders, each creating one contact after the other; every create is repeated with its request id until it is
/// answered.
private final class ContactWriters: Sendable {
    static let count = 8

    let journal = WriteJournal()
    private let channel: Channel
    private let client: ContactsServiceClient
    private let metadata: Metadata
    private let stopped = Mutex(false)

    init(_ platform: Platform, _ contacts: ServiceProcess) async throws {
        var configuration = ChannelConfiguration()
        configuration.backoff.initial = .milliseconds(50)
        configuration.backoff.max = .milliseconds(500)
        channel = Channel(
            addresses: [ServerAddress(host: "127.0.0.1", port: contacts.listen.grpc)], configuration: configuration,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        client = ContactsServiceClient(channel)
        metadata = ["authorization": "Bearer \(try await platform.agentToken())"]
    }

    func close() async { await channel.close() }
    func stop() { stopped.withLock { $0 = true } }

    private var options: CallOptions { CallOptions(timeout: .seconds(5), metadata: metadata, waitForReady: true) }

    func write(as sender: Int) async throws {
        for number in 0... {
            if stopped.withLock({ $0 }) { return }
            let write = WriteJournal.Write(sender: sender, number: number)
            let request = CreateContactRequest(
                contact: .init(displayName: write.label), requestID: UUID.v7(at: .now).text)
            journal.intend(write)
            try await create(request)
            journal.acknowledge(write)
        }
    }

    private func create(_ request: CreateContactRequest) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            do {
                _ = try await client.createContact(request, options)
                return
            } catch {
                guard Self.mayBeRepeated.contains(error.code), .now < deadline else { throw error }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What a client sees while its service or the database is away; each leaves open whether the write has happened.
    private static let mayBeRepeated: Set<StatusCode> = [.unavailable, .aborted, .deadlineExceeded, .resourceExhausted]

    /// Returns when so many writes have been acknowledged.
    func reached(_ count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(40)
        while journal.acknowledgedCount < count {
            guard .now < deadline else {
                throw ChildProcessError("only \(journal.acknowledgedCount) of \(count) writes went through")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Every contact there is, oldest first.
    func stored() async throws -> [WriteJournal.Write] {
        var (token, writes) = ("", [WriteJournal.Write]())
        repeat {
            let request = ListContactsRequest(pageSize: 200, pageToken: token, orderBy: "create_time")
            let page = try await client.listContacts(request, options)
            writes += page.contacts.compactMap { WriteJournal.Write(label: $0.displayName) }
            token = page.nextPageToken
        } while !token.isEmpty
        return writes
    }

    /// Every creation that the event stream tells, in its order.
    func told() async throws -> [WriteJournal.Write] {
        var writes: [WriteJournal.Write] = []
        let options = CallOptions(timeout: .seconds(10), metadata: metadata)
        for try await response in client.watch(.init(kinds: [.created]), options) {
            if let contact = response.event?.contact, let write = WriteJournal.Write(label: contact.displayName) {
                writes.append(write)
            }
            if response.live { break }
        }
        return writes
    }
}
