import EventLog
import Foundation
import GRPC
import Logging
import Postgres

/// A small service that keeps contacts the way Switchboard's services keep their state, in a process of its own, with one
/// mistake planted where `SAMPLE_BUG` names it: what finds faults in the real ones must find it here.
@main
enum Program {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["SAMPLE_DATABASE_URL"], let port = environment["SAMPLE_PORT"].flatMap({ Int($0) }),
            let bug = PlantedBug(rawValue: environment["SAMPLE_BUG"] ?? "none")
        else { fatalError("SAMPLE_DATABASE_URL, SAMPLE_PORT and SAMPLE_BUG say what to do") }
        var settings = PostgresConfiguration(url: url, applicationName: "fault-sample")
        settings.acquireTimeout = .seconds(20)
        let pool = PostgresPool(settings, logger: Logger(label: "fault-sample"))
        let contacts = SampleContacts(pool: pool, bug: bug)
        let greetings = Greetings(pool: pool, bug: bug)

        var listening = ServerConfiguration()
        listening.port = port
        let server = Server(configuration: listening, services: [contacts])
        try await server.start()
        FileHandle.standardOutput.write(Data("ready\n".utf8))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            group.addTask { try await server.run() }
            group.addTask { try await contacts.writeBehind() }
            group.addTask { try await greetings.run() }
            try await group.waitForAll()
        }
    }
}
