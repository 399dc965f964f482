import FoundationEssentials

extension String: PostgresArrayElement {
    package static var postgresType: PostgresType { .text }
    package static var postgresArrayType: PostgresType { .textArray }
    package var postgresParameter: PostgresParameter { PostgresParameter(.text, Array(utf8)) }

    /// Text of any kind: text, varchar, name, json, and the labels of enums.
    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) {
        var bytes = try cell.notNull()
        switch cell.type {
        case .text, .varchar, .bpchar, .name, .char, .unknown, .json: break
        case .jsonb: bytes = try bytes.afterJSONBVersion()
        case let type where type.rawValue >= PostgresType.firstUserType: break
        default: throw .type(cell.type)
        }
        guard let text = String(validating: bytes.bindMemory(to: UInt8.self), as: UTF8.self) else {
            throw .value("not UTF-8")
        }
        self = text
    }
}

/// JSON as text, for `json` and `jsonb` columns. What it holds is the caller's: it is neither parsed nor checked here.
package struct PostgresJSON: Sendable, Hashable, PostgresArrayElement {
    package var text: String

    package init(_ text: String) {
        self.text = text
    }

    package static var postgresType: PostgresType { .jsonb }
    package static var postgresArrayType: PostgresType { .jsonbArray }
    /// jsonb_recv wants a version byte, 1, before the text.
    package var postgresParameter: PostgresParameter { PostgresParameter(.jsonb, [1] + Array(text.utf8)) }

    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) {
        guard cell.type == .json || cell.type == .jsonb else { throw .type(cell.type) }
        text = try String(postgres: cell)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func afterJSONBVersion() throws(PostgresCell.Mismatch) -> UnsafeRawBufferPointer {
        guard first == 1 else { throw .value("unknown version of jsonb's binary format") }
        return UnsafeRawBufferPointer(rebasing: dropFirst())
    }
}

extension UUID: PostgresArrayElement {
    package static var postgresType: PostgresType { .uuid }
    package static var postgresArrayType: PostgresType { .uuidArray }
    package var postgresParameter: PostgresParameter {
        PostgresParameter(.uuid, withUnsafeBytes(of: uuid) { Array($0) })
    }

    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) {
        guard cell.type == .uuid else { throw .type(cell.type) }
        let bytes = try cell.notNull()
        guard bytes.count == 16 else { throw .value("a uuid is 16 bytes") }
        self.init(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}
