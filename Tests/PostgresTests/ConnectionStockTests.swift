import Testing

@testable import Postgres

/// The pool's book-keeping, step by step, without a server.
@Suite struct ConnectionStockTests {
    private final class Wire {}

    /// A caller looks for an idle connection, and only then queues. What comes back between the two must reach it: nobody else
    /// would give it back once more.
    @Test func aConnectionGivenBackBetweenLookingAndQueueingIsTaken() throws {
        var stock = ConnectionStock<Wire, String>(connectionsMax: 1, waitersMax: 8)
        let wire = Wire()
        guard case .waits(_, dial: true) = stock.arrive("first") else {
            Issue.record("nothing was dialled")
            return
        }
        guard case .handOver("first") = stock.dialled(wire) else {
            Issue.record("the first caller was not served")
            return
        }

        #expect(stock.takeIdle() == nil)
        guard case .shelve = stock.giveBack(wire) else {
            Issue.record("nobody waited, and it was not shelved")
            return
        }
        guard case .served(let served) = stock.arrive("second") else {
            Issue.record("the second caller waits beside an idle connection")
            return
        }
        #expect(served === wire)
        #expect(stock.idleCount == 0 && stock.lentCount == 1 && stock.waiterCount == 0)
    }

    @Test func callersAreServedInTheirOrderAndRefusedBeyondTheBound() {
        var stock = ConnectionStock<Wire, String>(connectionsMax: 1, waitersMax: 2)
        let wire = Wire()
        _ = stock.arrive("first")
        _ = stock.dialled(wire)
        guard case .waits(let second, dial: false) = stock.arrive("second"), case .waits = stock.arrive("third") else {
            Issue.record("callers beyond the connections do not wait")
            return
        }
        guard case .refused = stock.arrive("fourth") else {
            Issue.record("the queue has no bound")
            return
        }
        #expect(stock.withdraw(second) == "second")
        #expect(stock.withdraw(second) == nil)
        guard case .handOver("third") = stock.giveBack(wire) else {
            Issue.record("the next caller was not served")
            return
        }
    }
}
