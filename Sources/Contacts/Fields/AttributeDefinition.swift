import WallTime

/// A custom attribute of the tenant's contacts (S44): its key, its label, and which values fit it.
struct AttributeDefinition: Sendable, Hashable {
    let key: String
    let type: AttributeType
    var displayName: String
    var description = ""
    /// What can be chosen, for the two choice types.
    var options: [String] = []
    /// For holders of `contacts.read_sensitive` only.
    var sensitive = false
    /// No longer offered for editing; stored values stay readable.
    var archived = false
    let createTime: Instant
    var updateTime: Instant
    var version: Int64 = 1

    static let displayNameLengthMax = 100
    static let descriptionLengthMax = 500
    static let optionsMax = 200
    /// Definitions of one tenant.
    static let perTenantMax = 100
}

/// What kind of value an attribute takes. The raw values stand in the database.
enum AttributeType: String, Sendable, Hashable, CaseIterable {
    case text
    case longText = "long_text"
    case number, flag, time, choice, choices, url

    var hasOptions: Bool { self == .choice || self == .choices }
}

extension AttributeDefinition {
    /// Why a value does not fit, if so.
    func problem(of value: AttributeValue) -> String? {
        switch (type, value) {
        case (.text, .text(let text)):
            text.unicodeScalars.contains(where: \.isControl) ? "must be one line without control characters" : nil
        case (.url, .text(let text)):
            text.isWebAddress ? nil : "must be a web address, such as https://example.com/plan"
        case (.choice, .text(let text)):
            options.contains(text) ? nil : "must be one of the attribute's options"
        case (.choices, .texts(let texts)):
            if !texts.allSatisfy(options.contains) {
                "must be some of the attribute's options"
            } else {
                Set(texts).count < texts.count ? "must name each option once" : nil
            }
        case (.longText, .text), (.number, .number), (.flag, .flag), (.time, .time):
            nil
        case (.text, _), (.longText, _), (.url, _), (.choice, _): "must be text"
        case (.number, _): "must be a number"
        case (.flag, _): "must be true or false"
        case (.time, _): "must be an instant"
        case (.choices, _): "must be a list of options"
        }
    }

    /// Everything that is wrong with the definition itself, by path of AttributeDefinition.
    var violations: [FieldViolation] {
        var violations = malformed
        func require(_ holds: Bool, _ field: String, _ description: String) {
            if !holds { violations.append(FieldViolation(field, description)) }
        }
        require(AttributeValue.isKey(key), "key", "must be of the form [a-z][a-z0-9_]{0,62}")
        require(!displayName.isEmpty, "display_name", "is required")
        require(options.isEmpty || type.hasOptions, "options", "must be empty for an attribute of this type")
        require(!options.isEmpty || !type.hasOptions, "options", "is required for an attribute of this type")
        return violations
    }

    /// What no definition can have, whatever its type.
    var malformed: [FieldViolation] {
        var violations: [FieldViolation] = []
        func require(_ holds: Bool, _ field: String, _ description: String) {
            if !holds { violations.append(FieldViolation(field, description)) }
        }
        if let problem = displayName.problem(asLineOf: Self.displayNameLengthMax) { require(false, "display_name", problem) }
        require(
            description.unicodeScalars.count <= Self.descriptionLengthMax, "description",
            "must have at most \(Self.descriptionLengthMax) characters")
        require(options.count <= Self.optionsMax, "options", "must be at most \(Self.optionsMax)")
        require(Set(options).count == options.count, "options", "must be different from each other")
        require(
            options.allSatisfy { !$0.isEmpty && $0.problem(asLineOf: AttributeValue.listTextLengthMax) == nil }, "options",
            "must be lines of 1 to \(AttributeValue.listTextLengthMax) characters")
        return violations
    }
}

extension String {
    /// An http or https address of at most 2,000 characters without white space.
    var isWebAddress: Bool {
        guard unicodeScalars.count <= AttributeValue.textLengthMax, let colon = range(of: "://") else { return false }
        let host = self[colon.upperBound...].prefix { !"/?#".contains($0) }
        return ["http", "https"].contains(self[..<colon.lowerBound].lowercased()) && !host.isEmpty
            && unicodeScalars.allSatisfy { !$0.properties.isWhitespace && !$0.isControl }
    }

    private func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}
