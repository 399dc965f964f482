import GoogleProtobuf
import GoogleRPC
import HTTP2

/// How a call ended, as trailers and back. gRPC over HTTP/2, "Responses".
enum StatusWire {
    /// The trailers of a call that succeeded without metadata.
    static let ok = FixedHeaders([HeaderField("grpc-status", "0")])

    static func trailers(ok metadata: Metadata) -> HeaderBlock {
        guard !metadata.isEmpty else { return .fixed(ok) }
        var fields = [HeaderField("grpc-status", "0")]
        metadata.append(to: &fields)
        return .fields(fields)
    }

    static func fields(_ error: RPCError) -> [HeaderField] {
        var fields = [HeaderField("grpc-status", String(error.code.rawValue))]
        if !error.message.isEmpty { fields.append(HeaderField("grpc-message", PercentEncoding.encode(error.message))) }
        if !error.details.isEmpty {
            let status = GoogleRPC.Status(code: error.code.rawValue, message: error.message, details: error.details)
            fields.append(HeaderField("grpc-status-details-bin", Base64.encode(status.serialized())))
        }
        switch error.retryPushback {
        case nil: break
        case .never: fields.append(HeaderField(pushback, "-1"))
        case .after(let wait):
            let milliseconds = max(0, wait.components.seconds * 1_000 + wait.components.attoseconds / 1_000_000_000_000_000)
            fields.append(HeaderField(pushback, String(milliseconds)))
        }
        error.metadata.append(to: &fields)
        return fields
    }

    private static let pushback = "grpc-retry-pushback-ms"

    /// What is no number of milliseconds means never. gRPC, A6, "Pushback".
    private static func pushback(_ text: String?) -> RetryPushback? {
        guard let text else { return nil }
        guard let milliseconds = Int32(text), milliseconds >= 0 else { return .never }
        return .after(.milliseconds(milliseconds))
    }

    /// What received trailers say. `httpStatus` counts only where `grpc-status` is absent.
    static func parse(_ fields: [HeaderField], httpStatus: String?) -> Result<Metadata, RPCError> {
        let metadata = Metadata(received: fields)
        guard let text = fields.first(named: "grpc-status") else {
            return .failure(fromHTTP(httpStatus, metadata: metadata))
        }
        let number = Int32(text) ?? StatusCode.unknown.rawValue
        let code = StatusCode(rawValue: number) ?? .unknown
        guard code != .ok else { return .success(metadata) }
        var error = RPCError(
            code: code, message: PercentEncoding.decode(fields.first(named: "grpc-message") ?? ""), metadata: metadata)
        error.retryPushback = pushback(fields.first(named: pushback))
        if let text = fields.first(named: "grpc-status-details-bin"), let bytes = Base64.decode(text),
            let status = try? GoogleRPC.Status(serialized: bytes), status.code == number
        {
            error.details = status.details
        }
        return .failure(error)
    }

    /// gRPC, "HTTP to gRPC Status Code Mapping": only for peers, proxies mostly, that answered without `grpc-status`.
    static func fromHTTP(_ status: String?, metadata: Metadata = Metadata()) -> RPCError {
        let code: StatusCode =
            switch status {
            case "400", "431": .internal
            case "401": .unauthenticated
            case "403": .permissionDenied
            case "404": .unimplemented
            case "429", "502", "503", "504": .unavailable
            default: .unknown
            }
        return RPCError(
            code: code, message: "the peer answered without grpc-status (HTTP \(status ?? "status missing"))", metadata: metadata)
    }

    /// gRPC over HTTP/2, "Errors": what a stream that was reset means.
    static func fromReset(_ code: HTTP2ErrorCode, processed: Bool, connectionLost: Bool) -> RPCError {
        if connectionLost {
            var error = RPCError(code: .unavailable, message: "the connection was lost")
            error.neverProcessed = !processed
            return error
        }
        let status: StatusCode =
            switch code {
            case .refusedStream: .unavailable
            case .cancel: .cancelled
            case .enhanceYourCalm: .resourceExhausted
            case .inadequateSecurity: .permissionDenied
            default: processed ? .internal : .unavailable
            }
        var error = RPCError(code: status, message: "the peer reset the stream: \(code)")
        error.neverProcessed = !processed
        return error
    }
}
