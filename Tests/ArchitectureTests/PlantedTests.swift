import Testing

/// Each rule sees a counterexample, and lets a good neighbour pass: a check that cannot fail is worse than none.
@Suite struct PlantedTests {
    private func swift(_ text: String, at path: String = "Sources/Contacts/A.swift") -> [SourceFile] {
        [SourceFile(path: path, text: text)]
    }

    private func target(_ name: String, _ dependencies: Set<String> = []) -> PackageGraph.Target {
        PackageGraph.Target(name: name, path: "Sources/\(name)", targets: dependencies)
    }

    @Test func dependencyUpwards() {
        #expect(Floors.violations(PackageGraph(targets: [target("GRPC", ["HTTP2"])])).isEmpty)
        #expect(Floors.violations(PackageGraph(targets: [target("HTTP2", ["GRPC"])])).count == 1)
        #expect(Floors.violations(PackageGraph(targets: [target("Contacts", ["Conversations"])])).count == 1)
        #expect(Floors.violations(PackageGraph(targets: [target("Contacts", ["ContractCheck"])])).count == 1)
        #expect(Floors.violations(PackageGraph(targets: [target("Newcomer")])).count == 1)
        #expect(Floors.violations(PackageGraph(targets: [target("CGoogleRPC", ["CGoogleProtobuf", "CProtobufC"])])).isEmpty)
        #expect(Floors.violations(PackageGraph(targets: [target("CGoogleProtobuf", ["CGoogleRPC"])])).count == 1)
    }

    @Test func undeclaredImport() {
        let graph = PackageGraph(targets: [target("Contacts", ["GRPC"]), target("GRPC"), target("Postgres")])
        #expect(ImportRules.undeclared(swift("import GRPC\nimport NIOCore"), graph).isEmpty)
        #expect(ImportRules.undeclared(swift("import Postgres"), graph).count == 1)
        #expect(ImportRules.undeclared(swift("@testable import struct Postgres.Row"), graph).count == 1)
    }

    @Test func serviceInService() {
        #expect(ImportRules.foreignServices(swift("import ConversationsV1"), services: Floors.services).isEmpty)
        #expect(ImportRules.foreignServices(swift("import Conversations"), services: Floors.services).count == 1)
        let program = swift("import Contacts", at: "Sources/Programs/switchboard-contacts/main.swift")
        #expect(ImportRules.foreignServices(program, services: Floors.services).isEmpty)
    }

    @Test(arguments: ["select * from contact", "SELECT  c.* FROM c", "select distinct * from c", "returning *"])
    func starred(query: String) {
        #expect(TextRules.selectStar(swift(query)).count == 1)
        #expect(TextRules.selectStar(swift("select count(*), a * b from c -- \(query.count)")).isEmpty)
    }

    @Test(arguments: ["name ~ $1", "name !~* $1", "a similar to b", "to_tsquery('simple', $1)", "regexp_match(a, b)"])
    func pattern(query: String) {
        #expect(TextRules.patterns(swift(query)).count == 1)
        #expect(TextRules.patterns(swift("struct A: ~Copyable {}; name like $1; websearch_to_tsquery($1)")).isEmpty)
    }

    @Test func longFile() {
        #expect(TextRules.tooLong(swift(String(repeating: "x\n", count: 400))).isEmpty)
        #expect(TextRules.tooLong(swift(String(repeating: "x\n", count: 401))).count == 1)
    }

    @Test func machinePath() {
        #expect(TextRules.machinePaths(swift("let a = \"/" + "opt/swift\"")).count == 1)
        #expect(TextRules.machinePaths(swift("see /" + "work/h")).count == 1)
        #expect(TextRules.machinePaths(swift("/v1/" + "home/x and $ROOT" + "_/work/x")).isEmpty)
        #expect(TextRules.machinePaths(swift("/var/lib/switchboard")).isEmpty)
    }

    @Test func leftover() {
        #expect(TextRules.leftovers(swift("// TO" + "DO: later")).count == 1)
        #expect(TextRules.leftovers(swift("// to do it later is fine")).isEmpty)
    }

