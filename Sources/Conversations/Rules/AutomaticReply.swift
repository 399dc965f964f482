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

extension AutomaticReply {
    /// What is said where nobody has set anything: whom nobody serves on web chat is told so, and asked where he can be reached
    /// (C15). A tenant who wants silence sets a reply without texts.
    static func standard(on occasion: Occasion, over channel: ChannelKind) -> AutomaticReply? {
        guard occasion == .nobodyAvailable, channel == .webchat else { return nil }
        return AutomaticReply(texts: [
            Text(
                locale: "",
                text: "Nobody is available right now. Leave us your e-mail address or phone number, and we will get back to you."),
            Text(
                locale: "pt",
                text: "No momento não há ninguém disponível. Deixe seu e-mail ou telefone e entraremos em contato."),
            Text(
                locale: "es",
                text: "En este momento no hay nadie disponible. Déjenos su correo electrónico o teléfono y le responderemos."),
        ])
    }
}

extension String {
    /// The language of a locale, without script and region.
    var language: String { String(prefix { $0 != "-" && $0 != "_" }).lowercased() }
}
