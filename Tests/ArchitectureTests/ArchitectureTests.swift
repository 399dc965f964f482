import Testing

/// The rules that the whole repository keeps. `PlantedTests` shows that each of them can fail.
@Suite struct ArchitectureTests {
    let repository = Repository.current

    @Test func targetsDependOnLowerFloorsOnly() throws {
        let violations = Floors.violations(try PackageGraph.current.get())
        #expect(violations.isEmpty, "\(violations.text)")
    }

    /// A package that depends on the product `GRPC` alone builds no libpq, no HTTP/1.1 and no TLS.
    @Test func grpcStandsAlone() throws {
        let graph = try PackageGraph.current.get()
        let grpc = try #require(graph.libraries["GRPC"])
        #expect(grpc == ["GRPC", "GRPCHealth", "GRPCReflection"])
        let light: Set<String> = ["NIOCore", "NIOPosix", "Logging", "Metrics"]
        #expect(graph.products(below: grpc) == light)
        let below = graph.closure(of: grpc)
        #expect(Set(below.filter(\.isSystem).map(\.name)) == ["CNGHTTP2", "CProtobufC", "CZlib"])
        #expect(try graph.products(below: #require(graph.libraries["GRPCTLS"])).subtracting(light) == ["NIOSSL", "NIOTLS"])

        #expect(graph.products(below: ["ServiceRuntime"]).contains("Hummingbird"), "what is deeper down is found")
        #expect(graph.closure(of: ["Contacts"]).contains { $0.name == "CLibPQ" && $0.isSystem }, "and so is libpq")
    }

    @Test func targetsImportWhatTheyDeclare() throws {
        let violations = ImportRules.undeclared(repository.writtenSwift, try PackageGraph.current.get())
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func noServiceImportsAnother() {
        let violations = ImportRules.foreignServices(repository.writtenSwift, services: Floors.services)
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func packagesAreExactAndTheLanguageIsSix() throws {
        let graph = try PackageGraph.current.get()
        #expect(!graph.packages.isEmpty)
        #expect(graph.packages.filter { !$0.value.hasPrefix("exact ") }.isEmpty)
        #expect(graph.languageModes == ["6"])
    }

    @Test func queriesNameTheirColumns() {
        let sources = repository.files.filter {
            $0.path.hasPrefix("Sources/") && ($0.path.hasSuffix(".swift") || $0.path.hasSuffix(".sql"))
        }
        let violations = TextRules.selectStar(sources)
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func callersWriteNoPatterns() {
        let violations = TextRules.patterns(repository.writtenSwift.filter { $0.path.hasPrefix("Sources/") })
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func filesAreShort() {
        let violations = TextRules.tooLong(repository.writtenSwift)
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func noMachinePaths() {
        let violations = TextRules.machinePaths(repository.files.filter { !$0.isGenerated })
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func nothingIsLeftToDo() {
        let violations = TextRules.leftovers(repository.files.filter { !$0.isGenerated })
        #expect(violations.isEmpty, "\(violations.text)")
    }

    /// What tests count once more goes by Foundation's calendar, another than ours.
    @Test func timeIsAnInstant() {
        let violations = TextRules.foundationDates(
            repository.writtenSwift.filter {
                $0.path.hasPrefix("Sources/") && $0.path != "Sources/ConversationsTesting/Recount.swift"
            })
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func namesSayWhatTheyName() throws {
        let files = repository.writtenSwift.compactMap {
            $0.path.split(separator: "/").last.map { String($0.dropLast(".swift".count)) }
        }
        let targets = try PackageGraph.current.get().targets.map(\.name)
        let violations = TextRules.emptyNames(files + targets)
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func sharedTargetsKnowNoSupportWork() throws {
        let graph = try PackageGraph.current.get()
        let shared = repository.writtenSwift.filter { Floors.shared.contains(graph.target(of: $0.path)?.name ?? "") }
        #expect(!shared.isEmpty)
        let violations = TextRules.supportWords(shared)
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test(arguments: ["unsafe-code", "system-imports", "forced"])
    func whatIsDangerousStandsInListedFiles(name: String) throws {
        let list = try #require(repository.file("Tests/ArchitectureTests/allowlists/\(name).txt"))
        let sources = repository.writtenSwift.filter { $0.path.hasPrefix("Sources/") }
        let needed =
            switch name {
            case "unsafe-code": UnsafeRules.unsafeCode(sources)
            case "system-imports": UnsafeRules.systemImports(sources)
            default: UnsafeRules.forced(sources)
            }
        let violations = Allowlist(name: name, text: list.text).violations(needed: needed).sorted { $0.path < $1.path }
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func readmeTellsTheServices() throws {
        let readme = try #require(repository.file("README.md")).text
        let graph = try PackageGraph.current.get()
        let violations =
            ReadmeRules.violations(readme, graph, services: Floors.services) + ReadmeRules.missingPackages(readme, graph)
            + ReadmeRules.columns(readme, manifest: try #require(repository.file("Package.swift")).text)
            + ReadmeRules.stackViolations(readme, stack: try #require(repository.file(".dev/services.txt")).text)
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func readmeTellsTheMetrics() throws {
        let readme = try #require(repository.file("README.md")).text
        let violations = ReadmeRules.metrics(readme, repository.writtenSwift.filter { $0.path.hasPrefix("Sources/") })
        #expect(violations.isEmpty, "\(violations.text)")
    }

    private var behaviourTests: [SourceFile] {
        repository.writtenSwift.filter { $0.path.hasPrefix("Tests/") && !$0.path.contains("ArchitectureTests") }
    }

    @Test func testsCarryNumbersThatExist() throws {
        let spec = try #require(repository.file("Tests/SPEC.md")).text
        #expect(SpecRules.numbers(in: spec).count > 100)
        let violations = SpecRules.unknown(behaviourTests, spec: spec)
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func whatIsImplementedIsTested() throws {
        let spec = try #require(repository.file("Tests/SPEC.md")).text
        #expect(SpecRules.implemented(in: spec).count > 30)
        let violations = SpecRules.untested(behaviourTests, spec: spec)
        #expect(violations.isEmpty, "\(violations.text)")
    }

    @Test func everyRuleCanBeSwitchedOff() throws {
        let spec = try #require(repository.file("Tests/SPEC.md")).text
        let list = SeamList(text: try #require(repository.file(SeamList.path)).text)
        #expect(list.seams.count > 100)
        let sources = repository.writtenSwift.filter { $0.path.hasPrefix("Sources/") }
        let violations = SeamRules.missing(list, spec: spec) + SeamRules.misplaced(list, sources)
        #expect(violations.isEmpty, "\(violations.text)")
    }
}