    @Test(arguments: ["let a = Date()", "var at: Date?", "func f(_ a: Date) {", "Date.now"])
    func date(line: String) {
        #expect(TextRules.foundationDates(swift(line)).count == 1)
        #expect(TextRules.foundationDates(swift("let a: ISODate = fromDate(x) // Date()")).isEmpty)
    }

    @Test func force() {
        #expect(UnsafeRules.forced(swift("let a = try! f()")).count == 1)
        #expect(UnsafeRules.forced(swift("let b = c as! D")).count == 1)
        #expect(UnsafeRules.forced(swift("let a = try? f() // never try! here")).isEmpty)
    }

    @Test func emptyName() {
        #expect(TextRules.emptyNames(["ContactManager", "SharedThings", "NIOHelpers"]).count == 3)
        #expect(TextRules.emptyNames(["Database", "Base64", "Corelation", "ContactStore"]).isEmpty)
    }

    @Test func supportWord() {
        #expect(TextRules.supportWords(swift("/// Sends to a customer.")).count == 1)
        #expect(TextRules.supportWords(swift("/// Sends to a peer.")).isEmpty)
    }

    @Test func unlistedDanger() {
        let needed = UnsafeRules.unsafeCode(swift("x.withUnsafeBytes { }"))
        #expect(needed.count == 1)
        #expect(UnsafeRules.unsafeCode(swift("final class A: @unchecked Sendable")).count == 1)
        #expect(UnsafeRules.unsafeCode(swift("// withUnsafeBytes is not used")).isEmpty)
        #expect(UnsafeRules.systemImports(swift("package import CNGHTTP2")).count == 1)
        #expect(UnsafeRules.systemImports(swift("import Crypto\nimport Contacts\nimport ConversationsV1")).isEmpty)
        #expect(Allowlist(name: "l", text: "").violations(needed: needed).count == 1)
        #expect(Allowlist(name: "l", text: "Sources/Contacts/A.swift  # arena").violations(needed: needed).isEmpty)
        #expect(Allowlist(name: "l", text: "Sources/Contacts/A.swift").violations(needed: needed).count == 1)
        #expect(Allowlist(name: "l", text: "Sources/Contacts/A.swift # arena").violations(needed: [:]).count == 1)
    }

