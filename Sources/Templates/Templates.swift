import EventLog
import Foundation
import GRPC
import Postgres
import ServiceDatabase
import ServiceRuntime
import TemplatesV1

/// Message templates with their life at the provider, and snippets.
///
/// Owns the schema `templates`. Calls nobody and follows nobody: a submission is news that channels acts on, and the
/// provider's verdict comes back as a call.
package struct TemplatesModule: StoredServiceModule {
    package static let name = "templates"
    package static let calls: [String] = []

    package static let migrations: Migrations? = Migrations(
        schema: name,
        EventLog.migrationSteps + TenantData.migrationSteps + [
            Migrations.Step("0001_templates", PackageResources._001_templates_sql),
            Migrations.Step("0002_tenancy", PackageResources._002_tenancy_sql),
        ])

    package struct Configuration: Sendable {
        var memberships: Memberships
    }

    package let services: [any GRPC.Service]

    package static func configuration(_ reader: inout ConfigurationReader) -> Configuration {
        let path = reader.optionalString("DIRECTORY_FILE", "JSON file of tenants, their agents and the agents' departments")
        guard let path else { return Configuration(memberships: Memberships()) }
        do {
            return Configuration(memberships: try Memberships(json: Data(contentsOf: URL(filePath: path))))
        } catch {
            reader.problem("DIRECTORY_FILE", "names a file that cannot be read: \(path)")
            return Configuration(memberships: Memberships())
        }
    }

    package init(_ runtime: Runtime, _ configuration: Configuration) {
        let surroundings = Surroundings(
            tenants: runtime.tenants, eventLog: runtime.eventLog, pageTokens: runtime.pageTokens,
            clock: runtime.clock, memberships: configuration.memberships)
        services = [TemplatesService(surroundings: surroundings), SnippetsService(surroundings: surroundings)]
    }
}
