import GRPC
import ServiceRuntime

/// What the gateway reads from its environment, beside what every program reads.
package struct GatewayConfiguration: Sendable {
    /// Where HTTP/1.1 is answered.
    package var httpListen: ServerAddress
    /// Origins of pages, other than our own, that may call `/v1`.
    package var origins: [String]
    /// Requests per minute of one principal, reads and writes apart; what ten seconds allow may come at once.
    package var principalRate: Int
    /// Requests per minute of one address without a token.
    package var addressRate: Int
    /// Whether answers also carry `X-RateLimit-*`.
    package var rateOlderHeaders: Bool
    /// Bytes of a JSON body.
    package var bodyBytesMax: Int
    /// Bytes of an uploaded file; the channel's own limit may be lower.
    package var attachmentBytesMax: Int
    package var ping: Duration
    package var rights: Duration

    static func read(_ reader: inout ConfigurationReader) -> GatewayConfiguration {
        let listen = reader.address(
            "HTTP_LISTEN", default: ServerAddress(host: "127.0.0.1", port: 8080), "where HTTP/1.1 is answered")
        let origins = reader.string("ORIGINS", default: "", "origins of pages that may call, separated by commas")
            .split(separator: ",").map { String($0.trimmedOfSpaces) }
        for origin in origins where origin.hasSuffix("/") || !origin.hasPrefix("http") {
            reader.problem("ORIGINS", "\(origin) is no origin, such as https://inbox.example")
        }
        return GatewayConfiguration(
            httpListen: listen,
            origins: origins,
            principalRate: reader.integer(
                "RATE_PRINCIPAL", default: 1200, in: 1...1_000_000, "requests per minute of one principal"),
            addressRate: reader.integer(
                "RATE_ADDRESS", default: 120, in: 1...1_000_000, "requests per minute of one address without a token"),
            rateOlderHeaders: reader.bool(
                "RATE_OLDER_HEADERS", default: false, "whether answers carry X-RateLimit-* beside RateLimit"),
            bodyBytesMax: reader.integer(
                "BODY_BYTES_MAX", default: 1 << 20, in: 1024...(64 << 20), "bytes of a JSON body"),
            attachmentBytesMax: reader.integer(
                "ATTACHMENT_BYTES_MAX", default: 25 << 20, in: 1024...(100 << 20), "bytes of an uploaded file"),
            ping: reader.duration(
                "STREAM_PING", default: .seconds(15), in: .milliseconds(100)...(.seconds(60)),
                "how often a quiet stream is kept alive"),
            rights: reader.duration(
                "STREAM_RIGHTS", default: .seconds(60), in: .milliseconds(100)...(.seconds(600)),
                "how often the rights of who listens are looked at again")
        )
    }
}
