import ContractCheck
import Testing

@Suite struct CompatibilityTests {
    @Test func aContractIsCompatibleWithItself() throws {
        let schema = try Contracts.current.get()
        #expect(Compatibility.findings(baseline: schema, current: schema, isOurs: Contracts.isOurs).isEmpty)
    }

    @Test(arguments: breakages)
    func aBreakOfEachContractIsSeen(_ breakage: Breakage) throws {
        // Every way starts from contracts that reserve something: removing it is one of the ways.
        let baseline = reserving(try Contracts.current.get())
        let copies = Contracts.broken(baseline, by: breakage)
        #expect(!copies.isEmpty, "no contract can be broken this way")
        for (path, copy) in copies {
            let findings = Compatibility.findings(baseline: baseline, current: copy, isOurs: Contracts.isOurs)
            #expect(findings.contains { $0.rule == breakage.rule }, "\(path): \(findings)")
        }
    }

    /// What may change at any time.
    @Test(arguments: allowed)
    func anAdditionIsNoBreak(_ addition: Breakage) throws {
        let baseline = try Contracts.current.get()
        let copies = Contracts.broken(baseline, by: addition)
        #expect(!copies.isEmpty)
        for (path, copy) in copies {
            let findings = Compatibility.findings(baseline: baseline, current: copy, isOurs: Contracts.isOurs)
            #expect(findings.isEmpty, "\(path): \(findings)")
        }
    }

    private func reserving(_ schema: Schema) -> Schema {
        var schema = schema
        for file in schema.files.indices {
            for index in schema.files[file].messages.indices {
                schema.files[file].messages[index].reserved.names.insert("gone")
                schema.files[file].messages[index].reserved.ranges.append(900...910)
            }
            for index in schema.files[file].enums.indices {
                schema.files[file].enums[index].reserved.names.insert("GONE")
                schema.files[file].enums[index].reserved.ranges.append(900...910)
            }
        }
        return schema
    }

    static let breakages: [Breakage] = [
        Breakage("PACKAGE_MESSAGE_NO_DELETE") { file in
            guard !file.messages.isEmpty else { return false }
            file.messages.removeFirst()
            return true
        },
        Breakage("PACKAGE_ENUM_NO_DELETE") { file in
            guard !file.enums.isEmpty else { return false }
            file.enums.removeFirst()
            return true
        },
        Breakage("PACKAGE_SERVICE_NO_DELETE") { file in
            guard !file.services.isEmpty else { return false }
            file.services.removeFirst()
            return true
        },
        Breakage("PACKAGE_MESSAGE_NO_DELETE") { file in
            file.package += "beta1"
            return !file.messages.isEmpty
        },
        .message("FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", deleteField),
        .message("FIELD_NO_DELETE_UNLESS_NAME_RESERVED", deleteField),
        .field("FIELD_SAME_NAME") { $0.label.name += "_x" },
        .field("FIELD_SAME_JSON_NAME") { $0.jsonName += "X" },
        .field("FIELD_SAME_ONEOF") { $0.oneof = "other" },
        .field("FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY") { $0.cardinality = $0.cardinality == .repeated ? .singular : .repeated },
        .field("FIELD_WIRE_JSON_COMPATIBLE_TYPE") {
            $0.type = $0.type == .scalar("double") ? .scalar("float") : .scalar("double")
        },
        .field("FIELD_WIRE_JSON_COMPATIBLE_TYPE") { $0.type = .message("switchboard.Other") },
        .message("RESERVED_MESSAGE_NO_DELETE") { message in
            message.reserved.names.remove("gone")
            return true
        },
        .message("RESERVED_MESSAGE_NO_DELETE") { message in
            message.reserved.ranges = [900...909]
            return true
        },
        Breakage("RESERVED_ENUM_NO_DELETE") { file in
            guard !file.enums.isEmpty else { return false }
            file.enums[0].reserved = .init()
            return true
        },
        .enumeration("ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED") { $0.values.removeLast() },
        .enumeration("ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED") { $0.values.removeLast() },
        .enumeration("ENUM_VALUE_SAME_NAME") { $0.values[0].label.name += "_X" },
        .service("RPC_NO_DELETE") { $0.methods.removeFirst() },
        .method("RPC_SAME_REQUEST_TYPE") { $0.request += "X" },
        .method("RPC_SAME_RESPONSE_TYPE") { $0.response += "X" },
        .method("RPC_SAME_CLIENT_STREAMING") { $0.clientStreams.toggle() },
        .method("RPC_SAME_SERVER_STREAMING") { $0.serverStreams.toggle() },
        .method("RPC_SAME_IDEMPOTENCY_LEVEL") { $0.idempotency = $0.idempotency == 0 ? 1 : 0 },
        Breakage("SWITCHBOARD_RPC_SAME_HTTP_ROUTE") { file in
            // A service of which no method has a route can lose none.
            guard let methods = file.services.first?.methods, methods.contains(where: { !$0.httpRule.isEmpty }) else {
                return false
            }
            for index in methods.indices { file.services[0].methods[index].httpRule = [0] }
            return true
        },
    ]

    private static let deleteField: @Sendable (inout Schema.Message) -> Bool = { message in
        guard !message.fields.isEmpty else { return false }
        message.fields.removeFirst()
        return true
    }

    private static let allowed: [Breakage] = [
        .message("a new field") { message in
            guard var field = message.fields.first else { return false }
            field.label.name = "brand_new"
            field.number = 999
            message.fields.append(field)
            return true
        },
        .message("a field gone, its name and number reserved") { message in
            guard let field = message.fields.first else { return false }
            message.fields.removeFirst()
            message.reserved.names.insert(field.label.name)
            message.reserved.ranges.append(field.number...field.number)
            return true
        },
        .service("a new method") { service in
            var method = service.methods[0]
            method.label.name = "BrandNew"
            service.methods.append(method)
        },
        .enumeration("a new value") { declaration in
            var value = declaration.values[0]
            value.label.name = "BRAND_NEW"
            value.number = 999
            declaration.values.append(value)
        },
    ]
}
