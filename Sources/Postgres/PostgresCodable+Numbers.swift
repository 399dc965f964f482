extension Bool: PostgresArrayElement {
    package static var postgresType: PostgresType { .bool }
    package static var postgresArrayType: PostgresType { .boolArray }
    package var postgresParameter: PostgresParameter { PostgresParameter(.bool, [self ? 1 : 0]) }

    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) {
        guard cell.type == .bool else { throw .type(cell.type) }
        let bytes = try cell.notNull()
        guard bytes.count == 1 else { throw .value("a bool is one byte") }
        self = bytes[0] != 0
    }
}

extension Int16: PostgresArrayElement {
    package static var postgresType: PostgresType { .int2 }
    package static var postgresArrayType: PostgresType { .int2Array }
    package var postgresParameter: PostgresParameter { PostgresParameter(.int2, bigEndianBytes) }
    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) { self = try cell.integer() }
}

extension Int32: PostgresArrayElement {
    package static var postgresType: PostgresType { .int4 }
    package static var postgresArrayType: PostgresType { .int4Array }
    package var postgresParameter: PostgresParameter { PostgresParameter(.int4, bigEndianBytes) }
    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) { self = try cell.integer() }
}

extension Int64: PostgresArrayElement {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }
    package var postgresParameter: PostgresParameter { PostgresParameter(.int8, bigEndianBytes) }
    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) { self = try cell.integer() }
}

extension Int: PostgresArrayElement {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }
    package var postgresParameter: PostgresParameter { PostgresParameter(.int8, Int64(self).bigEndianBytes) }
    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) { self = try cell.integer() }
}

extension Double: PostgresArrayElement {
    package static var postgresType: PostgresType { .float8 }
    package static var postgresArrayType: PostgresType { .float8Array }
    package var postgresParameter: PostgresParameter { PostgresParameter(.float8, bitPattern.bigEndianBytes) }

    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) {
        let bytes = try cell.notNull()
        switch (cell.type, bytes.count) {
        case (.float8, 8): self = Double(bitPattern: UInt64(bigEndianBytes: bytes))
        case (.float4, 4): self = Double(Float(bitPattern: UInt32(bigEndianBytes: bytes)))
        default: throw .type(cell.type)
        }
    }
}

extension PostgresCell {
    /// Any of PostgreSQL's three integers, exactly: a value too large for the asked type is an error, never cut.
    func integer<Number: FixedWidthInteger>() throws(Mismatch) -> Number {
        let bytes = try notNull()
        let value: Int64
        switch (type, bytes.count) {
        case (.int8, 8): value = Int64(bigEndianBytes: bytes)
        case (.int4, 4): value = Int64(Int32(bigEndianBytes: bytes))
        case (.int2, 2): value = Int64(Int16(bigEndianBytes: bytes))
        case (.oid, 4): value = Int64(UInt32(bigEndianBytes: bytes))
        default: throw .type(type)
        }
        guard let number = Number(exactly: value) else { throw .value("the number does not fit the asked type") }
        return number
    }
}

extension FixedWidthInteger {
    /// Network byte order, as the binary format has it.
    var bigEndianBytes: [UInt8] {
        withUnsafeBytes(of: bigEndian) { Array($0) }
    }

    /// - Precondition: `bytes.count` is this type's size.
    init(bigEndianBytes bytes: UnsafeRawBufferPointer) {
        self = Self(bigEndian: bytes.loadUnaligned(as: Self.self))
    }
}
