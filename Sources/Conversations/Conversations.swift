import EventLog
import Foundation
import GRPC
import Postgres
import ServiceLifecycle
import ServiceDatabase
import ServiceRuntime
import WallTime

/// Channel accounts, conversations, agents' slots, messages and attachments. Calls contacts to turn an address into a contact;
/// watches nobody yet: tenants, departments and agents come from a file until routing publishes them.
package struct ConversationsModule: StoredServiceModule {
    package static let name = "conversations"
    package static let calls = ["contacts"]
    package static var migrations: Migrations? {
        Migrations(
            schema: name,
            EventLog.migrationSteps + [
                .init("0001_conversations", PackageResources._001_conversations_sql),
                .init("0002_list_indexes", PackageResources._002_list_indexes_sql),
            ])
    }

    package struct Configuration: Sendable {
        var directory: Directory
        var audience: String
    }

    private let surroundings: Surroundings

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
            visitorTokens: VisitorTokens(credentials: runtime.serviceCredentials, audience: configuration.audience),
            logger: runtime.logger)
    }

    package var services: [any GRPC.Service] {
        [
            ConversationsService(surroundings: surroundings), AttachmentsService(surroundings: surroundings),
            ChannelAccountsService(surroundings: surroundings), WidgetService(surroundings: surroundings),
            NotificationsService(),
        ]
    }

    package var background: [any ServiceLifecycle.Service] {
        [
            EventLogUpkeep(events: surroundings.events), DirectorySeeding(surroundings: surroundings),
            AttachmentSweep(surroundings: surroundings),
        ]
    }
}
