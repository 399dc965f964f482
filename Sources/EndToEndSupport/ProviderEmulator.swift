import Foundation
import ServiceRuntime
import Synchronization
import WallTime

/// A provider as far as messages to it go (CHANNELS 2.5 to 2.10, 3, 4): it takes a message once by its key, gives it an id,
/// and refuses what a provider refuses, by rules of its own: who may be written to now, which templates it knows, which kinds
/// a channel carries. It can be told to fail, to be silent, and to cut the connection.
package final class ProviderEmulator: Sendable {
    package enum Kind: String, CaseIterable, Sendable { case whatsapp, facebook, instagram, email }

    package enum Fault: Sendable {
        case code(Int)
        case status(Int)
        /// Takes the message, and the answer is lost.
        case takeAndCut
        case cut
        case silence
    }

    package struct Taken: Sendable, Hashable {
        package var key: String
        package var account: String
        package var address: String
        package var type: String
        package var text: String
        /// The whole message as it came.
        package var body: [UInt8] = []

        /// It as JSON.
        package var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:] }
    }

    package struct TypingHeard: Sendable, Hashable, Decodable {
        package var to: String
        package var typing: Bool

        package init(to: String, typing: Bool) {
            (self.to, self.typing) = (to, typing)
        }
    }

    private struct State {
        var typing: [TypingHeard] = []
        var accounts: [String: Kind] = [:]
        var templates: Set<String> = []
        var lastInbound: [String: Instant] = [:]
        var taken: [Taken] = []
        var ids: [String: String] = [:]
        var faults: [Fault] = []
        var requests = 0
        var repetitions = 0
        var policyRefusals: [Int] = []
        var isDown = false
    }

    package static let token = "token-of-a-test"

    private let state = Mutex(State())
    private let now: @Sendable () -> Instant

    package init(now: @escaping @Sendable () -> Instant) { self.now = now }

    package var taken: [Taken] { state.withLock(\.taken) }
    /// What it was told of typing, in its order.
    package var typing: [TypingHeard] { state.withLock(\.typing) }
    package var requests: Int { state.withLock(\.requests) }
    /// Requests whose key was known.
    package var repetitions: Int { state.withLock(\.repetitions) }
    /// Codes of what policy did not allow: guarantee 13 promises that there are none.
    package var policyRefusals: [Int] { state.withLock(\.policyRefusals) }

    package func add(_ account: UUID, _ kind: Kind) { state.withLock { $0.accounts[account.text] = kind } }
    package func add(template: String) { state.withLock { _ = $0.templates.insert(template) } }
    package func fail(_ faults: Fault...) { state.withLock { $0.faults += faults } }
    /// Down, it answers 503 whatever comes.
    package func set(down: Bool) { state.withLock { $0.isDown = down } }

    package func customerWrote(_ address: String, to account: UUID, at time: Instant) {
        state.withLock { $0.lastInbound["\(account.text)/\(address)"] = time }
    }

    // MARK: - Answers

    private struct Request: Decodable {
        struct Template: Decodable { var id: String }
        var to: String
        var type: String
        var text: String
        var template: Template?
    }

    package func respond(_ incoming: Incoming) -> Outgoing {
        let parts = incoming.path.split(separator: "/")
        return state.withLock { state in
            state.requests += 1
            if state.isDown { return .answer(503) }
            let fault = state.faults.isEmpty ? nil : state.faults.removeFirst()
            switch fault {
            case .code(let code): return Self.refusal(code)
            case .status(let status): return .answer(status, "out of order")
            case .cut: return .cut
            case .silence: return .silence
            case .takeAndCut, nil: break
            }
            guard incoming.headers["authorization"] == "Bearer \(Self.token)" else { return Self.refusal(190) }
            if parts.count == 3, parts[2] == "typing", state.accounts[String(parts[1])] != nil,
                let heard = try? JSONDecoder().decode(TypingHeard.self, from: Data(incoming.body))
            {
                state.typing.append(heard)
                return .answer(200, "{}")
            }
            guard parts.count == 3, parts[0] == "accounts", parts[2] == "messages",
                let key = incoming.headers["idempotency-key"],
                let kind = state.accounts[String(parts[1])],
                let request = try? JSONDecoder().decode(Request.self, from: Data(incoming.body))
            else { return Self.refusal(100) }
            if let id = state.ids[key] {
                state.repetitions += 1
                return .answer(200, #"{"id": "\#(id)"}"#)
            }
            if let code = refusal(of: request, over: kind, String(parts[1]), state) {
                state.policyRefusals.append(code)
                return Self.refusal(code)
            }
            let id = "prov-\(state.taken.count + 1)"
            state.ids[key] = id
            state.taken.append(
                Taken(
                    key: key, account: String(parts[1]), address: request.to, type: request.type, text: request.text,
                    body: Array(incoming.body)))
            if case .takeAndCut = fault { return .cut }
            return .answer(200, #"{"id": "\#(id)"}"#)
        }
    }

    private func refusal(of request: Request, over kind: Kind, _ account: String, _ state: State) -> Int? {
        if request.type == "template" {
            guard kind == .whatsapp else { return 100 }
            return state.templates.contains(request.template?.id ?? "") ? nil : 132_001
        }
        if kind != .email {
            let last = state.lastInbound["\(account)/\(request.to)"]
            guard let last, last.duration(to: now()) < .seconds(86_400) else { return 131_047 }
        }
        let kinds: [String] =
            switch kind {
            case .whatsapp: ["text", "attachment", "location", "contact_cards", "reaction"]
            case .facebook, .instagram: ["text", "attachment", "reaction"]
            case .email: ["text", "attachment"]
            }
        guard kinds.contains(request.type) else { return 131_051 }
        switch kind {
        case .whatsapp where request.text.unicodeScalars.count > 4_096: return 131_009
        case .facebook where request.text.unicodeScalars.count > 2_000: return 100
        case .instagram where request.text.utf8.count > 1_000: return 100
        default: return nil
        }
    }

    private static func refusal(_ code: Int) -> Outgoing {
        .answer(400, #"{"error": {"message": "(#\#(code)) no", "type": "OAuthException", "code": \#(code)}}"#)
    }
}
