import ContactsV1
import EndToEndSupport
import Foundation
import GRPC

/// Contacts that an agent creates: each is named as its write.
struct CreatedContacts: Sendable {
    let client: ContactsServiceClient
    let metadata: Metadata

    init(_ channel: Channel, metadata: Metadata) {
        client = ContactsServiceClient(channel)
        self.metadata = metadata
    }

    /// Long enough for any outage here: what ends at its deadline hangs.
    var options: CallOptions { CallOptions(timeout: .seconds(120), metadata: metadata, waitForReady: true) }

    @Sendable func create(_ write: Write, _ requestID: UUID) async throws {
        let request = CreateContactRequest(contact: .init(displayName: write.label), requestID: requestID.text)
        _ = try await client.createContact(request, options)
    }

    @Sendable func watch(after cursor: String, _ take: (StreamMessage) -> Bool) async throws {
        let request = WatchRequest(afterCursor: cursor, kinds: [.created])
        for try await response in client.watch(request, CallOptions(metadata: metadata, waitForReady: true)) {
            let write = response.event?.contact.flatMap { Write(label: $0.displayName) }
            if take(StreamMessage(cursor: response.cursor, write: write, isLive: response.live)) { return }
        }
    }

    /// By the read API, whose order is that of the clocks of several replicas.
    func listed() async throws -> Evidence {
        var (token, writes) = ("", [Write]())
        repeat {
            let request = ListContactsRequest(pageSize: 200, pageToken: token, orderBy: "create_time")
            let page = try await client.listContacts(request, options)
            writes += page.contacts.compactMap { Write(label: $0.displayName) }
            token = page.nextPageToken
        } while !token.isEmpty
        return Evidence("contacts listed", writes, isOrdered: false)
    }

    func stored(_ postgres: PrivatePostgres) async throws -> Evidence {
        let rows = try await postgres.query("select display_name from contacts.contact order by contact_id")
        return Evidence(
            "contacts stored", try rows.compactMap { Write(label: try $0.decode(String.self)) }, isOrdered: false)
    }
}
