import EndToEndSupport
import Foundation
import Testing

/// The audit must be able to fail: each fault is found, and nothing else.
@Suite("The audit of writes")
struct WriteJournalTests {
    private func journal(acknowledging count: Int, intending more: Int = 0) async throws -> WriteJournal {
        let journal = try WriteJournal(path: FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID())").path)
        for number in 0..<count + more { try await journal.intend(Write(sender: 1, number: number)) }
        for number in 0..<count { try await journal.acknowledge(Write(sender: 1, number: number)) }
        return journal
    }

    private func writes(_ numbers: Int...) -> [Write] { numbers.map { Write(sender: 1, number: $0) } }

    private func audit(_ journal: WriteJournal, _ rows: [Write], events: [Write]? = nil, gaps: [Int] = []) throws -> Audit? {
        let audits = try journal.audit(tables: Evidence("tables", rows, gaps: gaps), [Evidence("events", events ?? rows)])
        return audits[events == nil ? "tables" : "events"]
    }

    @Test("What was acknowledged is there once and in order; what was not may be there")
    func cleanIsClean() async throws {
        #expect(try audit(await journal(acknowledging: 3), writes(0, 1, 2)) == .clean)
        #expect(try audit(await journal(acknowledging: 2, intending: 1), writes(0, 1, 2)) == .clean)
        #expect(try audit(await journal(acknowledging: 2, intending: 1), writes(0, 1)) == .clean)
    }

    @Test("LOST, DUP, ORDER and GHOST are each found, in the tables and between tables and events")
    func faultsAreFound() async throws {
        let three = try await journal(acknowledging: 3)
        #expect(try audit(three, writes(0, 2))?.lost == [Write(sender: 1, number: 1)])
        #expect(try audit(three, writes(0, 1, 1, 2))?.duplicates == [Write(sender: 1, number: 1)])
        #expect(try audit(three, writes(0, 2, 1))?.misordered == [Write(sender: 1, number: 1)])
        #expect(try audit(three, writes(0, 1, 2), gaps: [4])?.gaps == [4])
        #expect(try audit(await journal(acknowledging: 1), writes(0, 7))?.ghosts == [Write(sender: 1, number: 7)])
        // Nobody was told of the second write: it may have happened, but then its event too.
        let one = try await journal(acknowledging: 1, intending: 1)
        #expect(try audit(one, writes(0, 1), events: writes(0))?.lost == [Write(sender: 1, number: 1)])
        #expect(try audit(one, writes(0), events: writes(0, 1))?.ghosts == [Write(sender: 1, number: 1)])
    }
}
