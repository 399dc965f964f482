import ContactsV1
import Foundation
import GRPC
import ServiceRuntime
import Synchronization
import Testing

@testable import Contacts

@Suite("Contacts in files")
struct ImportExportTests {
    private static let columns = [
        "Name": "display_name", "Mail": "identities.email", "Phone": "identities.phone", "Seats": "attributes.seats",
        "Zone": "time_zone",
    ]

    @Test("Rows become contacts; each that does not fit is told with its line and column, and the others go through")
    func rowsAndFailures() async throws {
        try await withContacts { contacts in
            try await contacts.define("seats", .number)
            let bia = try await contacts.create(.init(displayName: "Bia"), [.email("bia@example.com")])
            let file = """
                Name,Mail,Phone,Seats,Zone,Other
                Ana,ana@example.com,+55 11 8765-4321,3,America/Sao_Paulo,x
                Bia B,BIA@example.com,,4,,
                Cleo,nonsense,,many,Mars/Base,
                Two,bia@example.com,+5511987654321,,,
                Short,s@example.com
                ,,,,,
                "Ana again",,'+5511987654321,,,
                """
            let answer = try await contacts.importing(file, Self.columns)
            #expect(answer.createdCount == 1 && answer.skippedCount == 2 && answer.updatedCount == 0 && answer.failedCount == 4)
            let told = answer.failures.map { "\($0.line) \($0.column)" }
            #expect(told == ["4 Mail", "4 Seats", "4 Zone", "5 ", "6 ", "7 "])
            #expect(!answer.failures.contains { $0.description.contains("nonsense") || $0.description.contains("Mars") })
            let ana = try #require(try await contacts.list("display_name = Ana").contacts.first)
            #expect(ana.displayName == "Ana" && ana.attributes["seats"]?.kind == .number(3) && ana.identities.count == 2)
            #expect(ana.identities.allSatisfy { $0.source == .import && !$0.verified })
            #expect(try await contacts.get(bia.contactID) == bia)

            let updated = try await contacts.importing(file, Self.columns, update: true)
            #expect(updated.createdCount == 0 && updated.updatedCount == 2 && updated.skippedCount == 1)
            #expect(try await contacts.get(bia.contactID).displayName == "Bia B")
            #expect(try await contacts.get(ana.contactID).displayName == "Ana again")
        }
    }

    @Test("A dry run tells the same and changes nothing")
    func dryRun() async throws {
        try await withContacts { contacts in
            let file = "Name,Mail\nAna,ana@example.com\nAna,ana@example.com\nBia,@\n"
            let columns = ["Name": "display_name", "Mail": "identities.email"]
            let dry = try await contacts.importing(file, columns, validateOnly: true)
            #expect(try await contacts.list().contacts.isEmpty)
            #expect(try await contacts.importing(file, columns) == dry)
            #expect(dry.createdCount == 1 && dry.skippedCount == 1 && dry.failedCount == 1)
        }
    }

