/// The fields of a message that its contract does not name, in the order of the wire.
///
/// Options defined by extensions (`google.api.http`) arrive here, because protobuf-c compiles no extensions.
public struct UnknownFields: Sendable, Hashable {
    public struct Field: Sendable, Hashable {
        /// 1 to 536,870,911.
        public var number: UInt32
        /// 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes.
        public var wireType: UInt8
        /// What follows the tag, for wire type 2 with the length.
        public var payload: [UInt8]

        public init(number: UInt32, wireType: UInt8, payload: [UInt8]) {
            self.number = number
            self.wireType = wireType
            self.payload = payload
        }
    }

    public var fields: [Field]

    public init(_ fields: [Field] = []) {
        self.fields = fields
    }

    public var isEmpty: Bool { fields.isEmpty }

    /// The messages of type `type` in the fields with this number.
    public func messages<M: Message>(_ number: UInt32, as type: M.Type) throws(DecodingError) -> [M] {
        var found: [M] = []
        for field in fields where field.number == number && field.wireType == 2 {
            found.append(try M(serialized: Array(field.payload.drop { $0 >= 0x80 }.dropFirst())))
        }
        return found
    }

    /// The varints in the fields with this number, packed or not: enumerations, integers and booleans.
    public func varints(_ number: UInt32) -> [UInt64] {
        fields.filter { $0.number == number }.flatMap { field in
            switch field.wireType {
            case 0: Self.varints(field.payload[...])
            case 2: Self.varints(field.payload.drop { $0 >= 0x80 }.dropFirst())
            default: [UInt64]()
            }
        }
    }

    private static func varints(_ bytes: ArraySlice<UInt8>) -> [UInt64] {
        var values: [UInt64] = []
        var value: UInt64 = 0
        var shift: UInt64 = 0
        for byte in bytes {
            value |= shift < 64 ? UInt64(byte & 0x7F) << shift : 0
            shift += 7
            guard byte < 0x80 else { continue }
            values.append(value)
            value = 0
            shift = 0
        }
        return values
    }
}
