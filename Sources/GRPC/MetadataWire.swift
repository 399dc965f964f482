import HTTP2

/// Metadata as header fields, and back.
extension Metadata {
    /// Appends the pairs as header fields.
    func append(to fields: inout [HeaderField]) {
        for entry in entries {
            switch entry.value {
            case .ascii(let text): fields.append(HeaderField(entry.name, text))
            case .binary(let bytes): fields.append(HeaderField(entry.name, Base64.encode(bytes)))
            }
        }
    }

    /// The application's pairs among received fields. Binary values that are not base64 are left out, as are fields of
    /// the protocol. A `-bin` field may hold several values, parted by commas.
    init(received fields: [HeaderField]) {
        self.init()
        for field in fields { add(received: field) }
    }

    mutating func add(received field: HeaderField) {
        guard !Self.isReserved(field.name) else { return }
        guard field.name.hasSuffix("-bin") else { return addUnchecked(name: field.name, value: .ascii(field.value)) }
        for part in field.value.split(separator: ",", omittingEmptySubsequences: false) {
            let part = part.trimmingSpaces()
            if let bytes = Base64.decode(part) { addUnchecked(name: field.name, value: .binary(bytes)) }
        }
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