    @Test func readmeThatLies() {
        let graph = PackageGraph(
            targets: [target("Contacts", ["ConversationsV1"]), target("Conversations", ["ContactsV1"])],
            packages: ["swift-nio": "exact 2"])
        let honest =
            "## Services\n| contacts | 9001 | 9101 | x | - | conversations |\n| conversations | 9002 | 9102 | x | contacts | - |\n"
        let services: Set<String> = ["Contacts", "Conversations"]
        #expect(ReadmeRules.violations(honest, graph, services: services).isEmpty)
        #expect(
            ReadmeRules.violations(honest.replacing("| contacts | - |", with: "| - | - |"), graph, services: services).count == 1)
        #expect(ReadmeRules.violations("## Services\n", graph, services: services).count == 2)
        #expect(ReadmeRules.violations(honest + "| tickets | 9004 | 9104 | x | - | - |\n", graph, services: services).count == 1)
        let stack = "# name\ncontacts 9001 9101 yes conversations\nconversations 9002 9102 yes contacts\n"
        #expect(ReadmeRules.stackViolations(honest, stack: stack).isEmpty)
        #expect(ReadmeRules.stackViolations(honest, stack: stack.replacing("9001", with: "9003")).count == 2)
        #expect(
            ReadmeRules.stackViolations(honest, stack: stack.replacing("yes contacts", with: "yes contacts,tickets")).count == 2)
        #expect(ReadmeRules.missingPackages("swift-log", graph).count == 1)
        #expect(ReadmeRules.missingPackages("swift-nio: sockets", graph).isEmpty)
    }

    @Test func metricThatNobodyKnows() {
        let readme = "## Metrics\n| metric |\n| `a_total`, `b_seconds` | x |\n\n## Next\n| `c` | d |\n"
        let sources = swift("Counter(label: \"a_total\")\nMetrics.Timer(label: \"b_seconds\")")
        #expect(ReadmeRules.metrics("x\n" + readme, sources).isEmpty)
        #expect(ReadmeRules.metrics("x\n" + readme, sources + swift("Gauge(label: \"new\")")).count == 1)
        #expect(ReadmeRules.metrics("x\n" + readme, swift("Counter(label: \"a_total\")")).count == 1)
    }

    @Test func callInTheWrongColumn() {
        let manifest =
            "service(\"Contacts\", watches: [\"Conversations\"])\nservice(\"Conversations\", calls: [\"Contacts\"], extra: [x])"
        let honest =
            "## Services\n| contacts | 9001 | 9101 | x | - | conversations |\n| conversations | 9002 | 9102 | x | contacts | - |\n"
        #expect(ReadmeRules.columns(honest, manifest: manifest).isEmpty)
        #expect(
            ReadmeRules.columns(honest.replacing("| - | conversations |", with: "| conversations | - |"), manifest: manifest)
                .count == 1)
    }

    @Test func implementedWithoutATest() {
        let spec = "Implemented: S1, C18.\n- **C18 uniqueness.** x\n- **S1** y\n- **S2** z\n"
        #expect(SpecRules.untested(swift("@Test(\"C18, S1: x\") func x() {}"), spec: spec).isEmpty)
        #expect(SpecRules.untested(swift("@Test(\"C18: x\") func x() {}"), spec: spec).count == 1)
        #expect(
            SpecRules.untested(swift("@Test(\"C18, S1, P9: x\") func x() {}"), spec: spec.replacing("C18.", with: "C18, P9."))
                .count == 1)
    }

    @Test func unknownNumber() {
        let spec = "- **C18 uniqueness.** x\n- **S1** y\n"
        #expect(SpecRules.numbers(in: spec) == ["C18", "S1"])
        #expect(SpecRules.unknown(swift("@Test(\"C18, S1: x\") func C18_S1_x() {}"), spec: spec).isEmpty)
        #expect(SpecRules.unknown(swift("@Test(\"C99: x\") func x() {}"), spec: spec).count == 1)
        #expect(SpecRules.unknown(swift("@Test func S77_x() {}"), spec: spec).count == 1)
    }

    @Test func seamThatIsNowhere() {
        let spec = "Implemented: S1, C18.\n- **C18 uniqueness.** x\n- **S1** y\n"
        let entry = "S1 Sources/Contacts/A.swift\n- if a\n-     && b\n+ if a || isOff(\"S1\")\n\n"
        let source = swift("if a\n    && b {}")
        let list = SeamList(text: "# words\n\n" + entry + "C18: a table decides it\n")
        #expect(list.seams.map(\.source) == ["if a\n    && b"] && list.seams.map(\.line) == [3])
        #expect(SeamRules.missing(list, spec: spec).isEmpty && SeamRules.misplaced(list, source).isEmpty)
        #expect(SeamRules.missing(SeamList(text: entry), spec: spec).count == 1)
        #expect(SeamRules.missing(SeamList(text: entry + "C18: x\nC9: y\n"), spec: spec).count == 1)
        #expect(SeamRules.missing(SeamList(text: entry + "C18: x\nS1: y\nwords\n"), spec: spec).count == 2)
        #expect(SeamRules.misplaced(list, swift("if a && b {}")).count == 1)
        #expect(SeamRules.misplaced(list, swift("if a\n    && b {}\nif a\n    && b {}")).count == 1)
        #expect(SeamRules.misplaced(list, []).count == 1)
        #expect(SeamRules.misplaced(SeamList(text: entry + entry), source).count == 1)
        #expect(SeamRules.misplaced(SeamList(text: entry.replacing("S1\"", with: "S2\"")), source).count == 1)
    }
}
