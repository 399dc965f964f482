import Protobuf

/// How messages are compressed on their way. gRPC over HTTP/2, "Message-Encoding".
public enum Compression: Sendable, Hashable {
    case identity
    case gzip

    /// What we understand, for `grpc-accept-encoding`.
    static let accepted = "identity,gzip"

    /// Nil for an encoding that we do not know.
    init?(header: String?) {
        switch header {
        case nil, "identity": self = .identity
        case "gzip": self = .gzip
        default: return nil
        }
    }

    /// Whether a value of `grpc-accept-encoding` names gzip.
    static func isGzip(in list: String) -> Bool {
        list.utf8.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }.contains { $0.elementsEqual("gzip".utf8) }
    }

    /// The value of `grpc-encoding`; identity needs no header.
    var header: String? {
        switch self {
        case .identity: nil
        case .gzip: "gzip"
        }
    }
}

extension Message {
    /// The message behind its prefix, as it goes out.
    @inlinable func framed(_ compression: Compression) -> [UInt8] {
        withSerialized { MessageFrame.frame($0, compression) }
    }
}
