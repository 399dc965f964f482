import ContactsV1
import EventLog
import Foundation
import GRPC
import Postgres
import ServiceLifecycle
import ServiceDatabase
import ServiceRuntime
import WallTime

/// Channel accounts, conversations, agents' slots, messages and attachments. Calls contacts to turn an address into a contact,
/// and follows its events: merges and erasures. Calls templates to turn one into text. Tenants, departments and agents come
/// from a file until routing publishes them.
package struct ConversationsModule: StoredServiceModule {
    package static let name = "conversations"
    package static let calls = ["contacts", "templates"]
    package static var migrations: Migrations? {
        Migrations(
            schema: name,
            EventLog.migrationSteps + [
                .init("0001_conversations", PackageResources._001_conversations_sql),
                .init("0002_list_indexes", PackageResources._002_list_indexes_sql),
                .init("0003_timers", PackageResources._003_timers_sql),
                .init("0004_awaited_replies", PackageResources._004_awaited_replies_sql),
                .init("0005_blocked_addresses", PackageResources._005_blocked_addresses_sql),
                .init("0007_automatic_replies", PackageResources._007_automatic_replies_sql),
            ])
    }

    package struct Configuration: Sendable {
        var directory: Directory
        var audience: String
    }

    private let surroundings: Surroundings
    private let contacts: GRPC.Channel
    private let people: EventConsumer<ContactsV1.ContactEvent>

    package static func configuration(_ reader: inout ConfigurationReader) -> Configuration {
        let path = reader.optionalString("DIRECTORY_FILE", "JSON file of tenants, departments, agents and channel accounts")
        let audience = reader.string("TOKEN_AUDIENCE", default: "switchboard", "audience of the tokens that services take")
        var directory = Directory()
        if let path {
            do {
                directory = try Directory(json: Data(contentsOf: URL(filePath: path)))
            } catch let error as Directory.Malformed {
                reader.problem("DIRECTORY_FILE", "\(path): \(error)")
            } catch {
                reader.problem("DIRECTORY_FILE", "names a file that cannot be read: \(path)")
            }
        }
        return Configuration(directory: directory, audience: audience)
    }

    package init(_ runtime: Runtime, _ configuration: Configuration) async throws {
        surroundings = Surroundings(
            pool: runtime.pool, events: runtime.eventLog, requests: runtime.requests, clock: runtime.clock,
            pageTokens: runtime.pageTokens, directory: configuration.directory,
            contacts: ContactsClient(runtime.channel(to: "contacts")),
            templates: TemplatesClient(runtime.channel(to: "templates")),
            visitorTokens: VisitorTokens(credentials: runtime.serviceCredentials, audience: configuration.audience),
            logger: runtime.logger)
        contacts = runtime.channel(to: "contacts")
        people = PeopleConsumer(contacts: contacts, surroundings: surroundings).consumer
    }

    package var services: [any GRPC.Service] {
        [
            ConversationsService(surroundings: surroundings), AttachmentsService(surroundings: surroundings),
            ChannelAccountsService(surroundings: surroundings), WidgetService(surroundings: surroundings),
            NotificationsService(surroundings: surroundings), ClosingRulesService(surroundings: surroundings),
            AutomaticRepliesService(surroundings: surroundings),
        ]
    }

    package var settlers: [any Settler] {
        [
            ConsumerSettler(people) { [contacts] in try await PeopleConsumer.head(of: contacts) },
            TimerSettler(surroundings: surroundings),
        ]
    }

    package var background: [any ServiceLifecycle.Service] {
        [
            EventLogUpkeep(events: surroundings.events), DirectorySeeding(surroundings: surroundings),
            AttachmentSweep(surroundings: surroundings), TimerWorker(surroundings: surroundings), people,
            ErasureReporter(surroundings: surroundings, contacts: contacts).worker,
        ]
    }
}
