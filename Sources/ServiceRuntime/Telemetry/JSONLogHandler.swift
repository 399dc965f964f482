import Foundation
import Logging
import Synchronization
import WallTime

/// Writes each event as one line of JSON. Values that could be personal data are the callers' to leave out; what looks like a
/// token is struck out here all the same.
package struct JSONLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    /// The process's level, or a higher one that this logger was given.
    package var logLevel: Logger.Level {
        get { max(LogLevel.current, own) }
        set { own = newValue }
    }

    private var own: Logger.Level = .trace
    private let service: String
    private let label: String
    private let write: @Sendable ([UInt8]) -> Void

    /// `write` gets whole lines. Nil: standard error.
    package init(service: String, label: String, write: (@Sendable ([UInt8]) -> Void)? = nil) {
        self.service = service
        self.label = label
        self.write =
            write ?? { line in
                // One write per line, so that lines of several threads do not mix.
                FileHandle.standardError.write(Data(line))
            }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields: [(String, String)] = [
            ("time", Instant.now.rfc3339), ("level", event.level.rawValue), ("service", service), ("logger", label),
            ("message", "\(event.message)"),
        ]
        if let trace = TraceContext.current {
            fields.append(("trace_id", trace.traceID))
            fields.append(("span_id", trace.spanID))
        }
        if let requestID = RequestID.current { fields.append(("request_id", requestID)) }
        let all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { fields.append((key, "\(value)")) }
        var line = "{"
        for (index, field) in fields.enumerated() {
            if index > 0 { line += "," }
            line += JSONText.quoted(field.0) + ":" + JSONText.quoted(Redaction.clean(field.1))
        }
        line += "}\n"
        write(Array(line.utf8))
    }
}

/// The level of every logger of the process, changeable at run time (P6).
package enum LogLevel {
    private static let level = Mutex<Logger.Level>(.info)

    package static var current: Logger.Level {
        get { level.withLock { $0 } }
        set { level.withLock { $0 = newValue } }
    }
}

enum JSONText {
    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value):
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
