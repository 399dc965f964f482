/// A value on its way to the server, in the binary format of its type's `send`/`recv` functions.
package struct PostgresParameter: Sendable, Hashable {
    /// The type's object id (pg_type.dat).
    var type: PostgresType
    /// `nil` is SQL's null.
    var bytes: [UInt8]?

    init(_ type: PostgresType, _ bytes: [UInt8]?) {
        self.type = type
        self.bytes = bytes
    }
}

/// The object id of a built-in type; they are the same in every PostgreSQL (src/include/catalog/pg_type.dat).
package struct PostgresType: Sendable, Hashable, RawRepresentable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    static let bool = PostgresType(rawValue: 16)
    static let bytea = PostgresType(rawValue: 17)
    static let char = PostgresType(rawValue: 18)
    static let name = PostgresType(rawValue: 19)
    static let int8 = PostgresType(rawValue: 20)
    static let int2 = PostgresType(rawValue: 21)
    static let int4 = PostgresType(rawValue: 23)
    static let text = PostgresType(rawValue: 25)
    static let oid = PostgresType(rawValue: 26)
    static let json = PostgresType(rawValue: 114)
    static let float4 = PostgresType(rawValue: 700)
    static let float8 = PostgresType(rawValue: 701)
    static let unknown = PostgresType(rawValue: 705)
    static let boolArray = PostgresType(rawValue: 1000)
    static let byteaArray = PostgresType(rawValue: 1001)
    static let int2Array = PostgresType(rawValue: 1005)
    static let int4Array = PostgresType(rawValue: 1007)
    static let textArray = PostgresType(rawValue: 1009)
    static let int8Array = PostgresType(rawValue: 1016)
    static let float8Array = PostgresType(rawValue: 1022)
    static let bpchar = PostgresType(rawValue: 1042)
    static let varchar = PostgresType(rawValue: 1043)
    static let timestamptz = PostgresType(rawValue: 1184)
    static let timestamptzArray = PostgresType(rawValue: 1185)
    static let interval = PostgresType(rawValue: 1186)
    static let intervalArray = PostgresType(rawValue: 1187)
    static let uuid = PostgresType(rawValue: 2950)
    static let uuidArray = PostgresType(rawValue: 2951)
    static let jsonb = PostgresType(rawValue: 3802)
    static let jsonbArray = PostgresType(rawValue: 3807)

    /// The first id that a user's own type (an enum, a domain's base is reported instead) can have: FirstNormalObjectId.
    static let firstUserType: UInt32 = 16_384
}
