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
        guard case .waits(_, dial: true, watch: true) = stock.arrive("first", at: .now) else {
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
        guard case .served(let served) = stock.arrive("second", at: .now) else {
            Issue.record("the second caller waits beside an idle connection")
            return
        }
        #expect(served === wire)
        #expect(stock.idleCount == 0 && stock.lentCount == 1 && stock.waiterCount == 0)
    }

    @Test func callersAreServedInTheirOrderAndRefusedBeyondTheBound() {
        var stock = ConnectionStock<Wire, String>(connectionsMax: 1, waitersMax: 2)
        let wire = Wire()
        _ = stock.arrive("first", at: .now)
        _ = stock.dialled(wire)
        guard case .waits(let second, dial: false, _) = stock.arrive("second", at: .now),
            case .waits = stock.arrive("third", at: .now)
        else {
            Issue.record("callers beyond the connections do not wait")
            return
        }
        guard case .refused = stock.arrive("fourth", at: .now) else {
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

    /// One look serves all who wait, and the next is due when the first of the others has waited long enough.
    @Test func whoWaitsTooLongIsFoundInTheOrderOfArrival() {
        var stock = ConnectionStock<Wire, String>(connectionsMax: 1, waitersMax: 8)
        let start = ContinuousClock.now
        guard case .waits(_, _, watch: true) = stock.arrive("first", at: start),
            case .waits(_, _, watch: false) = stock.arrive("second", at: start + .seconds(1)),
            case .waits(_, _, watch: false) = stock.arrive("third", at: start + .seconds(2))
        else {
            Issue.record("not exactly the first sets the clock")
            return
        }
        var look = stock.overdue(since: start + .seconds(1))
        #expect(look.waiters == ["first", "second"] && look.next == start + .seconds(2))
        guard case .waits(_, _, watch: false) = stock.arrive("fourth", at: start + .seconds(3)) else {
            Issue.record("somebody is looking already")
            return
        }
        look = stock.overdue(since: start + .seconds(9))
        #expect(look.waiters == ["third", "fourth"] && look.next == nil)
        guard case .waits(_, _, watch: true) = stock.arrive("fifth", at: start + .seconds(10)) else {
            Issue.record("nobody looks for the fifth")
            return
        }
    }
}
