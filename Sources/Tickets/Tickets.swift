import EventLog
import GRPC
import Postgres
import ServiceDatabase
import ServiceLifecycle
import ServiceRuntime
import TicketsV1

/// What is asked of a tenant until it is answered: tickets, their numbers, clocks, comments and history; what they can be about;
/// service levels and calendars.
///
/// Owns the schema `tickets`. Calls contacts (who asks) and conversations (whose ticket is whose); follows conversations' events.
package struct TicketsModule: StoredServiceModule {
    package static let name = "tickets"
    package static let calls = ["contacts", "conversations"]

    package static let migrations: Migrations? = Migrations(schema: name, EventLog.migrationSteps)

    package let services: [any GRPC.Service]
    package let background: [any ServiceLifecycle.Service]
    package let settlers: [any Settler]

    package init(_ runtime: Runtime, _ configuration: Void) {
        services = [TicketsService(), TicketAttachmentsService(), TicketCatalogueService(), SlaService()]
        background = []
        settlers = []
    }
}

/// In the contract, not yet built. Every RPC answers UNIMPLEMENTED.
struct TicketsService: TicketsServiceProtocol {}
struct TicketAttachmentsService: TicketAttachmentsServiceProtocol {}
struct TicketCatalogueService: TicketCatalogueServiceProtocol {}
struct SlaService: SlaServiceProtocol {}
