import HTTPTypes

/// The page at `/` and its parts, compiled into the program.
struct StaticFiles: Sendable {
    /// What a page of ours may load and where it may call: itself.
    static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static let files: [(path: String, type: String, bytes: [UInt8])] = [
        ("/", "text/html; charset=utf-8", PackageResources.index_html),
        ("/style.css", "text/css; charset=utf-8", PackageResources.style_css),
        ("/api.js", "text/javascript; charset=utf-8", PackageResources.api_js),
        ("/chat.js", "text/javascript; charset=utf-8", PackageResources.chat_js),
        ("/inbox.js", "text/javascript; charset=utf-8", PackageResources.inbox_js),
        ("/survey", "text/html; charset=utf-8", PackageResources.survey_html),
        ("/survey.js", "text/javascript; charset=utf-8", PackageResources.survey_js),
        ("/icon.svg", "image/svg+xml", PackageResources.icon_svg),
    ]

    static func handler(type: String, bytes: [UInt8]) -> EdgeFunction {
        let tag = EntityTag("\"\(Fingerprint.hex(bytes))\"")
        let headers = [
            ("Content-Type", type), ("ETag", tag.header), ("Cache-Control", "no-cache"),
            ("Content-Security-Policy", contentSecurityPolicy), ("Referrer-Policy", "no-referrer"),
        ]
        return EdgeFunction { exchange, _ in
            let named = headers.map { (name: $0.0, value: $0.1) }
            if let header = exchange[.ifNoneMatch], EntityTag.parseList(header)?.matchesWeakly(tag) == true {
                return Answer(304, headers: named)
            }
            return Answer(200, headers: named, body: .bytes(bytes))
        }
    }
}
