/// Why a time zone cannot be used.
package enum TimeZoneError: Error, Hashable, CustomStringConvertible {
    /// No zone of the IANA database has this name.
    case unknown(String)
    /// The system's file of the zone cannot be understood.
    case malformed(String)

    package var description: String {
        switch self {
        // Without the name: it is somebody's text.
        case .unknown: "there is no time zone of this name; names are those of the IANA database, as America/Sao_Paulo"
        case .malformed(let reason): "the system's time zone file cannot be read: \(reason)"
        }
    }
}
