/// One event of a `text/event-stream` (HTML, section 9.2).
struct ServerSentEvent: Sendable, Hashable {
    var id: String?
    var name: String?
    var data: String

    init(id: String? = nil, name: String? = nil, data: String) {
        self.id = id
        self.name = name
        self.data = data
    }

    /// A comment that keeps proxies from closing a quiet stream.
    static let ping = ": ping\n\n"

    /// How long a browser waits before it reconnects; spread, so that a restart does not bring all at once.
    static func retry(milliseconds: Int) -> String { "retry: \(milliseconds)\n\n" }

    var text: String {
        var out = ""
        if let id { out += "id: \(Self.oneLine(id))\n" }
        if let name { out += "event: \(Self.oneLine(name))\n" }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) { out += "data: \(line)\n" }
        return out + "\n"
    }

    /// `id` and `event` end at a line break: one inside would forge a field.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\n" && $0 != "\r" && $0 != "\0" }))
    }
}
