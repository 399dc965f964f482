import Testing

@testable import Channels

@Suite("RELIABILITY 2.3: where webhooks may go")
struct WebhookURLTests {
    /// Every form in which somebody may hide an address of ours, and what two parsers would read differently.
    static let refused = [
        "http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://0x7f000001/",
        "http://127.0.0.1/",
        "http://127.000.000.001/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::1]/", "http://[::]/",
        "http://0.0.0.0/", "http://0/", "http://169.254.169.254/latest/meta-data", "http://10.1.2.3/", "http://172.16.0.1/",
        "http://172.31.255.255/", "http://192.168.1.1/", "http://100.64.0.1/", "http://100.127.255.255/", "http://198.18.0.1/",
        "http://224.0.0.1/", "http://255.255.255.255/", "http://[fc00::1]/", "http://[fd12:3456::1]/", "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::127.0.0.1]/", "http://[2002:7f00:1::]/",
        "http://[2001:0:7f00:1::]/", "http://[2001:db8::1]/", "http://[ff02::1]/", "http://localhost/", "http://localhost./",
        "http://LOCALHOST/", "http://a.localhost/", "http://user@hook.example/", "http://user:secret@hook.example/",
        "http://hook.example@127.0.0.1/", "http://hook.example\\@127.0.0.1/", "http:\\\\127.0.0.1/", "ftp://hook.example/",
        "file:///etc/passwd", "gopher://hook.example/", "javascript:alert(1)", "//hook.example/", "hook.example", "", "http://",
        "http:///path", "http://hook.example:0/", "http://hook.example:65536/", "http://hook.example:8o/",
        "http://hook.example:/",
        "http://ho ok.example/", "http://hook.example/\r\nHost: a", "http://hook.example/#fragment",
        "http://h\u{F6}ok.example/",
        "http://\u{2460}27.0.0.1/", "http://hook..example/", "http://.example/", "http://-hook.example/", "http://1.2.3/",
        "http://1.2.3.4.5/", "http://256.1.1.1/", "http://[1::2::3]/", "http://[12345::]/", "http://[::1/", "http://::1/",
    ]

    @Test("refused", arguments: refused)
    func refusal(text: String) {
        #expect(throws: WebhookURL.Problem.self) { try WebhookURL(text) }
    }

    @Test(
        "taken, and given on as it was read",
        arguments: [
            ("https://hook.example/a?b=c", "https://hook.example:443/a?b=c"),
            ("http://Hook.Example.", "http://hook.example:80/"),
            ("HTTPS://hook.example:8443", "https://hook.example:8443/"), ("http://8.8.8.8/x", "http://8.8.8.8:80/x"),
            ("http://[2606:4700::1111]:81/x", "http://[2606:4700::1111]:81/x"),
            ("http://hook.example?x", "http://hook.example:80/?x"),
            ("http://172.32.0.1/", "http://172.32.0.1:80/"), ("http://100.128.0.1/", "http://100.128.0.1:80/"),
        ])
    func taken(text: String, written: String) throws {
        #expect(try WebhookURL(text).text == written)
    }

    @Test("loopback is let in where that is switched on, and nothing else with it")
    func loopback() throws {
        for text in ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/"] {
            #expect(throws: Never.self) { try WebhookURL(text, allowsLoopback: true) }
        }
        let still = Self.refused.filter { (try? WebhookURL($0, allowsLoopback: true)) == nil }
        let open = Set(Self.refused).subtracting(still)
        #expect(
            open == [
                "http://127.0.0.1/", "http://[::1]/", "http://localhost/", "http://localhost./", "http://LOCALHOST/",
                "http://a.localhost/",
            ])
    }
}
