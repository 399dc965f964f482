// The binary format of arrays (src/backend/utils/adt/arrayfuncs.c, array_send): int4 dimensions, int4 has-nulls, uint4
// element type; per dimension int4 length and int4 lower bound; per element int4 size (-1 is null) and its bytes.

/// What a Swift array can be made of in SQL: elements of an SQL array, or the bytes of one `bytea`.
package protocol PostgresCollectionElement: Sendable {
    static var postgresCollectionType: PostgresType { get }
    static func postgresBytes(of collection: [Self]) -> [UInt8]
    static func decode(collection cell: PostgresCell) throws(PostgresCell.Mismatch) -> [Self]
}

/// A scalar that PostgreSQL has an array type for, so that `[Element]` can be a parameter and a column.
package protocol PostgresArrayElement: PostgresEncodable, PostgresDecodable, PostgresCollectionElement {
    static var postgresArrayType: PostgresType { get }
}

extension Array: PostgresEncodable where Element: PostgresCollectionElement {
    package static var postgresType: PostgresType { Element.postgresCollectionType }
    package var postgresParameter: PostgresParameter {
        PostgresParameter(Element.postgresCollectionType, Element.postgresBytes(of: self))
    }
}

extension Array: PostgresDecodable where Element: PostgresCollectionElement {
    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) {
        self = try Element.decode(collection: cell)
    }
}

/// `[UInt8]` is one `bytea`.
extension UInt8: PostgresCollectionElement {
    package static var postgresCollectionType: PostgresType { .bytea }
    package static func postgresBytes(of collection: [UInt8]) -> [UInt8] { collection }

    package static func decode(collection cell: PostgresCell) throws(PostgresCell.Mismatch) -> [UInt8] {
        guard cell.type == .bytea else { throw .type(cell.type) }
        return Array(try cell.notNull())
    }
}

/// `[[UInt8]]` is a `bytea[]`.
extension Array: PostgresCollectionElement, PostgresArrayElement where Element == UInt8 {
    package static var postgresArrayType: PostgresType { .byteaArray }
}

/// An array whose elements may be null.
extension Optional: PostgresCollectionElement, PostgresArrayElement where Wrapped: PostgresArrayElement {
    package static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }
}

extension PostgresArrayElement {
    package static var postgresCollectionType: PostgresType { postgresArrayType }

    package static func postgresBytes(of collection: [Self]) -> [UInt8] {
        let cells = collection.map { $0.postgresParameter.bytes }
        var bytes = [UInt8]()
        bytes.reserveCapacity(20 + cells.reduce(0) { $0 + 4 + ($1?.count ?? 0) })
        bytes += Int32(cells.isEmpty ? 0 : 1).bigEndianBytes
        bytes += Int32(cells.contains { $0 == nil } ? 1 : 0).bigEndianBytes
        bytes += postgresType.rawValue.bigEndianBytes
        guard !cells.isEmpty else { return bytes }
        bytes += Int32(cells.count).bigEndianBytes
        bytes += Int32(1).bigEndianBytes
        for cell in cells {
            bytes += Int32(cell?.count ?? -1).bigEndianBytes
            if let cell { bytes += cell }
        }
        return bytes
    }

    package static func decode(collection cell: PostgresCell) throws(PostgresCell.Mismatch) -> [Self] {
        var reader = ArrayReader(try cell.notNull())
        let dimensions = try reader.number()
        _ = try reader.number()
        let type = PostgresType(rawValue: UInt32(bitPattern: try reader.number()))
        guard dimensions > 0 else { return [] }
        guard dimensions == 1 else { throw .value("the array has more than one dimension") }
        let count = try reader.number()
        _ = try reader.number()
        var elements = [Self]()
        elements.reserveCapacity(min(Int(count), reader.remaining / 4))
        for _ in 0..<max(count, 0) {
            elements.append(try Self(postgres: PostgresCell(type: type, bytes: try reader.element())))
        }
        return elements
    }
}

private struct ArrayReader {
    private var bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var remaining: Int { bytes.count }

    mutating func number() throws(PostgresCell.Mismatch) -> Int32 {
        Int32(bigEndianBytes: try take(4))
    }

    mutating func element() throws(PostgresCell.Mismatch) -> UnsafeRawBufferPointer? {
        let size = try number()
        return size < 0 ? nil : try take(Int(size))
    }

    private mutating func take(_ count: Int) throws(PostgresCell.Mismatch) -> UnsafeRawBufferPointer {
        guard bytes.count >= count else { throw .value("a cut array") }
        defer { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(count)) }
        return UnsafeRawBufferPointer(rebasing: bytes.prefix(count))
    }
}
