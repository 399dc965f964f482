import ContactsV1
import GRPC
import ServiceRuntime

// Contacts as a CSV file of any size, read page by page.
extension ContactsService {
    func exportContacts(
        _ request: ExportContactsRequest, _ responses: ResponseWriter<ExportContactsResponse>, _ context: ServerContext
    ) async throws {
        try await exportContacts(request, context) { chunk in try await responses.write(ExportContactsResponse(chunk: chunk)) }
    }

    func exportContacts(
        _ request: ExportContactsRequest, _ context: ServerContext, write: ([UInt8]) async throws -> Void
    ) async throws {
        let filter = try ContactFilter(reading: request.filter)
        let columns = try await columns(request.columns, filter, context)
        guard let order = ContactOrder("create_time") else { preconditionFailure("an order of ContactOrder's") }

        try await send(CSVCell.row(columns.map(\.path)), write)
        var place: ContactPlace?
        repeat {
            let page = try await reading(context) { [place] store in
                try await shown(store.contacts(filter, order, after: place, limit: Self.exportPageSize), store, context)
            }
            let text = try await surroundings.offload.run("csv") {
                page.map { contact in CSVCell.row(columns.map { $0.text(of: contact) }) }.joined()
            }
            try await send(text, write)
            place = page.count < Self.exportPageSize ? nil : page.last.map { ContactPlace(of: $0, in: order) }
        } while place != nil
    }

    private static let exportPageSize = 200

    /// The columns asked for, or all: every field, and every attribute that is defined or that a contact carries.
    private func columns(
        _ paths: [String], _ filter: ContactFilter, _ context: ServerContext
    ) async throws -> [ExportColumn] {
        var reading = RequestReading()
        reading.require(paths.count <= ExportColumn.countMax, "columns", "must be at most \(ExportColumn.countMax)")
        let named = paths.prefix(ExportColumn.countMax).enumerated().compactMap { index, path -> ExportColumn? in
            let column = ExportColumn(path)
            reading.require(column != nil, "columns[\(index)]", "is no column of an export")
            return column
        }
        try reading.finish()
        return try await self.reading(context) { store in
            let hidden = try await hiddenKeys(store, context)
            try filter.check(hidden: hidden)
            guard paths.isEmpty else {
                guard !named.contains(where: { hidden.contains($0.attributeKey ?? "") }) else {
                    throw Failure.permissionDenied(Permission.contactsReadSensitive.rawValue)
                }
                return named
            }
            let keys = try await store.attributeKeys(limit: ExportColumn.countMax).filter { !hidden.contains($0) }
            return ExportColumn.all(attributes: keys)
        }
    }

    private func send(_ text: String, _ write: ([UInt8]) async throws -> Void) async throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            try await write(Array(bytes.prefix(Self.chunkBytesMax)))
            bytes = bytes.dropFirst(Self.chunkBytesMax)
        }
    }
}

extension ExportColumn {
    fileprivate var attributeKey: String? {
        if case .attribute(let key) = self { key } else { nil }
    }
}
