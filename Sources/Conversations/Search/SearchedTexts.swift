/// What a conversation's own row is found by (C62).
struct SearchedTexts: Hashable, Sendable {
    var subject: String
    var customerName: String
    /// Empty on web chat: a visitor's id is nothing that anybody would look for.
    var address: String
    var addressIsNumber: Bool
    var ticketNumber: String

    /// For an excerpt, in the order in which they tell most.
    var all: [String] { [ticketNumber, customerName, address, subject].filter { !$0.isEmpty } }

    var words: [String] {
        let texts = [subject, customerName, ticketNumber].flatMap(SearchText.plain)
        return (texts + SearchText.words(ofAddress: address, isNumber: addressIsNumber)).distinct()
    }
}

extension Conversation {
    var searchedTexts: SearchedTexts {
        SearchedTexts(
            subject: subject, customerName: customerName, address: channel == .webchat ? "" : address,
            addressIsNumber: channel == .whatsapp, ticketNumber: ticketNumber)
    }
}
