import GRPC

/// `Content-Encoding` both ways (RFC 9110, section 8.4): gzip or none.
enum ContentCoding: Sendable, Hashable {
    case identity
    case gzip

    /// Answers shorter than this gain nothing.
    static let answerBytesMin = 1024

    /// nil for a coding that is not known here, or more than one.
    init?(_ header: String?) {
        switch header?.trimmedOfSpaces.lowercased() ?? "identity" {
        case "identity": self = .identity
        case "gzip", "x-gzip": self = .gzip
        default: return nil
        }
    }

    /// Whether `Accept-Encoding` takes gzip; an absent one takes what is plain.
    static func acceptsGzip(_ header: String?) -> Bool {
        var quality: [Substring: Double] = [:]
        for part in (header ?? "").lowercased().split(separator: ",") {
            let fields = part.split(separator: ";").map(\.trimmedOfSpaces)
            let weight = fields.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if let name = fields.first { quality[name] = weight }
        }
        return (quality["gzip"] ?? quality["x-gzip"] ?? quality["*"] ?? 0) > 0
    }

    /// Undoes the coding of a request's body.
    /// - Parameter bytesMax: of the body as it is meant, not as it came.
    func decode(_ bytes: [UInt8], bytesMax: Int) throws(Problem) -> [UInt8] {
        guard self == .gzip, !bytes.isEmpty else { return bytes }
        do {
            return try Gzip.inflate(bytes, bytesMax: bytesMax)
        } catch {
            switch error {
            case .malformed: throw .invalid("CONTENT_ENCODING_INVALID", "The body is not gzip.")
            case .tooLarge: throw .bodyTooLarge(bytesMax: bytesMax)
            }
        }
    }
}

extension Answer {
    /// Compresses a text that is long enough, for who takes it so. The entity tag stays: it names the version that
    /// `If-Match` is compared with, and `Vary` keeps caches from mixing the two forms.
    mutating func encode(accepting header: String?) {
        headers.append(("Vary", "Accept-Encoding"))
        guard case .bytes(let bytes) = body, bytes.count >= ContentCoding.answerBytesMin, isText,
            ContentCoding.acceptsGzip(header), let compressed = Gzip.deflate(bytes)
        else { return }
        headers.append(("Content-Encoding", "gzip"))
        body = .bytes(compressed)
    }

    private var isText: Bool {
        guard let type = headers.first(where: { $0.name == "Content-Type" }).flatMap({ MediaType($0.value) }) else {
            return false
        }
        return type.type == "text" || type.subtype.hasSuffix("json") || type.subtype.hasSuffix("xml")
    }
}
