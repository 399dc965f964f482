import ServiceRuntime
import WallTime

/// A column of an exported file: a path in Contact, and what a contact has there. Several values stand one per line.
enum ExportColumn: Sendable, Hashable {
    case contactID, state, displayName, ownerID, locale, timeZone, note
    case identities(IdentityKind)
    case attribute(String)
    case lastActivityTime, createTime, updateTime

    static let countMax = 200

    /// Every field, then these attributes.
    static func all(attributes keys: [String]) -> [ExportColumn] {
        plain.map(\.column) + IdentityKind.allCases.map(Self.identities) + keys.map(Self.attribute)
    }

    private static let plain: [(path: String, column: ExportColumn)] = [
        ("contact_id", .contactID), ("state", .state), ("display_name", .displayName), ("owner_id", .ownerID),
        ("locale", .locale), ("time_zone", .timeZone), ("note", .note), ("last_activity_time", .lastActivityTime),
        ("create_time", .createTime), ("update_time", .updateTime),
    ]

    /// `nil` for what is no path of a column.
    init?(_ path: String) {
        let key = path.firstIndex(of: ".").map { String(path[path.index(after: $0)...]) } ?? ""
        if let plain = Self.plain.first(where: { $0.path == path }) {
            self = plain.column
        } else if path.hasPrefix("identities."), let kind = IdentityKind(rawValue: key) {
            self = .identities(kind)
        } else if path.hasPrefix("attributes."), AttributeValue.isKey(key) {
            self = .attribute(key)
        } else {
            return nil
        }
    }

    var path: String {
        switch self {
        case .identities(let kind): "identities.\(kind.rawValue)"
        case .attribute(let key): "attributes.\(key)"
        default: Self.plain.first { $0.column == self }?.path ?? ""
        }
    }

    func text(of contact: Contact) -> String {
        switch self {
        case .contactID: contact.id.description
        case .state: contact.state.rawValue
        case .displayName: contact.fields.displayName
        case .ownerID: contact.fields.ownerID?.text ?? ""
        case .locale: contact.fields.locale
        case .timeZone: contact.fields.timeZone
        case .note: contact.fields.note
        case .identities(let kind):
            contact.identities.filter { $0.address.kind == kind }.map(\.address.address).joined(separator: "\n")
        case .attribute(let key): contact.fields.attributes[key]?.cellText ?? ""
        case .lastActivityTime: contact.lastActivityTime?.description ?? ""
        case .createTime: contact.createTime.description
        case .updateTime: contact.updateTime.description
        }
    }
}

extension AttributeValue {
    /// As a cell has it.
    fileprivate var cellText: String {
        switch self {
        case .text(let text): text
        case .number(let number): number.rounded() == number && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
        case .flag(let flag): flag ? "true" : "false"
        case .time(let instant): instant.description
        case .texts(let texts): texts.joined(separator: "\n")
        }
    }

    /// What a cell says, for an attribute of a type; `nil` type: one that is not defined.
    init?(cell text: String, as type: AttributeType?) {
        switch type {
        case .number:
            guard let number = Double(text), number.isFinite else { return nil }
            self = .number(number)
        case .flag:
            guard let flag = Bool(text.lowercased()) else { return nil }
            self = .flag(flag)
        case .time:
            guard let instant = Instant(rfc3339: text) else { return nil }
            self = .time(instant)
        case .choices: self = .texts(text.split(whereSeparator: \.isNewline).map(String.init))
        case .text, .longText, .choice, .url, nil: self = .text(text)
        }
    }
}
