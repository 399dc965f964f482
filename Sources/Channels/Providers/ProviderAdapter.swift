import FoundationEssentials

/// The way to one provider. A call may be repeated after a death, with the same key: a provider that knows keys takes it once.
protocol ProviderAdapter: Sendable {
    /// - Returns: the provider's id of the message.
    /// - Throws: `ProviderError`, with the class that says what is done next; anything else means that nobody knows, and the
    ///   same is tried again.
    func send(_ message: OutgoingMessage, over account: ProviderAccount) async throws -> String

    /// Tells whom the address is that somebody types, or has stopped. It ends by itself; what fails is not repeated.
    func tell(typing: Bool, to address: String, over account: ProviderAccount) async throws
}

/// A message as it is handed over.
struct OutgoingMessage: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        case text
        case attachments([Attachment])
        case template(id: String, language: String, variables: [String: String])
        case location(Place)
        case contactCards([Card])
        case reaction(emoji: String)
    }

    struct Attachment: Sendable, Hashable {
        /// As providers sort files: PDF and CSV are documents to them (C27).
        enum Kind: String, Sendable, Hashable {
            case image, video, audio, document
        }

        var id: String
        var kind: Kind
        var mediaType: String
        var bytes: Int
    }

    struct Place: Sendable, Hashable {
        var latitude: Double
        var longitude: Double
        var name = ""
        var address = ""
    }

    struct Card: Sendable, Hashable, Encodable {
        var name: String
        var phoneNumbers: [String]
        var emailAddresses: [String]
    }

    /// Also the key by which a repetition is known.
    var messageID: UUID
    /// The customer's address on the channel. Known while it is sent, kept nowhere.
    var address: String
    var content: Content
    var text: String
    /// The provider's id of the message that it quotes or reacts to; empty: none.
    var quotedID = ""
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
