/// What an attachment is. The bytes decide where they tell; the claimed media type and name only where they do not (S32).
enum AttachmentKind: String, CaseIterable, Sendable {
    case image, video, audio, pdf, csv, document
}

extension AttachmentKind {
    /// How many leading bytes `judged` looks at.
    static let headBytes = 16

    static func judged(mediaType: String, fileName: String, head: some Collection<UInt8>) -> AttachmentKind {
        if let told = told(by: Array(head.prefix(headBytes)), mediaType: mediaType) { return told }
        let name = fileName.lowercased()
        switch mediaType {
        case "application/pdf": return .pdf
        case "text/csv", "application/csv": return .csv
        default: break
        }
        if name.hasSuffix(".csv") { return .csv }
        if name.hasSuffix(".pdf") { return .pdf }
        // A picture, film or recording without the bytes of one is a document, whatever it is called; so are SVG and HTML.
        return .document
    }

    /// The line that stands for it in a list (C25).
    var placeholder: String { rawValue }

    private static func told(by head: [UInt8], mediaType: String) -> AttachmentKind? {
        func has(_ text: StaticString, at offset: Int = 0) -> Bool {
            text.withUTF8Buffer { head.dropFirst(offset).starts(with: $0) }
        }
        if has("%PDF-") { return .pdf }
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47]) || head.starts(with: [0xFF, 0xD8, 0xFF]) || has("GIF8") { return .image }
        if has("RIFF"), has("WEBP", at: 8) { return .image }
        if has("RIFF"), has("WAVE", at: 8) { return .audio }
        if has("RIFF"), has("AVI ", at: 8) { return .video }
        if has("ID3") || has("#!AMR") || head.starts(with: [0xFF, 0xFB]) || head.starts(with: [0xFF, 0xF1]) { return .audio }
        // These containers carry sound or film; the claimed type says which.
        if has("OggS") || has("ftyp", at: 4) || head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
            return mediaType.hasPrefix("audio/") || has("M4A ", at: 8) ? .audio : .video
        }
        return nil
    }
}
