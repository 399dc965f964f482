import EndToEndSupport
import Testing

/// The audit must be able to fail: each planted fault is found, and nothing else.
@Suite("The audit of writes")
struct WriteJournalTests {
    private typealias Write = WriteJournal.Write

    private func journal(acknowledging count: Int, intending more: Int = 0) -> WriteJournal {
        let journal = WriteJournal()
        for number in 0..<count + more { journal.intend(Write(sender: 1, number: number)) }
        for number in 0..<count { journal.acknowledge(Write(sender: 1, number: number)) }
        return journal
    }

    private func stored(_ numbers: Int...) -> [Write] { numbers.map { Write(sender: 1, number: $0) } }

    @Test("What was acknowledged is there once and in order; what was not may be there")
    func cleanIsClean() {
        #expect(journal(acknowledging: 3).audit(stored(0, 1, 2)) == .clean)
        #expect(journal(acknowledging: 2, intending: 1).audit(stored(0, 1, 2)) == .clean)
        #expect(journal(acknowledging: 2, intending: 1).audit(stored(0, 1)) == .clean)
    }

    @Test("LOST, DUP, ORDER and GHOST are each found")
    func faultsAreFound() {
        #expect(journal(acknowledging: 3).audit(stored(0, 2)).lost == [Write(sender: 1, number: 1)])
        #expect(journal(acknowledging: 3).audit(stored(0, 1, 1, 2)).duplicates == [Write(sender: 1, number: 1)])
        #expect(journal(acknowledging: 3).audit(stored(0, 2, 1)).misordered == [Write(sender: 1, number: 1)])
        #expect(journal(acknowledging: 1).audit(stored(0, 7)).ghosts == [Write(sender: 1, number: 7)])
    }
}
