import EndToEndSupport
import FoundationEssentials
import ServiceRuntime
import Synchronization
import Testing

@testable import Channels

@Suite("RELIABILITY 2.3: webhooks reach nothing of ours")
struct WebhookGuardTests {
    /// How a host of somebody's that leads to us is called in these tests.
    private static let addresses = [
        "127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "10.0.0.1", "169.254.169.254", "fc00::1", "fe80::1",
        "64:ff9b::7f00:1",
        "no address",
    ]

    private func refusal(_ client: WebhookClient, _ url: String) async -> WebhookClient.Refusal.Reason? {
        do {
            _ = try await client.post(Array("{}".utf8), to: url, headers: [])
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("every form that hides an address is refused, and nobody connects to the canary")
    func forms() async throws {
        try await Canary.listening { canary, port in
            let client = WebhookClient(allowsLoopback: false, resolve: { _, _ in "127.0.0.1" })
            for url in WebhookURLTests.refused { #expect(await refusal(client, url) == .urlNotAllowed, "\(url)") }
            for host in [
                "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0", "127.0.0.1", "[::1]",
                "localhost",
                "localhost.",
            ] {
                #expect(await refusal(client, "http://\(host):\(port)/") == .urlNotAllowed, "\(host)")
            }
            #expect(canary.connects == 0)
            // The canary sings when somebody comes.
            let careless = WebhookClient(allowsLoopback: true, resolve: { _, _ in "127.0.0.1" })
            #expect(await refusal(careless, "http://127.0.0.1:\(port)/") == .connectionFailed)
            #expect(canary.connects == 1)
        }
    }

    @Test("a host is resolved once, and what it leads to is judged", arguments: addresses)
    func resolved(address: String) async throws {
        try await Canary.listening { canary, port in
            let asked = Mutex(0)
            let client = WebhookClient(allowsLoopback: false) { _, _ in
                asked.withLock { $0 += 1 }
                return address
            }
            #expect(await refusal(client, "http://hook.example:\(port)/") == .addressNotPublic)
            #expect(asked.withLock(\.self) == 1 && canary.connects == 0)
        }
    }

    @Test("the connection goes to the address that was judged: a name that leads elsewhere a moment later changes nothing")
    func rebinding() async throws {
        let receiver = Receiver()
        try await withServer({ receiver.respond($0) }) { port in
            let answers = Mutex(["127.0.0.1", "10.0.0.1"])
            // A name that no resolver of the system's knows.
            let client = WebhookClient(allowsLoopback: true) { _, _ in answers.withLock { $0.removeFirst() } }
            #expect(await refusal(client, "http://hook.invalid:\(port)/x") == nil)
            #expect(receiver.came.first?.headers["host"]?.hasPrefix("hook.invalid") == true)
            #expect(await refusal(client, "http://hook.invalid:\(port)/x") == .addressNotPublic)
            #expect(receiver.came.count == 1)
        }
    }

    @Test("a redirect is not followed, wherever it leads")
    func redirect() async throws {
        try await Canary.listening { canary, canaryPort in
            let receiver = Receiver()
            try await withServer({ receiver.respond($0) }) { port in
                let client = WebhookClient(allowsLoopback: true, resolve: { _, _ in "127.0.0.1" })
                for status in [301, 302, 303, 307, 308] {
                    receiver.answer(.answer(status, headers: ["Location": "http://127.0.0.1:\(canaryPort)/"]))
                    #expect(await refusal(client, "http://127.0.0.1:\(port)/hook") == .httpStatus)
                }
                #expect(receiver.came.count == 5)
            }
            #expect(canary.connects == 0)
        }
    }

    @Test("the system's own resolver: localhost by any name is loopback, and what is not there is not found")
    func systemResolver() async throws {
        let pool = OffloadPoolOfTests.shared
        let client = WebhookClient(allowsLoopback: false, offload: pool)
        #expect(await refusal(client, "http://nobody.invalid/") == .hostNotFound)
    }
}

private enum OffloadPoolOfTests {
    static let shared = OffloadPool(threads: 1)
}
