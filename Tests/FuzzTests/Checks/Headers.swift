import HTTP2

@testable import GRPC

/// What peers say in header lists.
enum Headers {
    /// An input has a field on each line, `name: value`.
    static func read(_ input: [UInt8]) -> Bool {
        let fields = input.split(separator: UInt8(ascii: "\n")).map { line in
            let name = line.dropFirst(line.first == UInt8(ascii: ":") ? 1 : 0).prefix { $0 != UInt8(ascii: ":") }
            let value = line[name.endIndex...].dropFirst().drop { $0 == UInt8(ascii: " ") }
            return HeaderField(
                String(decoding: line[..<name.endIndex], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        let head = RequestHead(fields)
        var written: [HeaderField] = []
        head.metadata.append(to: &written)
        precondition(Metadata(received: written) == head.metadata, "metadata changes on its way")
        let status = answer(fields)
        return head.isGRPC && head.passThroughMethod != nil || status
    }

    /// Whether the fields are trailers of a call that succeeded.
    private static func answer(_ fields: [HeaderField]) -> Bool {
        switch StatusWire.parse(fields, httpStatus: fields.first(named: ":status")) {
        case .success: return true
        case .failure(let error):
            guard case .failure(let again) = StatusWire.parse(StatusWire.fields(error), httpStatus: nil) else {
                preconditionFailure("an error becomes a success on its way")
            }
            precondition(again.code == error.code && again.message == error.message, "an error changes on its way")
            return false
        }
    }

    static func timeout(_ input: [UInt8]) -> Bool {
        guard let timeout = GRPCTimeout.parse(String(decoding: input, as: UTF8.self)) else { return false }
        precondition((.zero...GRPCTimeout.longest).contains(timeout), "a timeout out of range")
        guard let again = GRPCTimeout.parse(GRPCTimeout.format(timeout)) else {
            preconditionFailure("what is written cannot be read")
        }
        precondition(again >= timeout, "a timeout gets shorter on its way")
        return true
    }

    static func statusMessage(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        precondition(PercentEncoding.decode(PercentEncoding.encode(text)).utf8.elementsEqual(text.utf8), "a message changes")
        return PercentEncoding.decode(text) != text
    }

    static func binary(_ input: [UInt8]) -> Bool {
        precondition(Base64.decode(Base64.encode(input)) == input, "bytes change on their way")
        return Base64.decode(String(decoding: input, as: UTF8.self)) != nil
    }
}
