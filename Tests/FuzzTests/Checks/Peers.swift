@testable import GRPC

/// What operators and certificates say about peers.
enum Peers {
    static func serviceConfiguration(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        do {
            let configuration = try ServiceConfiguration(json: text)
            precondition((try? ServiceConfiguration(json: text)) == configuration, "a text has two meanings")
            configuration.methods.values.forEach(judge)
            if case .leastRequests(let choices) = configuration.loadBalancing {
                precondition((2...100).contains(choices), "choices out of range")
            }
            if let throttling = configuration.throttling {
                precondition((1...1_000).contains(throttling.tokensMax), "tokens out of range")
                precondition(throttling.tokensPerSuccess > 0 && throttling.tokensPerSuccess.isFinite, "a ratio out of range")
            }
            return true
        } catch {
            precondition(!error.message.isEmpty, "a refusal without a reason")
            return false
        }
    }

    private static func judge(_ method: MethodConfiguration) {
        precondition(method.timeout ?? .zero >= .zero, "a timeout below zero")
        for bytesMax in [method.requestBytesMax, method.responseBytesMax] {
            precondition((0...Int(UInt32.max)).contains(bytesMax ?? 0), "a bound out of range")
        }
        switch method.repetition {
        case nil: break
        case .retry(let policy):
            precondition(
                (2...5).contains(policy.attemptsMax) && !policy.codes.isEmpty, "a policy that repeats nothing, or forever")
            precondition(policy.wait > .zero && policy.waitMax > .zero && policy.multiplier > 0, "a policy that hammers")
            precondition(policy.multiplier.isFinite, "a wait without a bound")
        case .hedging(let policy):
            precondition((2...5).contains(policy.attemptsMax) && policy.delay >= .zero, "a policy that hammers")
        }
    }

    /// The input as a target and as an address.
    static func target(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        if let address = ServerAddress(text) { judge(address) }
        switch Target(text) {
        case nil: return false
        case .resolved: return true
        case .addresses(let addresses):
            precondition(!addresses.isEmpty, "a target without an address")
            addresses.forEach(judge)
            return true
        }
    }

    private static func judge(_ address: ServerAddress) {
        guard address.unixSocket == nil else { return precondition(address.unixSocket != "", "a socket without a path") }
        precondition(!address.host.isEmpty && (0...Int(UInt16.max)).contains(address.port), "an address that leads nowhere")
        precondition(ServerAddress(address.authority) == address, "an address changes when it is written")
    }

    static func spiffeID(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        guard let id = SPIFFEID(text) else { return false }
        precondition(id.description == text && text.utf8.elementsEqual(id.description.utf8), "two texts are one identity")
        precondition((1...255).contains(id.trustDomain.utf8.count), "a trust domain out of range")
        precondition(id.path.isEmpty || id.path.hasPrefix("/") && !id.path.hasSuffix("/"), "a path that is none")
        return true
    }
}
