import CNGHTTP2

/// Header fields in the form in which nghttp2 takes them.
public enum HeaderBlock: Sendable {
    /// Copied when they are submitted.
    case fields([HeaderField])
    /// Laid out once and never copied, and others behind them.
    case fixed(FixedHeaders, [HeaderField] = [])

    /// Calls `body` with the fields; the pointers hold until it returns (as long as the fixed ones, where the fields are).
    func withNV<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        switch self {
        case .fixed(let headers, let others) where others.isEmpty: body(headers.nv, headers.count)
        case .fixed(let headers, let others):
            Self.layOut(UnsafeBufferPointer(start: headers.nv, count: headers.count), others, body)
        case .fields(let fields): Self.layOut(UnsafeBufferPointer(start: nil, count: 0), fields, body)
        }
    }

    private static func layOut<Result>(
        _ fixed: UnsafeBufferPointer<nghttp2_nv>, _ fields: [HeaderField], _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
    ) -> Result {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count })
        for field in fields {
            bytes.append(contentsOf: field.name.utf8)
            bytes.append(contentsOf: field.value.utf8)
        }
        let count = fixed.count + fields.count
        return bytes.withUnsafeMutableBufferPointer { buffer in
            withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(1, count)) { nv in
                for (index, field) in fixed.enumerated() { nv[index] = field }
                var at = buffer.baseAddress
                for (index, field) in fields.enumerated() {
                    let (name, value) = (field.name.utf8.count, field.value.utf8.count)
                    let flags = field.isFleeting ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE
                    nv[fixed.count + index] = nghttp2_nv(
                        name: at, value: at.map { $0 + name }, namelen: name, valuelen: value, flags: UInt8(flags.rawValue))
                    at = at.map { $0 + name + value }
                }
                return body(UnsafePointer(nv.baseAddress), count)
            }
        }
    }
}

/// Header fields that are the same again and again: laid out once, and passed to nghttp2 without a copy (NO_COPY flags). They
/// stay until ``deallocate()``: most are global constants.
public struct FixedHeaders: @unchecked Sendable {
    let nv: UnsafePointer<nghttp2_nv>
    let count: Int

    public init(_ fields: [HeaderField]) {
        let copies = UnsafeMutablePointer<nghttp2_nv>.allocate(capacity: max(1, fields.count))
        let flags = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
        for (index, field) in fields.enumerated() {
            copies[index] = nghttp2_nv(
                name: Self.forever(field.name), value: Self.forever(field.value), namelen: field.name.utf8.count,
                valuelen: field.value.utf8.count, flags: flags)
        }
        nv = UnsafePointer(copies)
        count = fields.count
    }

    private static func forever(_ text: String) -> UnsafeMutablePointer<UInt8> {
        let bytes = Array(text.utf8)
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
        copy.initialize(from: bytes, count: bytes.count)
        return copy
    }

    /// Only where no session that was given them can send any more.
    public func deallocate() {
        for index in 0..<count {
            nv[index].name?.deallocate()
            nv[index].value?.deallocate()
        }
        nv.deallocate()
    }
}