    @Test("An import that broke off is repeated under its request_id: what it had done is done once, and counted the same")
    func repetition() async throws {
        try await withContacts { contacts in
            let file = "Name\n" + (0..<120).map { "Contact \($0)\n" }.joined()
            let id = UUID().text
            await #expect(throws: (any Error).self) {
                _ = try await contacts.importing(file + "\"broken", ["Name": "display_name"], requestID: id)
            }
            #expect(try await contacts.list(size: 200).contacts.count == 120)
            let answer = try await contacts.importing(file, ["Name": "display_name"], requestID: id)
            #expect(answer.createdCount == 120 && answer.failedCount == 0)
            #expect(try await contacts.list(size: 200).contacts.count == 120)
            let other = file.replacing("Contact 5\n", with: "Somebody else\n")
            let reused = await refusal { _ = try await contacts.importing(other, ["Name": "display_name"], requestID: id) }
            #expect(reused == Refusal(.failedPrecondition, "REQUEST_ID_REUSED"))
        }
    }

    @Test("A file of any size is read piece by piece, and failures are told up to a bound")
    func anySize() async throws {
        try await withContacts { contacts in
            let options = ImportOptions(columns: ["Mail": "identities.email"])
            let chunk = Array(String(repeating: "no address\n", count: 1_000).utf8)
            let asked = Mutex(0)
            let messages = AsyncStream<ImportContactsRequest> {
                let number = asked.withLock { asked in
                    defer { asked += 1 }
                    return asked
                }
                return switch number {
                case 0: .init(part: .options(options))
                case 1: .init(part: .chunk(Array("Mail\n".utf8)))
                case 2..<22: .init(part: .chunk(chunk))
                default: nil
                }
            }
            let answer = try await contacts.service.importContacts(
                from: messages, contacts.call(ContactsServiceDescriptor.importContacts))
            #expect(answer.failedCount == 20_000 && answer.failures.count == 1_000)
            #expect(answer.failures.last?.line == 1_001)
        }
    }

    @Test(
        "What cannot be a file is refused with its line",
        arguments: [
            ("", "1"), ("Mail\nx", "1"), ("Name,Name\nx,y", "1"), ("Name\n\"x", "2"), ("Name\nx\"y", "2"),
        ])
    func badFiles(file: String, line: String) async throws {
        try await withContacts { contacts in
            let error = await #expect(throws: ContactsError.self) {
                _ = try await contacts.importing(file, ["Name": "display_name"])
            }
            #expect(error?.failure.reason == "IMPORT_FORMAT_INVALID" && error?.failure.metadata["line"] == line)
            for columns in [[:], ["Name": "nonsense"], ["Name": "create_time"]] {
                #expect(
                    await refusal { _ = try await contacts.importing(file, columns) }
                        == Refusal(.invalidArgument, "INVALID_FIELD"))
            }
        }
    }

    @Test("What is exported comes back the same through Python's csv module, formulas and all")
    func roundTripThroughPython() async throws {
        try await withContacts { contacts in
            try await contacts.define("seats", .number)
            try await contacts.define("topics", .choices, ["a", "b"])
            for index in 0..<450 {
                _ = try await contacts.create(
                    .init(
                        displayName: ["=1+1", "Ana \"A\" Lima", "-5", "＝x", "'=x", "a,b"][index % 6], locale: "pt-BR",
                        timeZone: "America/Sao_Paulo",
                        attributes: [
                            "seats": .init(kind: .number(Double(index))), "free": .init(kind: .text("@\(index)")),
                            "topics": .init(kind: .texts(.init(values: index % 2 == 0 ? ["a", "b"] : ["b"]))),
                        ], note: index % 2 == 0 ? "two\nlines" : ""),
                    [.email("c\(index)@example.com"), .phone("+55119\(10_000_000 + index)")])
            }
            let exported = try await contacts.exporting()
            let text = String(decoding: exported, as: UTF8.self)
            #expect(text.contains("\"'=1+1\"") && !text.contains(",=1+1") && text.contains("\"'+55119"))
            let rewritten = try Self.python(
                "import csv,sys,io\nrows=list(csv.reader(io.TextIOWrapper(sys.stdin.buffer,'utf-8',newline='')))\n"
                    + "assert len(rows)==451 and len({len(r) for r in rows})==1\n"
                    + "out=io.TextIOWrapper(sys.stdout.buffer,'utf-8',newline='')\ncsv.writer(out).writerows(rows)\nout.flush()",
                input: exported)

            let other = UUID.v7(at: .now)
            try await contacts.define("seats", .number, tenant: other)
            try await contacts.define("topics", .choices, ["a", "b"], tenant: other)
            let paths = [
                "display_name", "locale", "time_zone", "note", "identities.email", "identities.phone", "attributes.seats",
                "attributes.free", "attributes.topics",
            ]
            let answer = try await contacts.importing(
                String(decoding: rewritten, as: UTF8.self), Dictionary(uniqueKeysWithValues: paths.map { ($0, $0) }),
                tenant: other)
            #expect(answer.createdCount == 450 && answer.failedCount == 0, "\(answer.failures.prefix(3))")
            // Rows of one transaction were created in one moment: their order is not told.
            func known(_ tenant: UUID?) async throws -> [[String]] {
                var parser = CSVParser()
                let rows = try parser.push(try await contacts.exporting(paths, tenant: tenant))
                return rows.map(\.cells).sorted { $0[4] < $1[4] }
            }
            #expect(try await known(other) == known(nil))
        }
    }

    @Test("An export takes a filter and columns, and gives sensitive attributes to nobody who may not see them")
    func exportIsFiltered() async throws {
        try await withContacts { contacts in
            try await contacts.define("diagnosis", .text, sensitive: true)
            _ = try await contacts.create(.init(displayName: "Ana", attributes: ["diagnosis": .init(kind: .text("asthma"))]))
            _ = try await contacts.create(.init(displayName: "Bia"))
            let some = try await contacts.exporting(["display_name"], filter: "display_name = Bia")
            #expect(String(decoding: some, as: UTF8.self) == "display_name\r\nBia\r\n")
            #expect(String(decoding: try await contacts.exporting(), as: UTF8.self).contains("asthma"))
            #expect(!String(decoding: try await contacts.exporting(role: "operator"), as: UTF8.self).contains("asthma"))
            let refused = await refusal { _ = try await contacts.exporting(["attributes.diagnosis"], role: "operator") }
            #expect(refused == Refusal(.permissionDenied, "PERMISSION_DENIED"))
            #expect(
                await refusal { _ = try await contacts.exporting(["nonsense"]) } == Refusal(.invalidArgument, "INVALID_FIELD"))
        }
    }

    private static func python(_ program: String, input: [UInt8]) throws -> [UInt8] {
        let interpreter =
            ProcessInfo.processInfo.environment["SWITCHBOARD_PYTHON"].map { URL(filePath: $0) }
            ?? URL(filePath: FileManager.default.currentDirectoryPath).appending(path: ".switchboard/venv/bin/python3")
        let folder = FileManager.default.temporaryDirectory.appending(path: "csv-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (source, target) = (folder.appending(path: "in.csv"), folder.appending(path: "out.csv"))
        try Data(input).write(to: source)
        try Data().write(to: target)
        let process = Process()
        process.executableURL = interpreter
        process.arguments = ["-c", program]
        process.standardInput = try FileHandle(forReadingFrom: source)
        process.standardOutput = try FileHandle(forWritingTo: target)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return Array(try Data(contentsOf: target))
    }
}

