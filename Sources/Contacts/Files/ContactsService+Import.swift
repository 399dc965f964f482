import ContactsV1
import Crypto
import FoundationEssentials
import GRPC
import ServiceRuntime

// Contacts from a CSV file of any size: at no time is more of it kept than one piece and the rows that end in it.
extension ContactsService {
    func importContacts(
        _ requests: RequestStream<ImportContactsRequest>, _ context: ServerContext
    ) async throws -> ImportContactsResponse {
        try await importContacts(from: requests, context)
    }

    func importContacts<Parts: AsyncSequence>(
        from messages: Parts, _ context: ServerContext
    ) async throws -> ImportContactsResponse where Parts.Element == ImportContactsRequest {
        var parts = messages.makeAsyncIterator()
        guard case .options(let options)? = try await parts.next()?.part else {
            throw ContactsError.invalid("options", "come first")
        }
        var parser = CSVParser(delimiter: try options.checkedDelimiter)
        var run = ImportRun(service: self, context: context, options: options)
        while let message = try await parts.next() {
            guard case .chunk(let bytes)? = message.part, (1...Self.chunkBytesMax).contains(bytes.count) else {
                throw ContactsError.invalid("chunk", "must be 1 to \(Self.chunkBytesMax) bytes of the file")
            }
            let rows: [CSVParser.Row]
            (parser, rows) = try await offloaded { [parser] in
                var parser = parser
                let rows = try parser.push(bytes)
                return (parser, rows)
            }
            try await run.take(rows)
        }
        let last: CSVParser.Row? = try await offloaded { [parser] in
            var parser = parser
            return try parser.finish()
        }
        if let last { try await run.take([last]) }
        return try run.answer
    }

    static let chunkBytesMax = 262_144

    private func offloaded<Answer: Sendable>(_ work: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        do {
            return try await surroundings.offload.run("csv") { try work() }
        } catch let error as CSVParser.Malformed {
            throw ContactsError.importFormat(line: error.line, error.problem)
        }
    }
}

extension ImportOptions {
    /// Everything of the options that can be wrong is told at once.
    fileprivate var checkedDelimiter: UInt8 {
        get throws {
            var reading = RequestReading()
            reading.require(requestID.isEmpty || UUID(id: requestID) != nil, "options.request_id", "must be a UUID")
            reading.require(!columns.isEmpty, "options.columns", "is required")
            reading.require(columns.count <= CSVParser.cellsMax, "options.columns", "must be at most \(CSVParser.cellsMax)")
            for (heading, path) in columns.sorted(by: { $0.key < $1.key }) where ImportPlan.Target(path) == nil {
                reading.note("options.columns.\(heading)", "names no path that an import fills")
            }
            let byte = delimiter.utf8.first ?? UInt8(ascii: ",")
            reading.require(
                delimiter.utf8.count <= 1 && !"\"\r\n\0".utf8.contains(byte), "options.delimiter", "must be one ASCII character")
            try reading.finish()
            return byte
        }
    }
}

/// One import under way: the rows are applied in transactions of a few.
private struct ImportRun: Sendable {
    /// Enough to make the commit cheap, few enough to keep its locks short.
    static let batchMax = 50
    static let failuresMax = 1_000

    let service: ContactsService
    let context: ServerContext
    let options: ImportOptions
    private var plan: ImportPlan?
    private var counts = ImportContactsResponse()

    init(service: ContactsService, context: ServerContext, options: ImportOptions) {
        self.service = service
        self.context = context
        self.options = options
    }

    /// - Throws: IMPORT_FORMAT_INVALID for a file without a heading.
    var answer: ImportContactsResponse {
        get throws {
            guard plan != nil else { throw ContactsError.importFormat(line: 1, "has no heading") }
            return counts
        }
    }

    mutating func take(_ rows: [CSVParser.Row]) async throws {
        var rest = rows[...]
        if plan == nil, let heading = rest.popFirst() {
            let schema = try await service.reading(context) { store in try await store.schema() }
            plan = try ImportPlan(heading: heading, columns: options.columns, schema)
        }
        guard let plan else { return }
        while !rest.isEmpty {
            let batch = rest.prefix(Self.batchMax)
            rest = rest.dropFirst(Self.batchMax)
            for outcome in try await apply(batch.map(plan.read)) { count(outcome) }
        }
    }

    private mutating func count(_ outcome: ImportContactsResponse) {
        counts.createdCount += outcome.createdCount
        counts.updatedCount += outcome.updatedCount
        counts.skippedCount += outcome.skippedCount
        counts.failedCount += outcome.failedCount
        counts.failures += outcome.failures.prefix(Self.failuresMax - counts.failures.count)
    }

