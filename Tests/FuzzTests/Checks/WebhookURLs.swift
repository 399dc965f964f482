@testable import Channels

/// Where integrators want to be called.
enum WebhookURLs {
    /// The input as such a place: what is taken reads the same again, and names no address that is not everybody's.
    static func read(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        guard let url = try? WebhookURL(text) else { return false }
        precondition(IPAddress(url.host)?.isPublic ?? true, "\(url.host) may be called")
        precondition((try? WebhookURL(text, allowsLoopback: true)) == url, "who may call this host reads another URL")
        // With its port it may have become too long.
        if url.text.utf8.count <= WebhookURL.lengthMax {
            precondition((try? WebhookURL(url.text)) == url, "\(url.text) is another URL when it is read again")
        }
        return true
    }
}