extension ContactsFixture {
    /// Imports a file in pieces that break anywhere.
    func importing(
        _ file: String, _ columns: [String: String], update: Bool = false, validateOnly: Bool = false, requestID: String = "",
        tenant: UUID? = nil
    ) async throws -> ImportContactsResponse {
        let options = ImportOptions(
            columns: columns, updateExisting: update, validateOnly: validateOnly, requestID: requestID)
        let bytes = Array(file.utf8)
        let messages = AsyncStream<ImportContactsRequest> { stream in
            stream.yield(.init(part: .options(options)))
            for start in stride(from: 0, to: bytes.count, by: 1_000) {
                stream.yield(.init(part: .chunk(Array(bytes[start..<min(start + 1_000, bytes.count)]))))
            }
            stream.finish()
        }
        return try await service.importContacts(from: messages, call(Methods.importContacts, tenant: tenant))
    }

    func exporting(
        _ columns: [String] = [], filter: String = "", role: String = "admin", tenant: UUID? = nil
    ) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await service.exportContacts(
            .init(filter: filter, columns: columns), call(Methods.exportContacts, tenant: tenant, role: role)
        ) { chunk in
            #expect(chunk.count <= ContactsService.chunkBytesMax)
            bytes += chunk
        }
        return bytes
    }
}
