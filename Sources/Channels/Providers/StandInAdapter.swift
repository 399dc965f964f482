import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import ServiceRuntime

/// Sends over HTTP to a program that stands in for a provider: `POST <base>/accounts/<id>/messages` with the message's id as
/// Idempotency-Key, and `POST <base>/accounts/<id>/typing` with `{"to", "typing"}`. It answers 200 `{"id"}`, or `{"error": {"code"}}` with a code of the Graph API.
struct StandInAdapter: ProviderAdapter {
    static let timeout: Duration = .seconds(10)
    static let answerBytesMax = 64 << 10

    var timeout: Duration = Self.timeout

    func send(_ message: OutgoingMessage, over account: ProviderAccount) async throws -> String {
        let (status, body): (UInt, [UInt8])
        do {
            (status, body) = try await post(message, account)
        } catch {
            try Task.checkCancellation()
            // No answer, a broken one, or none in time: it may have come through. The key tells the provider that it is the
            // same.
            throw ProviderError(errorClass: .transient)
        }
        if status == 200 {
            guard let taken = try? JSONDecoder().decode(Taken.self, from: Data(body)), !taken.id.isEmpty, taken.id.count <= 255
            else { throw ProviderError(errorClass: .transient, code: "\(status)") }
            return taken.id
        }
        guard let refused = try? JSONDecoder().decode(Refused.self, from: Data(body)) else {
            throw ProviderError(errorClass: .init(httpStatus: Int(status)), code: "\(status)")
        }
        throw ProviderError(errorClass: .init(graphCode: refused.error.code), code: "\(refused.error.code)")
    }

    func tell(typing: Bool, to address: String, over account: ProviderAccount) async throws {
        let (status, _) = try await post(StandInTyping(to: address, typing: typing), "typing", account)
        guard status == 200 else { throw ProviderError(errorClass: .init(httpStatus: Int(status)), code: "\(status)") }
    }

    private func post(_ message: OutgoingMessage, _ account: ProviderAccount) async throws -> (UInt, [UInt8]) {
        try await post(StandInMessage(message), "messages", account, key: message.messageID.text)
    }

    private func post(
        _ body: some Encodable, _ path: String, _ account: ProviderAccount, key: String? = nil
    ) async throws -> (UInt, [UInt8]) {
        var request = HTTPClientRequest(url: "\(account.baseURL)/accounts/\(account.channelAccountID.text)/\(path)")
        request.method = .POST
        request.headers = ["Content-Type": "application/json", "Authorization": "Bearer \(account.token)"]
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        let response = try await HTTPClient.direct.execute(
            request, timeout: TimeAmount(timeout))
        let body = try await response.body.collect(upTo: Self.answerBytesMax)
        return (response.status.code, Array(body.readableBytesView))
    }

    private struct Taken: Decodable { var id: String }
    private struct Refused: Decodable {
        var error: Details
        struct Details: Decodable { var code: Int }
    }
}

/// What the stand-in reads of typing.
private struct StandInTyping: Encodable {
    var to: String
    var typing: Bool
}

/// The message as the stand-in reads it.
private struct StandInMessage: Encodable {
    struct Template: Encodable {
        var id: String
        var language: String
        var variables: [String: String]
    }

    struct Place: Encodable {
        var latitude: Double
        var longitude: Double
        var name: String
        var address: String
    }

    struct Attachment: Encodable {
        var id: String
        var kind: String
        var mediaType: String
        var bytes: Int
    }

    var to: String
    var type: String
    var text: String
    var template: Template?
    var attachments: [Attachment]?
    var location: Place?
    var contactCards: [OutgoingMessage.Card]?
    var emoji: String?
    var quoted: String?

    init(_ message: OutgoingMessage) {
        to = message.address
        text = message.text
        if !message.quotedID.isEmpty { quoted = message.quotedID }
        switch message.content {
        case .text: type = "text"
        case .attachments(let files):
            type = "attachment"
            attachments = files.map {
                Attachment(id: $0.id, kind: $0.kind.rawValue, mediaType: $0.mediaType, bytes: $0.bytes)
            }
        case .template(let id, let language, let variables):
            type = "template"
            template = Template(id: id, language: language, variables: variables)
        case .location(let place):
            type = "location"
            location = Place(
                latitude: place.latitude, longitude: place.longitude, name: place.name, address: place.address)
        case .contactCards(let cards):
            type = "contact_cards"
            contactCards = cards
        case .reaction(let emoji):
            type = "reaction"
            self.emoji = emoji
        }
    }
}
