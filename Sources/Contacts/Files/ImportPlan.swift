import ContactsV1
import FoundationEssentials
import ServiceRuntime

/// How the rows of a CSV file become contacts: which column fills which path. A rule on values.
struct ImportPlan: Sendable {
    enum Target: Sendable, Hashable {
        case displayName, ownerID, locale, timeZone, note
        case attribute(String)
        case identities(IdentityKind)

        init?(_ path: String) {
            switch path {
            case "display_name": self = .displayName
            case "owner_id": self = .ownerID
            case "locale": self = .locale
            case "time_zone": self = .timeZone
            case "note": self = .note
            case "identities.email": self = .identities(.email)
            case "identities.phone": self = .identities(.phone)
            default:
                let key = path.dropFirst("attributes.".count)
                guard path.hasPrefix("attributes."), AttributeValue.isKey(String(key)) else { return nil }
                self = .attribute(String(key))
            }
        }
    }

    private struct Column: Sendable {
        let index: Int
        let heading: String
        let path: String
        let target: Target
    }

    private let columns: [Column]
    private let schema: AttributeSchema
    private let width: Int

    /// - Throws: IMPORT_FORMAT_INVALID where the file lacks a column that was named, or has it twice.
    init(heading: CSVParser.Row, columns: [String: String], _ schema: AttributeSchema) throws(ContactsError) {
        let names = heading.cells.map(CSVCell.unguarded)
        var found: [Column] = []
        for (name, path) in columns.sorted(by: { $0.key < $1.key }) {
            let indices = names.indices.filter { names[$0] == name }
            guard indices.count == 1, let target = Target(path) else {
                throw .importFormat(
                    line: heading.line, indices.isEmpty ? "lacks a column that was named" : "has a column that was named twice")
            }
            found.append(Column(index: indices[0], heading: name, path: path, target: target))
        }
        self.columns = found.sorted { $0.index < $1.index }
        self.schema = schema
        width = names.count
    }

    /// A row as a contact. An empty cell says nothing.
    func read(_ row: CSVParser.Row) -> ImportRow {
        var read = ImportRow(line: row.line)
        guard row.cells.count == width else {
            read.fail("", "has \(row.cells.count) cells where the heading has \(width)")
            return read
        }
        for column in columns {
            let text = CSVCell.unguarded(row.cells[column.index])
            if !text.isEmpty { set(column, text, in: &read) }
        }
        if read.failures.isEmpty, read.fields == ContactFields(), read.candidates.isEmpty { read.fail("", "has no value") }
        for violation in read.fields.violations + schema.violations(of: read.fields, insteadOf: ContactFields()) {
            read.fail(columns.first { $0.path == violation.field }?.heading ?? "", violation.description)
        }
        return read
    }

    private func set(_ column: Column, _ text: String, in row: inout ImportRow) {
        switch column.target {
        case .displayName: row.fields.displayName = text
        case .locale: row.fields.locale = text
        case .note: row.fields.note = text
        case .timeZone:
            row.fields.timeZone = text
            if !TimeZoneNames.contains(text) { row.fail(column.heading, "must be an IANA time zone, such as America/Sao_Paulo") }
        case .ownerID:
            row.fields.ownerID = UUID(id: text)
            if row.fields.ownerID == nil { row.fail(column.heading, "must be a UUID") }
        case .attribute(let key):
            let type = schema.definitions[key]?.type
            guard let value = AttributeValue(cell: text, as: type) else {
                return row.fail(column.heading, "is no value of the attribute's type")
            }
            row.fields.attributes[key] = value
        case .identities(let kind):
            for address in text.split(whereSeparator: { $0.isNewline || $0 == ";" }) {
                do {
                    let address = try ChannelAddress(kind: kind, address: address.trimmed)
                    if !row.candidates.contains(where: { $0.address == address }) {
                        row.candidates.append(IdentityCandidate(address: address, source: .import))
                    }
                } catch {
                    row.fail(column.heading, error.problem)
                }
            }
        }
    }
}

/// A row of an import, read.
struct ImportRow: Sendable {
    let line: Int
    var fields = ContactFields()
    var candidates: [IdentityCandidate] = []
    var failures: [ImportFailure] = []

    init(line: Int) {
        self.line = line
    }

    mutating func fail(_ column: String, _ description: String) {
        let failure = ImportFailure(line: Int32(clamping: line), column: column, description: description)
        if !failures.contains(failure) { failures.append(failure) }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(self.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
