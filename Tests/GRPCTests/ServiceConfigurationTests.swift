import Testing

@testable import GRPC

@Suite("Service configuration in JSON")
struct ServiceConfigurationTests {
    @Test("everything that is followed is read")
    func everything() throws {
        let configuration = try ServiceConfiguration(
            json: """
                {"loadBalancingConfig": [{"weighted_round_robin": {}}, {"least_request_experimental": {"choiceCount": 3}}],
                 "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.5},
                 "methodConfig": [
                   {"name": [{}], "timeout": "1.5s", "waitForReady": false, "maxRequestMessageBytes": 1000,
                    "maxResponseMessageBytes": "2000"},
                   {"name": [{"service": "a.B"}, {"service": "a.C", "method": "D"}],
                    "retryPolicy": {"maxAttempts": 9, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2,
                                    "retryableStatusCodes": ["UNAVAILABLE", "aborted", 8]}},
                   {"name": [{"service": "a.B", "method": "E"}],
                    "hedgingPolicy": {"maxAttempts": 3, "hedgingDelay": "0.25s", "nonFatalStatusCodes": ["INTERNAL"]}}]}
                """)
        #expect(configuration.loadBalancing == .leastRequests(choices: 3))
        #expect(configuration.throttling == RetryThrottling(tokensMax: 10, tokensPerSuccess: 0.5))
        let every = try #require(configuration.methods[.every])
        #expect(every.timeout == .milliseconds(1_500))
        #expect(every.waitForReady == false)
        #expect(every.requestBytesMax == 1_000)
        #expect(every.responseBytesMax == 2_000)
        let retry = RetryPolicy(
            attemptsMax: 5, wait: .milliseconds(100), waitMax: .seconds(1), codes: [.unavailable, .aborted, .resourceExhausted])
        #expect(configuration.methods[.service("a.B")]?.repetition == .retry(retry))
        #expect(configuration.methods[.method(service: "a.C", "D")]?.repetition == .retry(retry))
        #expect(
            configuration.methods[.method(service: "a.B", "E")]?.repetition
                == .hedging(HedgingPolicy(attemptsMax: 3, delay: .milliseconds(250), nonFatalCodes: [.internal])))
    }

    @Test("the narrowest scope holds, alone")
    func scopes() throws {
        let configuration = try ServiceConfiguration(
            json: """
                {"methodConfig": [{"name": [{}], "timeout": "1s"}, {"name": [{"service": "test.Notes"}], "timeout": "2s"},
                                  {"name": [{"service": "test.Notes", "method": "Read"}], "waitForReady": true}]}
                """)
        #expect(configuration.method(.read)?.timeout == nil)
        #expect(configuration.method(.unary)?.timeout == .seconds(2))
        let other = MethodDescriptor(service: "x.Y", method: "Z", kind: .unary, request: Note.self, response: Note.self)
        #expect(configuration.method(other)?.timeout == .seconds(1))
    }

    @Test("policies by name", arguments: [("pick_first", LoadBalancing.pickFirst()), ("ROUND_ROBIN", .roundRobin)])
    func oldName(name: String, policy: LoadBalancing) throws {
        #expect(try ServiceConfiguration(json: #"{"loadBalancingPolicy": "\#(name)"}"#).loadBalancing == policy)
    }

    @Test("pick_first may shuffle")
    func shuffles() throws {
        let text = #"{"loadBalancingConfig": [{"pick_first": {"shuffleAddressList": true}}]}"#
        #expect(try ServiceConfiguration(json: text).loadBalancing == .pickFirst(shuffles: true))
    }

    @Test(
        "what is wrong is refused by its place",
        arguments: [
            (#"{"methodConfigs": []}"#, "methodConfigs"),
            (#"{"healthCheckConfig": {"serviceName": "x"}}"#, "healthCheckConfig"),
            (#"{"methodConfig": {}}"#, "methodConfig"),
            (#"{"methodConfig": [1]}"#, "methodConfig[0]"),
            (#"{"methodConfig": [{"name": [{"method": "M"}]}]}"#, "methodConfig[0].name[0]"),
            (#"{"methodConfig": [{"name": [{}]}, {"name": [{}]}]}"#, "methodConfig[1].name[0]"),
            (#"{"methodConfig": [{"timeout": "1"}]}"#, "methodConfig[0].timeout"),
            (#"{"methodConfig": [{"timeout": "-1s"}]}"#, "methodConfig[0].timeout"),
            (#"{"methodConfig": [{"waitForReady": "true"}]}"#, "methodConfig[0].waitForReady"),
            (#"{"methodConfig": [{"maxRequestMessageBytes": 1.5}]}"#, "methodConfig[0].maxRequestMessageBytes"),
            (#"{"methodConfig": [{"retryPolicy": {"maxAttempts": 1}}]}"#, "methodConfig[0].retryPolicy.maxAttempts"),
            (#"{"methodConfig": [{"retryPolicy": {"maxAttempts": 2}}]}"#, "methodConfig[0].retryPolicy.initialBackoff"),
            (
                #"{"methodConfig": [{"retryPolicy": {"maxAttempts": 2, "initialBackoff": "0s"}}]}"#,
                "methodConfig[0].retryPolicy.initialBackoff"
            ),
            (
                #"{"methodConfig": [{"retryPolicy": {"maxAttempts": 2, "initialBackoff": "1s", "maxBackoff": "1s", "backoffMultiplier": 1, "retryableStatusCodes": []}}]}"#,
                "methodConfig[0].retryPolicy.retryableStatusCodes"
            ),
            (
                #"{"methodConfig": [{"hedgingPolicy": {"maxAttempts": 2, "nonFatalStatusCodes": ["OK"]}}]}"#,
                "methodConfig[0].hedgingPolicy.nonFatalStatusCodes"
            ),
            (
                #"{"methodConfig": [{"hedgingPolicy": {"maxAttempts": 2}, "retryPolicy": {"maxAttempts": 2}}]}"#,
                "methodConfig[0].hedgingPolicy"
            ),
            (#"{"retryThrottling": {"maxTokens": 1001, "tokenRatio": 1}}"#, "retryThrottling.maxTokens"),
            (#"{"retryThrottling": {"maxTokens": 10, "tokenRatio": 0}}"#, "retryThrottling.tokenRatio"),
            (#"{"loadBalancingPolicy": "grpclb"}"#, "loadBalancingPolicy"),
            (#"{"loadBalancingConfig": [{"grpclb": {}}]}"#, "loadBalancingConfig"),
            (#"{"loadBalancingConfig": [{"pick_first": {"x": 1}}]}"#, "loadBalancingConfig[0].pick_first.x"),
        ])
    func refused(text: String, path: String) throws {
        let error = #expect(throws: ServiceConfigurationError.self) { try ServiceConfiguration(json: text) }
        #expect(error?.path == path)
    }

    @Test("what is no JSON object is refused", arguments: ["", "{", "[]", "1", #"{"a": 1, "a": 2}"#])
    func noJSON(text: String) {
        #expect(throws: ServiceConfigurationError.self) { try ServiceConfiguration(json: text) }
    }
}
