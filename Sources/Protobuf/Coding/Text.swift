/// Whether bytes are text: UTF-8 as RFC 3629 has it, with U+0000 only where it is allowed.
enum Text {
    @inline(__always)
    static func check(_ bytes: UnsafeRawBufferPointer, allowsNUL: Bool) throws(DecodingError) {
        guard let base = bytes.baseAddress, !isPlain(base, bytes.count, allowsNUL: allowsNUL) else { return }
        switch problem(from: base, to: base + bytes.count, allowsNUL: allowsNUL) {
        case .none: return
        case .nul: throw DecodingError(.invalidText, path: "", message: "holds U+0000")
        case .notUTF8: throw DecodingError(.invalidText, path: "", message: "is not UTF-8")
        }
    }

    enum Problem {
        case none
        case nul
        case notUTF8
    }

    static func problem(in bytes: UnsafeRawBufferPointer, allowsNUL: Bool) -> Problem {
        guard let base = bytes.baseAddress, !isPlain(base, bytes.count, allowsNUL: allowsNUL) else { return .none }
        return problem(from: base, to: base + bytes.count, allowsNUL: allowsNUL)
    }

    private static func problem(from start: UnsafeRawPointer, to end: UnsafeRawPointer, allowsNUL: Bool) -> Problem {
        var next = start
        while next < end {
            // Eight bytes at a time while they are ASCII and none is zero.
            while end - next >= 8 {
                let word = next.loadUnaligned(as: UInt64.self)
                let zeroes = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
                guard word & 0x8080_8080_8080_8080 == 0, zeroes == 0 || allowsNUL else { break }
                next += 8
            }
            guard next < end else { return .none }
            let first = next.load(as: UInt8.self)
            if first < 0x80 {
                if first == 0, !allowsNUL { return .nul }
                next += 1
                continue
            }
            let length = sequenceLength(next, end)
            guard length > 0 else { return .notUTF8 }
            next += length
        }
        return .none
    }

    /// Whether no byte is above 0x7F.
    static func isASCII(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let base = text.baseAddress else { return true }
        return isPlain(base, text.count, allowsNUL: true)
    }

    /// Whether all is ASCII without U+0000, as nearly all text is. Many bytes at a time and no branch between them: checking text
    /// was a third of decoding. The last bytes are read from the end, some of them once more.
    @inline(__always)
    private static func isPlain(_ base: UnsafeRawPointer, _ count: Int, allowsNUL: Bool) -> Bool {
        guard count >= 8 else { return isShortPlain(base, count, allowsNUL: allowsNUL) }
        // A byte below 0x80 keeps its highest bit clear when one is taken from it, unless it was zero.
        let one: UInt64 = allowsNUL ? 0 : 0x0101_0101_0101_0101
        var found: UInt64 = 0
        if count >= 16 {
            let ones = SIMD2(one, one)
            func pair(_ offset: Int) -> SIMD2<UInt64> {
                let pair = base.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
                return pair | (pair &- ones)
            }
            var pairs = pair(count - 16)
            var offset = 0
            while offset < count - 16 {
                pairs |= pair(offset)
                offset += 16
            }
            found = pairs.x | pairs.y
        } else {
            for offset in [0, count - 8] {
                let word = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                found |= word | (word &- one)
            }
        }
        return found & 0x8080_8080_8080_8080 == 0
    }

    private static func isShortPlain(_ base: UnsafeRawPointer, _ count: Int, allowsNUL: Bool) -> Bool {
        for index in 0..<count {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            if byte >= 0x80 || (byte == 0 && !allowsNUL) { return false }
        }
        return true
    }

    /// The bytes of the character that starts here, 0 where none does (RFC 3629 section 4).
    private static func sequenceLength(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer) -> Int {
        func byte(_ index: Int) -> UInt8 { index < end - start ? start.load(fromByteOffset: index, as: UInt8.self) : 0 }
        func isTail(_ index: Int) -> Bool { byte(index) & 0xC0 == 0x80 }
        switch byte(0) {
        case 0xC2...0xDF: return isTail(1) ? 2 : 0
        case 0xE0: return (0xA0...0xBF).contains(byte(1)) && isTail(2) ? 3 : 0
        case 0xED: return (0x80...0x9F).contains(byte(1)) && isTail(2) ? 3 : 0
        case 0xE1...0xEF: return isTail(1) && isTail(2) ? 3 : 0
        case 0xF0: return (0x90...0xBF).contains(byte(1)) && isTail(2) && isTail(3) ? 4 : 0
        case 0xF1...0xF3: return isTail(1) && isTail(2) && isTail(3) ? 4 : 0
        case 0xF4: return (0x80...0x8F).contains(byte(1)) && isTail(2) && isTail(3) ? 4 : 0
        default: return 0
        }
    }
}
