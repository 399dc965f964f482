/// One place where a contract breaks a rule.
package struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// buf's name of the rule; ours, which buf does not have, begin with `SWITCHBOARD_`.
    package var rule: String
    package var place: Schema.Place
    package var message: String

    package init(_ rule: String, at place: Schema.Place, _ message: String) {
        self.rule = rule
        self.place = place
        self.message = message
    }

    /// `switchboard/contacts/v1/contacts.proto:12: FIELD_LOWER_SNAKE_CASE: ...`
    package var description: String {
        "\(place.file):\(place.line): \(rule): \(message)"
    }
}
