/// An e-mail address as RFC 5321 writes a mailbox, without quoted local parts and address literals. UTF-8 is allowed
/// (RFC 6531).
struct EmailAddress: Hashable, Sendable {
    /// The part before the at sign, as given: in principle its case belongs to the receiver.
    let local: String
    /// The domain in lower case.
    let domain: String

    /// `nil` unless there is one at sign with 1 to 64 bytes before it and a dotted domain of at most 255 bytes behind it.
    init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let (local, domain) = (String(parts[0]), parts[1].lowercased())
        guard (1...64).contains(local.utf8.count), (1...255).contains(domain.utf8.count) else { return nil }
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy({ (1...63).contains($0.utf8.count) }) else { return nil }
        guard !local.hasPrefix("."), !local.hasSuffix("."), !local.contains("..") else { return nil }
        guard text.unicodeScalars.allSatisfy({ EmailAddress.isAllowed($0) }) else { return nil }
        self.local = local
        self.domain = domain
    }

    /// The address as mail is sent to it.
    var address: String { "\(local)@\(domain)" }

    /// The form in which addresses are compared. No provider in use tells mailboxes apart by case alone.
    var canonical: String { address.lowercased() }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "@": true
        case " ", "\"", "(", ")", ",", ":", ";", "<", ">", "[", "\\", "]": false
        default: !scalar.properties.isWhitespace && !scalar.isControl
        }
    }
}

extension Unicode.Scalar {
    /// A control or invisible formatting character: it has no place in one line of text.
    var isControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }
}
