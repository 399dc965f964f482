@testable import Gateway
import Testing

@Suite struct QueryBindingTests {
    private func field(_ name: String, _ json: String, _ kind: FieldSchema.Kind, repeated: Bool = false) -> FieldSchema {
        FieldSchema(
            name: name, jsonName: json, number: 1, kind: kind, isRepeated: repeated, comment: "", behaviors: [], oneof: nil)
    }

    private var schema: Schema {
        var schema = Schema()
        schema.messages["List"] = MessageSchema(
            name: "List", comment: "",
            fields: [
                field("page_size", "pageSize", .int32),
                field("states", "states", .enumeration("State"), repeated: true),
                field("since", "since", .message("google.protobuf.Timestamp")),
                field("limit", "limit", .message("google.protobuf.Int64Value")),
                field("unread", "unread", .bool),
                field("filter", "filter", .message("Filter")),
            ], isMapEntry: false)
        schema.messages["Filter"] = MessageSchema(
            name: "Filter", comment: "", fields: [field("agent_id", "agentId", .string)], isMapEntry: false)
        schema.enums["State"] = EnumSchema(
            name: "State", comment: "", values: [.init(name: "STATE_OPEN", number: 1, comment: "")])
        return schema
    }

    private func bind(_ query: String, except taken: Set<String> = []) throws -> String {
        var object = JSONObject()
        try schema.bind(#require(QueryString(query[...])), of: "List", except: taken, in: &object)
        return JSONValue.object(object).text
    }

    @Test func bothSpellingsRepeatedKeysAndDottedPaths() throws {
        #expect(try bind("page_size=5") == #"{"pageSize":"5"}"#)
        #expect(try bind("pageSize=5") == #"{"pageSize":"5"}"#)
        #expect(try bind("states=STATE_OPEN&states=7") == #"{"states":["STATE_OPEN",7]}"#)
        #expect(try bind("filter.agentId=a%20b+c") == #"{"filter":{"agentId":"a b c"}}"#)
        #expect(
            try bind("since=2026-01-01T00:00:00Z&limit=9007199254740993&unread=true")
                == #"{"since":"2026-01-01T00:00:00Z","limit":"9007199254740993","unread":true}"#)
    }

    @Test(arguments: [
        "nothing=1", "page_size=x", "page_size=1&page_size=2", "page_size=1&pageSize=1", "states=OPEN", "unread=1", "filter=x",
        "filter.nothing=1", "page_size.x=1", "=1",
    ])
    func whatDoesNotFitIsRefusedByName(_ query: String) {
        #expect(throws: BindingError.self) { try bind(query) }
    }

    @Test func fieldsOfPathAndBodyAreNoParameters() {
        #expect(throws: BindingError.self) { try bind("filter.agent_id=1", except: ["filter"]) }
        #expect(throws: BindingError.self) { try bind("pageSize=1", except: ["page_size"]) }
    }

    @Test func updateMaskNamesTheLeavesOfTheBody() throws {
        let body = try JSONParser.parse(Array(#"{"page_size":1,"filter":{"agentId":null},"states":[],"etag":"x"}"#.utf8))
        #expect(schema.updateMask(of: body, as: "List") == "pageSize,filter.agentId,states")
    }
}
