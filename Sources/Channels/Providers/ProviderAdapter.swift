import FoundationEssentials

/// The way to one provider. A call may be repeated after a death, with the same key: a provider that knows keys takes it once.
protocol ProviderAdapter: Sendable {
    /// - Returns: the provider's id of the message.
    /// - Throws: `ProviderError`, with the class that says what is done next; anything else means that nobody knows, and the
    ///   same is tried again.
    func send(_ message: OutgoingMessage, over account: ProviderAccount) async throws -> String
}

/// A message as it is handed over.
struct OutgoingMessage: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        case text
        case attachments([Attachment])
        case template(id: String, language: String, variables: [String: String])
        case location(latitude: Double, longitude: Double)
        case contactCards
        case reaction(emoji: String)
    }

    struct Attachment: Sendable, Hashable {
        var id: String
        var mediaType: String
        var bytes: Int
    }

    /// Also the key by which a repetition is known.
    var messageID: UUID
    /// The customer's address on the channel. Known while it is sent, kept nowhere.
    var address: String
    var content: Content
    var text: String
}

/// An account at its provider.
struct ProviderAccount: Sendable, Hashable {
    enum Adapter: String, Sendable, Hashable, Decodable {
        /// A program that takes and refuses what the provider would: for development and tests.
        case standIn = "stand-in"
    }

    var channelAccountID: UUID
    var adapter: Adapter
    /// Where the provider answers, without a closing slash.
    var baseURL: String
    var token: String
}
