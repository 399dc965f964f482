/// The well-known types whose JSON is not an object of their fields; the forms themselves are in the Protobuf module.
enum WellKnownJSON {
    static let extensions: [String: String] = {
        var result = [
            "google.protobuf.Timestamp": pair(
                write: "json.timestamp(seconds: seconds, nanos: nanos)", read: "(seconds, nanos) = try json.timestamp()"),
            "google.protobuf.Duration": pair(
                write: "json.duration(seconds: seconds, nanos: nanos)", read: "(seconds, nanos) = try json.duration()"),
            "google.protobuf.FieldMask": pair(write: "json.fieldMask(paths)", read: "paths = try json.fieldMask()"),
            "google.protobuf.Struct": pair(write: "json.object(fields)", read: "try json.object(into: &fields)"),
            "google.protobuf.ListValue": pair(write: "json.array(values)", read: "try json.array(into: &values)"),
            "google.protobuf.Any": any,
            "google.protobuf.Value": value,
        ]
        for scalar in ["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"] {
            result["google.protobuf.\(scalar)Value"] = pair(
                write: "value.writeJSON(to: &json)", read: "value = try .readJSON(from: &json)")
        }
        return result
    }()

    private static func pair(write: String, read: String) -> String {
        """
        public static var ownsJSON: Bool { true }

        public func writeJSON(to json: inout JSONWriter) {
            \(write)
        }

        public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Self {
            var message = Self()
            try message.readValue(from: &json)
            return message
        }

        private mutating func readValue(from json: inout JSONReader) throws(JSONDecodingError) {
            \(read)
        }
        """
    }

    private static let any = """
        public static var ownsJSON: Bool { true }

        public func writeJSON(to json: inout JSONWriter) {
            json.any(typeURL: typeURL, value: value, wellKnown: GoogleProtobufMessages.registry)
        }

        public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Self {
            let (typeURL, value) = try json.any(wellKnown: GoogleProtobufMessages.registry)
            return Self(typeURL: typeURL, value: value)
        }
        """

    private static let value = """
        public static var ownsJSON: Bool { true }
        public static var acceptsJSONNull: Bool { true }

        public func writeJSON(to json: inout JSONWriter) {
            switch kind {
            case .nullValue: json.null()
            case .numberValue(let number): json.finite(number)
            case .stringValue(let text): text.writeJSON(to: &json)
            case .boolValue(let flag): flag.writeJSON(to: &json)
            case .structValue(let fields): fields.writeJSON(to: &json)
            case .listValue(let values): values.writeJSON(to: &json)
            case nil: json.refuse("a google.protobuf.Value must hold something")
            }
        }

        public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Self {
            switch try json.kind() {
            case .null:
                try json.null()
                return Self(kind: .nullValue(.nullValue))
            case .number: return Self(kind: .numberValue(try json.finite()))
            case .string: return Self(kind: .stringValue(try .readJSON(from: &json)))
            case .bool: return Self(kind: .boolValue(try .readJSON(from: &json)))
            case .object: return Self(kind: .structValue(try .readJSON(from: &json)))
            case .array: return Self(kind: .listValue(try .readJSON(from: &json)))
            }
        }
        """

    static let nullValue = """
        public static var acceptsJSONNull: Bool { true }

        public func writeJSON(to json: inout JSONWriter) {
            json.null()
        }

        public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Self {
            try json.nullOrEnum()
        }
        """
}
