import ContractCheck
import Testing

@Suite struct LintTests {
    @Test func theContractsAreClean() throws {
        let findings = Lint.findings(in: try Contracts.current.get(), isOurs: Contracts.isOurs)
        #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
    }

    @Test(arguments: breakages)
    func aBrokenCopyOfEachContractIsSeen(_ breakage: Breakage) throws {
        let clean = try Contracts.current.get()
        let before = Set(Lint.findings(in: clean, isOurs: Contracts.isOurs))
        let copies = Contracts.broken(clean, by: breakage)
        #expect(!copies.isEmpty, "no contract can be broken this way")
        for (path, copy) in copies {
            let findings = Lint.findings(in: copy, isOurs: Contracts.isOurs).filter { !before.contains($0) }
            #expect(findings.contains { $0.rule == breakage.rule }, "\(path): \(findings)")
        }
    }

    static let breakages: [Breakage] = files + elements + methods + comments

    private static let files: [Breakage] = [
        Breakage("FILE_LOWER_SNAKE_CASE") { file in
            file.path = file.path.replacing(".proto", with: "X.proto")
            return true
        },
        Breakage("SYNTAX_SPECIFIED") { file in
            file.syntax = ""
            return true
        },
        Breakage("PACKAGE_DEFINED") { file in
            file.package = ""
            return true
        },
        Breakage("PACKAGE_LOWER_SNAKE_CASE") { file in
            file.package = "switchboard.Upper.v1"
            return true
        },
        Breakage("PACKAGE_VERSION_SUFFIX") { file in
            file.package = "switchboard.unversioned"
            return true
        },
        Breakage("PACKAGE_DIRECTORY_MATCH") { file in
            file.package = "switchboard.elsewhere.v1"
            return true
        },
        Breakage("IMPORT_NO_PUBLIC") { file in
            file.publicImports = file.imports
            return !file.imports.isEmpty
        },
        Breakage("IMPORT_USED") { file in
            let unused = "google/protobuf/empty.proto"
            file.imports.append(unused == file.imports.first ? "" : "google/protobuf/descriptor.proto")
            file.optionsUsed = []
            return !file.extensions.contains { $0.extendee.hasPrefix("google.protobuf.") }
        },
        Breakage("PACKAGE_SAME_GO_PACKAGE") { file in
            file.languageOptions["go_package"] = "elsewhere"
            return !isAlone(file.path)
        },
        Breakage("DIRECTORY_SAME_PACKAGE") { file in
            file.package += "beta1"
            return !isAlone(file.path)
        },
        Breakage("PACKAGE_SAME_DIRECTORY") { file in
            defer { file.path = "switchboard/elsewhere.proto" }
            return !isAlone(file.path)
        },
    ]

    /// The only file of its package: there is no other that it could differ from.
    private static func isAlone(_ path: String) -> Bool {
        path.hasPrefix("switchboard/access/") || path.hasPrefix("switchboard/tenancy/")
    }

    private static let elements: [Breakage] = [
        .message("MESSAGE_PASCAL_CASE") { message in
            message.label.name = "lower_case"
            return true
        },
        .field("FIELD_LOWER_SNAKE_CASE") { $0.label.name = "UpperCase" },
        .field("FIELD_NOT_REQUIRED") { $0.cardinality = .required },
        .field("SWITCHBOARD_NO_OPTIONAL") { $0.cardinality = .optional },
        .message("ONEOF_LOWER_SNAKE_CASE") { message in
            guard !message.oneofs.isEmpty else { return false }
            message.oneofs[0].name = "Upper"
            return true
        },
        .enumeration("ENUM_PASCAL_CASE") { $0.label.name = "lower_case" },
        .enumeration("ENUM_NO_ALLOW_ALIAS") { $0.allowsAlias = true },
        .enumeration("ENUM_FIRST_VALUE_ZERO") { $0.values[0].number = 7 },
        .enumeration("ENUM_VALUE_UPPER_SNAKE_CASE") { $0.values[0].label.name += "x" },
        .enumeration("ENUM_VALUE_PREFIX") { $0.values[1].label.name = "OTHER" },
        .enumeration("ENUM_ZERO_VALUE_SUFFIX") { $0.values[0].label.name += "_X" },
    ]

    private static let methods: [Breakage] = [
        .service("SERVICE_PASCAL_CASE") { $0.label.name = "a_Service" },
        .service("SERVICE_SUFFIX") { $0.label.name += "X" },
        .method("RPC_PASCAL_CASE") { $0.label.name = "lower_case" },
        .method("RPC_REQUEST_STANDARD_NAME") { $0.request += "X" },
        .method("RPC_RESPONSE_STANDARD_NAME") { $0.response += "X" },
        .method("RPC_REQUEST_RESPONSE_UNIQUE") { $0.response = $0.request },
    ]

    private static let comments: [Breakage] = [
        .message("COMMENT_MESSAGE") { message in
            message.label.comment = " \n"
            return true
        },
        .field("COMMENT_FIELD") { $0.label.comment = "" },
        .message("COMMENT_ONEOF") { message in
            guard !message.oneofs.isEmpty else { return false }
            message.oneofs[0].comment = ""
            return true
        },
        .enumeration("COMMENT_ENUM") { $0.label.comment = "" },
        .enumeration("COMMENT_ENUM_VALUE") { $0.values[0].label.comment = "" },
        .service("COMMENT_SERVICE") { $0.label.comment = "" },
        .method("COMMENT_RPC") { $0.label.comment = "" },
    ]

    @Test func packagesThatImportEachOther() throws {
        var schema = try Contracts.current.get()
        let conversations = try #require(schema.files.firstIndex { $0.package == "switchboard.conversations.v1" })
        let contacts = try #require(schema.files.firstIndex { $0.package == "switchboard.contacts.v1" })
        schema.files[conversations].imports.append(schema.files[contacts].path)
        schema.files[contacts].imports.append(schema.files[conversations].path)
        let rules = Set(Lint.findings(in: schema, isOurs: Contracts.isOurs).map(\.rule))
        #expect(rules.contains("PACKAGE_NO_IMPORT_CYCLE"))
    }

    @Test func filesOfOthersAreNotJudged() throws {
        var schema = try Contracts.current.get()
        for index in schema.files.indices where !Contracts.isOurs(schema.files[index].path) { schema.files[index].syntax = "" }
        let findings = Lint.findings(in: schema, isOurs: Contracts.isOurs)
        #expect(findings.allSatisfy { Contracts.isOurs($0.place.file) })
    }
}