    /// The rows together, or, where one of them is refused after it has begun to change something, each by itself.
    private func apply(_ rows: [ImportRow]) async throws -> [ImportContactsResponse] {
        do {
            return try await commit(rows)
        } catch let error as ContactsError {
            guard rows.count > 1, let first = rows.first else { return [.failed(rows.first, error)] }
            return try await apply([first]) + apply(Array(rows.dropFirst()))
        }
    }

    private func commit(_ rows: [ImportRow]) async throws -> [ImportContactsResponse] {
        do {
            return try await service.changing(context) { changes in
                var outcomes: [ImportContactsResponse] = []
                for row in rows { outcomes.append(try await once(row, changes)) }
                if options.validateOnly { throw RolledBack(outcomes: outcomes) }
                return outcomes
            }
        } catch let dryRun as RolledBack {
            return dryRun.outcomes
        }
    }

    /// What was checked only.
    private struct RolledBack: Error {
        let outcomes: [ImportContactsResponse]
    }

    /// A row of an import that is repeated under its request_id answers what it answered.
    private func once(_ row: ImportRow, _ changes: ContactChanges) async throws -> ImportContactsResponse {
        guard row.failures.isEmpty else {
            return ImportContactsResponse(failedCount: 1, failures: row.failures)
        }
        let isRepeatable = !options.requestID.isEmpty && !options.validateOnly
        let id = isRepeatable ? UUID(derivedFrom: "\(options.requestID.lowercased())/\(row.line)").text : ""
        return try await service.surroundings.requests.once(
            id, row.message, context, in: changes.store.transaction
        ) {
            try await store(row, changes)
        }
    }

    private func store(_ row: ImportRow, _ changes: ContactChanges) async throws -> ImportContactsResponse {
        let holders = try await changes.store.holders(of: row.candidates.map(\.address))
        guard holders.count <= 1 else { return .failed(row, "its addresses are different contacts'") }
        guard let holder = holders.first else {
            var contact = try await changes.create(row.fields)
            if let other = try await changes.add(row.candidates, to: &contact).first {
                throw ContactsError.identityTaken(by: other)
            }
            return ImportContactsResponse(createdCount: 1)
        }
        guard options.updateExisting else { return ImportContactsResponse(skippedCount: 1) }
        return try await update(holder, row, changes)
    }

    private func update(_ id: ContactID, _ row: ImportRow, _ changes: ContactChanges) async throws -> ImportContactsResponse {
        var contact = try await changes.activeContact(id, version: nil)
        let (before, known) = (contact.version, Set(contact.identities.map(\.address)))
        let missing = row.candidates.filter { !known.contains($0.address) }
        let fields = row.fields.filled(from: contact.fields)
        guard fields.attributes.count <= AttributeValue.perContactMax else {
            return .failed(row, "the contact would have more than \(AttributeValue.perContactMax) attributes")
        }
        if !missing.isEmpty {
            if let other = try await changes.add(missing, to: &contact).first { throw ContactsError.identityTaken(by: other) }
            try await changes.noteIdentityChange(contact.identities[contact.identities.count - 1].id, of: &contact)
        }
        var written = fields
        if written.ownerID == nil { written.ownerID = contact.fields.ownerID }
        if written.note.isEmpty { written.note = contact.fields.note }
        contact = try await changes.update(contact, to: written)
        return contact.version == before ? ImportContactsResponse(skippedCount: 1) : ImportContactsResponse(updatedCount: 1)
    }
}

extension ImportContactsResponse {
    fileprivate static func failed(_ row: ImportRow?, _ description: String) -> Self {
        var row = row ?? ImportRow(line: 1)
        row.fail("", description)
        return Self(failedCount: 1, failures: row.failures)
    }

    fileprivate static func failed(_ row: ImportRow?, _ error: ContactsError) -> Self {
        failed(row, error.failure.message)
    }
}

extension ImportRow {
    /// What the row says, for the comparison with a repetition.
    fileprivate var message: CreateContactRequest {
        CreateContactRequest(
            contact: ContactsV1.Contact(
                displayName: fields.displayName, ownerID: fields.ownerID?.text ?? "", locale: fields.locale,
                timeZone: fields.timeZone, attributes: [:],
                note: fields.note + fields.attributes.sorted { $0.key < $1.key }.map { "\n\($0.key)=\($0.value)" }.joined()),
            identities: candidates.map { .init(kind: $0.address.kind.wire, address: $0.address.address) })
    }
}

extension UUID {
    /// The same text always gives the same id.
    fileprivate init(derivedFrom text: String) {
        let digest = Array(SHA256.hash(data: Array(text.utf8)).prefix(16))
        self.init(
            uuid: (
                digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7], digest[8], digest[9],
                digest[10], digest[11], digest[12], digest[13], digest[14], digest[15]
            ))
    }
}
