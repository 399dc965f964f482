import GoogleProtobuf
import Protobuf

/// Why a text is no service configuration.
public struct ServiceConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The member, as `methodConfig[0].retryPolicy.maxAttempts`; empty for the text as a whole.
    public let path: String
    public let message: String

    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

extension ServiceConfiguration {
    /// Reads gRPC's JSON. Strict: members that are not known, or known and not followed here, are refused, as are values out
    /// of range and names that stand twice.
    public init(json text: String) throws(ServiceConfigurationError) {
        self.init()
        var root = try ServiceConfigurationObject(json: text)
        loadBalancing = try root.loadBalancing()
        throttling = try root.object("retryThrottling").map { object throws(ServiceConfigurationError) in
            try RetryThrottling(object)
        }
        for var object in try root.objects("methodConfig") ?? [] {
            let scopes = try object.objects("name") ?? []
            let configuration = try MethodConfiguration(&object)
            for name in scopes {
                let scope = try Scope(name)
                guard methods.updateValue(configuration, forKey: scope) == nil else { throw name.wrong("stands twice") }
            }
        }
        try root.end()
    }
}

extension ServiceConfiguration.Scope {
    fileprivate init(_ object: ServiceConfigurationObject) throws(ServiceConfigurationError) {
        var object = object
        let (service, method) = (try object.text("service") ?? "", try object.text("method") ?? "")
        try object.end()
        switch (service, method) {
        case ("", ""): self = .every
        case ("", _): throw object.wrong("names a method without its service")
        case (_, ""): self = .service(service)
        default: self = .method(service: service, method)
        }
    }
}

extension MethodConfiguration {
    fileprivate init(_ object: inout ServiceConfigurationObject) throws(ServiceConfigurationError) {
        timeout = try object.duration("timeout")
        waitForReady = try object.bool("waitForReady")
        requestBytesMax = try object.integer("maxRequestMessageBytes", in: 0...Int(UInt32.max))
        responseBytesMax = try object.integer("maxResponseMessageBytes", in: 0...Int(UInt32.max))
        switch (try object.object("retryPolicy"), try object.object("hedgingPolicy")) {
        case (nil, nil): break
        case (let retry?, nil): repetition = .retry(try RetryPolicy(retry))
        case (nil, let hedging?): repetition = .hedging(try HedgingPolicy(hedging))
        case (_?, let hedging?): throw hedging.wrong("stands beside retryPolicy; only one of them may")
        }
        try object.end()
    }
}

extension RetryPolicy {
    fileprivate init(_ object: ServiceConfigurationObject) throws(ServiceConfigurationError) {
        var object = object
        attemptsMax = min(5, try object.required(object.integer("maxAttempts", in: 2...Int(Int32.max)), "maxAttempts"))
        wait = try object.required(object.duration("initialBackoff", isPositive: true), "initialBackoff")
        waitMax = try object.required(object.duration("maxBackoff", isPositive: true), "maxBackoff")
        multiplier = try object.required(object.positive("backoffMultiplier"), "backoffMultiplier")
        codes = try object.required(object.codes("retryableStatusCodes"), "retryableStatusCodes")
        guard !codes.isEmpty else { throw object.wrong("retryableStatusCodes", "is empty") }
        try object.end()
    }
}

extension HedgingPolicy {
    fileprivate init(_ object: ServiceConfigurationObject) throws(ServiceConfigurationError) {
        var object = object
        attemptsMax = min(5, try object.required(object.integer("maxAttempts", in: 2...Int(Int32.max)), "maxAttempts"))
        delay = try object.duration("hedgingDelay") ?? .zero
        nonFatalCodes = try object.codes("nonFatalStatusCodes") ?? []
        try object.end()
    }
}

extension RetryThrottling {
    fileprivate init(_ object: ServiceConfigurationObject) throws(ServiceConfigurationError) {
        var object = object
        tokensMax = Double(try object.required(object.integer("maxTokens", in: 1...1_000), "maxTokens"))
        tokensPerSuccess = try object.required(object.positive("tokenRatio"), "tokenRatio")
        try object.end()
    }
}

extension ServiceConfigurationObject {
    /// The first policy of the list that is known, or the old name of one.
    fileprivate mutating func loadBalancing() throws(ServiceConfigurationError) -> LoadBalancing? {
        let old = try text("loadBalancingPolicy")
        guard let list = try objects("loadBalancingConfig") else {
            switch old?.lowercased() {
            case nil: return nil
            case "pick_first": return .pickFirst()
            case "round_robin": return .roundRobin
            default: throw wrong("loadBalancingPolicy", "is neither pick_first nor round_robin")
            }
        }
        for entry in list {
            guard entry.names.count == 1 else { throw entry.wrong("names more than one policy, or none") }
            if let policy = try entry.policy() { return policy }
        }
        throw wrong("loadBalancingConfig", "names none of pick_first, round_robin, least_request_experimental")
    }

    private func policy() throws(ServiceConfigurationError) -> LoadBalancing? {
        var entry = self
        if var settings = try entry.object("pick_first") {
            let shuffles = try settings.bool("shuffleAddressList") ?? false
            try settings.end()
            return .pickFirst(shuffles: shuffles)
        }
        if let settings = try entry.object("round_robin") {
            try settings.end()
            return .roundRobin
        }
        guard var settings = try entry.object("least_request_experimental") else { return nil }
        let choices = try settings.integer("choiceCount", in: 2...Int(UInt32.max)) ?? 2
        try settings.end()
        return .leastRequests(choices: min(choices, 100))
    }
}
