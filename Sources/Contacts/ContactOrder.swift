/// The order of a list of contacts. Ties are broken by id, so that every contact has one place.
struct ContactOrder: Sendable, Hashable {
    enum Field: String, Sendable, Hashable, CaseIterable {
        case displayName = "display_name"
        case createTime = "create_time"
        case updateTime = "update_time"
        case lastActivityTime = "last_activity_time"
    }

    var field: Field
    var descending: Bool

    static let newestFirst = ContactOrder(field: .createTime, descending: true)

    init(field: Field, descending: Bool) {
        self.field = field
        self.descending = descending
    }

    /// "display_name", "create_time desc"; empty means newest first. `nil` for anything else.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard let first = words.first else {
            self = .newestFirst
            return
        }
        guard let field = Field(rawValue: String(first)), words.count <= 2 else { return nil }
        guard words.count == 1 || words[1] == "desc" || words[1] == "asc" else { return nil }
        self.init(field: field, descending: words.count == 2 && words[1] == "desc")
    }
}
