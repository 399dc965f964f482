import Testing

@testable import WireGen

@Suite struct NamesTests {
    @Test(
        "modules of packages",
        arguments: [
            ("google.protobuf", "GoogleProtobuf"), ("google.rpc", "GoogleRPC"), ("google.api", "GoogleAPI"),
            ("grpc.health.v1", "GRPCHealthV1"),
            ("grpc.reflection.v1alpha", "GRPCReflectionV1Alpha"), ("grpc.testing", "GRPCTesting"),
            ("switchboard.contacts.v1", "ContactsV1"),
        ])
    func modules(_ package: String, _ module: String) {
        #expect(SwiftNames.module(ofPackage: package) == module)
    }

    @Test(
        "properties of fields",
        arguments: [
            ("conversation_id", "conversationID"), ("id", "id"), ("agent_ids", "agentIDs"), ("type_url", "typeURL"),
            ("url", "url"),
            ("fieldName7", "fieldName7"), ("FieldName8", "fieldName8"), ("FIELD_NAME11", "fieldName11"),
            ("__field_name13", "fieldName13"),
            ("field_0_name6", "field0Name6"), ("json", "json_"), ("identity", "identity"),
        ])
    func properties(_ field: String, _ property: String) {
        #expect(SwiftNames.property(field) == property)
    }

    @Test("cases of enumerations")
    func cases() {
        #expect(
            SwiftNames.cases(ofEnum: "ConversationState", ["CONVERSATION_STATE_UNSPECIFIED", "CONVERSATION_STATE_ON_HOLD"]) == [
                "unspecified", "onHold",
            ])
        #expect(SwiftNames.cases(ofEnum: "Aliased", ["ALIAS_FOO", "MOO", "moo"]) == ["aliasFoo", "moo", "moo_"])
        #expect(SwiftNames.cases(ofEnum: "Size", ["SIZE_UNSPECIFIED", "SIZE_2"]) == ["sizeUnspecified", "size2"])
        #expect(SwiftNames.cases(ofEnum: "State", ["STATE_SELF", "STATE_UNRECOGNIZED"]) == ["self_", "unrecognized_"])
    }

    @Test("C's names are those of protoc-gen-c")
    func cNames() {
        #expect(
            CNames.type("protobuf_test_messages.proto3.TestAllTypesProto3") == "ProtobufTestMessages__Proto3__TestAllTypesProto3")
        #expect(CNames.descriptor("google.protobuf.UInt32Value") == "google__protobuf__uint32_value__descriptor")
        #expect(CNames.field("delete") == "delete_")
        #expect(CNames.field("fieldName7") == "fieldname7")
    }
}
