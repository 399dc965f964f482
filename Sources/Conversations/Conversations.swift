import ContactsV1
import EventLog
import Foundation
import GRPC
import Postgres
import RoutingV1
import ServiceLifecycle
import ServiceDatabase
import ServiceRuntime
import TenantDirectory
import WallTime

/// Channel accounts, conversations, agents' slots, messages and attachments. Calls contacts to turn an address into a contact,
/// and follows its events: merges and erasures. Calls templates to turn one into text. Follows routing's events: tenants,
/// departments, agents and roles, by which it judges.
package struct ConversationsModule: StoredServiceModule {
    package static let name = "conversations"
    package static let calls = ["contacts", "templates", "routing"]
    package static var migrations: Migrations? {
        Migrations(
            schema: name,
            EventLog.migrationSteps + TenantData.migrationSteps + [
                .init("0001_conversations", PackageResources._001_conversations_sql),
                .init("0002_list_indexes", PackageResources._002_list_indexes_sql),
                .init("0003_timers", PackageResources._003_timers_sql),
                .init("0004_awaited_replies", PackageResources._004_awaited_replies_sql),
                .init("0005_blocked_addresses", PackageResources._005_blocked_addresses_sql),
                .init("0006_sort_indexes", PackageResources._006_sort_indexes_sql),
                .init("0007_directory", PackageResources._007_directory_sql),
                .init("0008_automatic_replies", PackageResources._008_automatic_replies_sql),
                .init("0009_search", PackageResources._009_search_sql),
                .init("0011_bots", PackageResources._011_bots_sql),
                .init("0012_endings_and_words", PackageResources._012_endings_and_words_sql),
                .init("0014_reports", PackageResources._014_reports_sql),
                .init("0016_tenancy", PackageResources._016_tenancy_sql),
                .init("0017_own_channels", PackageResources._017_own_channels_sql),
                .init("0018_joined_visitors", PackageResources._018_joined_visitors_sql),
                .init("0019_department_indexes", PackageResources._019_department_indexes_sql),
            ])
    }

    package struct Configuration: Sendable {
        var accountSeeds: [AccountSeed]
        var audience: String
        var publicURL: String
    }

    private let surroundings: Surroundings
    private let contacts: GRPC.Channel
    private let routing: RoutingNews
    private let people: EventConsumer<ContactsV1.ContactEvent>
    private let directory: EventConsumer<RoutingV1.RoutingEvent>

    package static func configuration(_ reader: inout ConfigurationReader) -> Configuration {
        let path = reader.optionalString("DIRECTORY_FILE", "JSON file of channel accounts that are made at start")
        let audience = reader.string("TOKEN_AUDIENCE", default: "switchboard", "audience of the tokens that services take")
        let publicURL = reader.string(
            "PUBLIC_URL", default: "http://127.0.0.1:8080", "where customers reach the gateway, without a closing slash")
        var accountSeeds: [AccountSeed] = []
        if let path {
            do {
                accountSeeds = try AccountSeed.read(json: Data(contentsOf: URL(filePath: path)))
            } catch let error as AccountSeed.Malformed {
                reader.problem("DIRECTORY_FILE", "\(path): \(error)")
            } catch {
                reader.problem("DIRECTORY_FILE", "names a file that cannot be read: \(path)")
            }
        }
        return Configuration(accountSeeds: accountSeeds, audience: audience, publicURL: publicURL)
    }

    package init(_ runtime: Runtime, _ configuration: Configuration) async throws {
        surroundings = Surroundings(
            pool: runtime.pool, events: runtime.eventLog, requests: runtime.requests, clock: runtime.clock,
            pageTokens: runtime.pageTokens, accountSeeds: configuration.accountSeeds,
            contacts: ContactsClient(runtime.channel(to: "contacts")),
            templates: TemplatesClient(runtime.channel(to: "templates")),
            visitorTokens: VisitorTokens(credentials: runtime.serviceCredentials, audience: configuration.audience),
            publicURL: configuration.publicURL, logger: runtime.logger)
        contacts = runtime.channel(to: "contacts")
        routing = RoutingNews(runtime.channel(to: "routing"))
        people = PeopleConsumer(contacts: contacts, surroundings: surroundings).consumer
        directory = DirectoryConsumer(surroundings: surroundings, news: routing).consumer
    }

    package var services: [any GRPC.Service] {
        [
            ConversationsService(surroundings: surroundings), AttachmentsService(surroundings: surroundings),
            ChannelAccountsService(surroundings: surroundings), WidgetService(surroundings: surroundings),
            NotificationsService(surroundings: surroundings), ClosingRulesService(surroundings: surroundings),
            AutomaticRepliesService(surroundings: surroundings), ConversationReportsService(surroundings: surroundings),
            ConversationAuditService(surroundings: surroundings),
        ]
    }

    package var settlers: [any Settler] {
        [
            ConsumerSettler(directory) { [routing] in try await routing.head() },
            ConsumerSettler(people) { [contacts] in try await PeopleConsumer.head(of: contacts) },
            LeavingSettler(pool: surroundings.pool), TimerSettler(surroundings: surroundings),
        ]
    }

    package var customRoles: (any CustomRoles)? { surroundings }

    package var background: [any ServiceLifecycle.Service] {
        [
            EventLogUpkeep(events: surroundings.events), AccountSeeding(surroundings: surroundings), directory,
            AttachmentSweep(surroundings: surroundings), TimerWorker(surroundings: surroundings), people,
            ErasureReporter(surroundings, contacts: contacts).worker,
            LeavingWorker(surroundings: surroundings).worker, SearchIndexing(surroundings: surroundings),
        ]
    }
}
