import ConversationsV1
import Protobuf
import ServiceRuntime

// What the parts hold that only some kinds of message have.
extension Violations {
    private static let contentBytesMax = 65_536
    private static let cardsMax = 20

    /// - Returns: the content as it is stored. A customer's is kept whole (C48), so this is its only bound.
    mutating func content(_ content: MessageContent?, _ field: String) -> [UInt8]? {
        let bytes = content.map { $0.serialized() }
        require((bytes?.count ?? 0) <= Self.contentBytesMax, field, "is larger than 64 KiB", reason: "LENGTH")
        return bytes
    }

    /// What an agent may send.
    mutating func sent(_ content: MessageContent, _ field: String) {
        switch content.content {
        case .location(let location): sent(location, "\(field).location")
        case .reaction(let reaction): text(reaction.emoji, "\(field).reaction.emoji", 0...64)
        case .template(let use): _ = template(use, "\(field).template")
        case .contactCards(let cards):
            count(cards.cards, "\(field).contact_cards.cards", max: Self.cardsMax)
            for (index, card) in cards.cards.prefix(Self.cardsMax).enumerated() {
                sent(card, "\(field).contact_cards.cards[\(index)]")
            }
        // Those are never sent.
        case .choice, .unsupportedKind, nil: break
        }
    }

    /// A template to send. What it says is the templates service's to judge (C29).
    mutating func template(_ use: TemplateUse, _ field: String) -> TemplateWish {
        _ = id(use.templateID, "\(field).template_id")
        text(use.language, "\(field).language", 0...35)
        _ = optionalID(use.headerAttachmentID, "\(field).header_attachment_id")
        if let place = use.headerPlace { sent(place, "\(field).header_place") }
        require(use.serialized().count <= Self.contentBytesMax, field, "is larger than 64 KiB", reason: "LENGTH")
        return TemplateWish(use: use, field: field)
    }

    private mutating func sent(_ location: Location, _ field: String) {
        require((-90...90).contains(location.latitude), "\(field).latitude", "is not within -90 to 90", reason: "RANGE")
        require((-180...180).contains(location.longitude), "\(field).longitude", "is not within -180 to 180", reason: "RANGE")
        text(location.displayName, "\(field).display_name", 0...1_000)
        text(location.postalAddress, "\(field).postal_address", 0...1_000)
    }

    private mutating func sent(_ card: ContactCard, _ field: String) {
        text(card.displayName, "\(field).display_name", 1...200)
        for (name, values) in [("phone_numbers", card.phoneNumbers), ("email_addresses", card.emailAddresses)] {
            count(values, "\(field).\(name)", max: Self.cardsMax)
            for (index, value) in values.prefix(Self.cardsMax).enumerated() {
                text(value, "\(field).\(name)[\(index)]", 1...320)
            }
        }
    }
}
