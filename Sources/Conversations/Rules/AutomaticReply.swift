/// C45: what the system says by itself on one occasion, in the languages it knows it in.
struct AutomaticReply: Hashable, Sendable {
    /// The raw values stand in the database.
    enum Occasion: String, CaseIterable, Sendable {
        case greeting, transferred, closed, survey
        case nobodyAvailable = "nobody_available"
        case outsideHours = "outside_hours"
    }

    struct Text: Hashable, Sendable {
        /// BCP 47; empty: for everybody whose language no other text is in.
        var locale: String
        var text: String
    }

    static let textsMax = 20
    static let textCharactersMax = 1_000
    static let localeCharactersMax = 35

    var texts: [Text]
}

extension AutomaticReply {
    /// The text for somebody: for each locale in turn, the customer's and then the tenant's (C59), in that language and region or
    /// in that language; else the one for everybody; failing all of them the first.
    ///
    /// - Parameter locales: BCP 47, in any case; an empty one: nobody knows it.
    /// - Returns: `nil` where nothing is said.
    func text(for locales: [String]) -> Text? {
        for locale in locales where !locale.isEmpty {
            let (whole, language) = (locale.lowercased(), locale.language)
            let found =
                texts.first { $0.locale.lowercased() == whole } ?? texts.first { $0.locale.lowercased() == language }
                ?? texts.first { !$0.locale.isEmpty && $0.locale.language == language }
            if let found { return found }
        }
        return texts.first { $0.locale.isEmpty } ?? texts.first
    }
}

extension String {
    /// The language of a locale, without script and region.
    var language: String { String(prefix { $0 != "-" && $0 != "_" }).lowercased() }
}
