import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Answers bytes that are no HTTP/1.1 request as the edge answers everything, with a problem; the server under it would
/// say a bare 400.
final class MalformedRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Requests whose answer has not ended: no other answer may come in front of theirs.
    private var answersOwed = 0
    private var hasFailed = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) { answersOwed += 1 }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The server's own word about the error, behind ours.
        if hasFailed, answersOwed == 0 {
            promise?.succeed()
            return
        }
        if case .end = unwrapOutboundIn(data) { answersOwed -= 1 }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !hasFailed, let error = error as? HTTPParserError {
            hasFailed = true
            if answersOwed == 0 { answer(Problem(malformed: error), context) }
        }
        // The server closes the connection.
        context.fireErrorCaught(error)
    }

    private func answer(_ problem: Problem, _ context: ChannelHandlerContext) {
        let requestID = RequestID.generate()
        var answer = problem.answer(accept: Accept(nil), requestID: requestID)
        answer.headers += [("X-Request-Id", requestID), ("Connection", "close")]
        guard case .bytes(let bytes) = answer.body else { return }
        answer.headers.append(("Content-Length", String(bytes.count)))
        let head = HTTPResponse(status: .init(code: answer.status), headerFields: HTTPFields(answer.headers))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(context.channel.allocator.buffer(bytes: bytes))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

extension Problem {
    /// What cannot be read as HTTP/1.1: two lengths, a bare line feed, a folded header ... (RFC 9112).
    init(malformed error: HTTPParserError) {
        self =
            switch error {
            case .headerOverflow:
                Problem(431, .invalidArgument, reason: "HEADERS_TOO_LARGE", detail: "The header fields are too long or too many.")
            default: .invalid("REQUEST_MALFORMED", "This is no HTTP/1.1 request.")
            }
    }
}
