import Testing

@testable import HTTP2

@Suite("The rules that need no session")
struct PureRulesTests {
    @Test("credit is given back at once while little is untaken, and withheld at the bound")
    func receiveCredit() {
        var credit = ReceiveCredit(windowBytes: 100, bytesMax: 150)
        credit.arrived(40)
        var released = [credit.release()]
        credit.arrived(60)
        // 100 untaken + a window of 100 is 50 over the bound.
        released.append(credit.release())
        credit.taken(50)
        released.append(credit.release())
        #expect(released == [40, 10, 50])
        credit.taken(50)
        #expect(credit.owed == 0 && credit.untaken == 0)
    }

    @Test("a bound below the window counts as the window")
    func receiveCreditBound() {
        #expect(ReceiveCredit(windowBytes: 100, bytesMax: 10).bytesMax == 100)
    }

    @Test("the bucket gives its burst, then its rate")
    func tokenBucket() {
        var bucket = TokenBucket(burst: 3, perSecond: 2)
        let times: [UInt64] = [1_000, 1_000, 1_000, 1_000, 500_001_000, 500_002_000]
        let taken = times.map { bucket.take(at: $0) }
        #expect(taken == [true, true, true, false, true, false])
    }

    @Test("PING frames are counted per ten seconds, and traffic clears the count")
    func pings() {
        var limits = HTTP2Limits.edge
        limits.idlePingsPer10Seconds = 2
        var guards = FloodGuard(limits)
        let first = [11, 12, 13, 23, 24].map { guards.receivedPing(at: $0 * 1_000_000_000) }
        #expect(first == [nil, nil, .pings, nil, nil])
        _ = guards.received(dataBytes: 1, endStream: false)
        let afterTraffic = guards.receivedPing(at: 25_000_000_000)
        #expect(afterTraffic == nil)
    }

    @Test("the outbound buffer gives bytes in order, however they were written and are read")
    func outboundBuffer() {
        var buffer = OutboundBuffer()
        var read: [UInt8] = []
        let target = UnsafeMutablePointer<UInt8>.allocate(capacity: 7)
        defer { target.deallocate() }
        let written = (0..<200).map { UInt8($0) }
        for start in stride(from: 0, to: 200, by: 20) {
            buffer.append(Array(written[start..<(start + 20)]))
            let count = buffer.read(into: target, capacity: 7)
            read += UnsafeBufferPointer(start: target, count: count)
        }
        while buffer.count > 0 {
            let count = buffer.read(into: target, capacity: 7)
            read += UnsafeBufferPointer(start: target, count: count)
        }
        #expect(read == written)
    }
}
