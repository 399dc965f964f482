import EventLog
import Testing

@Test func partitionsAreFixed() {
    #expect(EventLog.partitionCount == 64)
}
