import FoundationEssentials
import WallTime

/// A person or organisation that talks with the tenant.
struct Contact: Sendable, Hashable {
    let id: ContactID
    var state: State
    var fields: ContactFields
    /// In the order in which they were added.
    var identities: [ChannelIdentity]
    var block: Block?
    /// For a merged contact: the one that holds its identities now.
    var mergedInto: ContactID?
    var lastActivityTime: Instant?
    let createTime: Instant
    var updateTime: Instant
    /// Counts the changes of the contact and its identities, from 1. It is the etag.
    var version: Int64

    /// Whether a contact can be worked with. The raw values stand in the database.
    enum State: String, Sendable, Hashable, CaseIterable {
        case active, merged, erased
    }
}

/// What people may say about a contact.
struct ContactFields: Sendable, Hashable, Codable {
    /// One line; empty where nobody has told us.
    var displayName = ""
    /// The agent the contact belongs to.
    var ownerID: UUID?
    /// BCP 47; empty: the tenant's.
    var locale = ""
    /// IANA; empty: the tenant's.
    var timeZone = ""
    var note = ""
    var attributes: [String: AttributeValue] = [:]

    static let displayNameLengthMax = 200
    static let noteLengthMax = 5_000
}

extension ContactFields {
    /// Everything that is wrong, each by its path in the contract's Contact.
    var violations: [FieldViolation] {
        var violations: [FieldViolation] = []
        func check(_ path: String, _ problem: String?) {
            if let problem { violations.append(FieldViolation(path, problem)) }
        }
        check("display_name", displayName.problem(asLineOf: Self.displayNameLengthMax))
        check("locale", locale.isEmpty || locale.isLanguageTag ? nil : "must be a language tag (BCP 47), such as pt-BR")
        check(
            "time_zone",
            timeZone.isEmpty || timeZone.isTimeZoneName ? nil : "must be an IANA time zone, such as America/Sao_Paulo")
        check("note", note.unicodeScalars.count > Self.noteLengthMax ? "must have at most \(Self.noteLengthMax) characters" : nil)
        check("note", note.unicodeScalars.contains("\0") ? "must not contain U+0000" : nil)
        if attributes.count > AttributeValue.perContactMax {
            check("attributes", "must be at most \(AttributeValue.perContactMax)")
        }
        for (key, value) in attributes.sorted(by: { $0.key < $1.key }) {
            check("attributes", AttributeValue.isKey(key) ? nil : "must have keys of the form [a-z][a-z0-9_]{0,62}")
            check("attributes.\(key)", value.problem)
        }
        return violations
    }

    /// Takes what is missing here from the defaults; overwrites nothing.
    func filled(from defaults: ContactFields) -> ContactFields {
        var fields = self
        if fields.displayName.isEmpty { fields.displayName = defaults.displayName }
        if fields.locale.isEmpty { fields.locale = defaults.locale }
        if fields.timeZone.isEmpty { fields.timeZone = defaults.timeZone }
        fields.attributes.merge(defaults.attributes) { known, _ in known }
        return fields
    }
}

/// A field of a request that cannot be taken, by its path.
struct FieldViolation: Sendable, Hashable {
    let field: String
    let description: String

    init(_ field: String, _ description: String) {
        self.field = field
        self.description = description
    }

    /// The same violation seen from the message that holds the field.
    func inside(_ field: String) -> FieldViolation {
        FieldViolation("\(field).\(self.field)", description)
    }
}

extension String {
    /// What keeps the text from being one line of at most so many characters, if anything.
    func problem(asLineOf lengthMax: Int) -> String? {
        if unicodeScalars.count > lengthMax { return "must have at most \(lengthMax) characters" }
        if unicodeScalars.contains(where: \.isControl) { return "must be one line without control characters" }
        return nil
    }

    /// The shape of a BCP 47 tag: a language of 2 to 8 letters, then subtags of 1 to 8 letters and digits; 35 in all.
    fileprivate var isLanguageTag: Bool {
        let subtags = split(separator: "-", omittingEmptySubsequences: false)
        guard utf8.count <= 35, let language = subtags.first, (2...8).contains(language.utf8.count) else { return false }
        guard language.allSatisfy({ $0.isASCII && $0.isLetter }) else { return false }
        return subtags.dropFirst().allSatisfy { subtag in
            (1...8).contains(subtag.utf8.count) && subtag.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
    }

    /// The shape of an IANA name: "UTC", "America/Argentina/Buenos_Aires". Whether the zone exists is asked where a name comes
    /// in (TimeZoneNames): what is stored stays good when a zone goes.
    fileprivate var isTimeZoneName: Bool {
        let parts = split(separator: "/", omittingEmptySubsequences: false)
        guard utf8.count <= 64, (1...3).contains(parts.count) else { return false }
        return parts.allSatisfy { part in
            guard let first = part.first, first.isASCII, first.isLetter else { return false }
            return part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_+-".contains($0)) }
        }
    }
}
