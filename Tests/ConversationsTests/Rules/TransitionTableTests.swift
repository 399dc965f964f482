import Foundation
import Testing

@testable import Conversations

/// SPEC 10 cell by cell, and line by line in the specification's own words.
@Suite("SPEC 10: transitions")
struct TransitionTableTests {
    /// The golden file holds the answer of every state x event x actor; `SWITCHBOARD_WRITE_GOLDEN=1` rewrites it.
    @Test("every state x event x actor answers as the golden file says")
    func everyCellIsGolden() throws {
        let written = TransitionGolden().text
        if ProcessInfo.processInfo.environment["SWITCHBOARD_WRITE_GOLDEN"] == "1" {
            try written.write(to: TransitionGolden.file, atomically: true, encoding: .utf8)
        }
        let golden = try String(contentsOf: TransitionGolden.file, encoding: .utf8)
        let differing = zip(written.split(separator: "\n"), golden.split(separator: "\n")).filter { $0 != $1 }
        #expect(written.count == golden.count && differing.isEmpty, "first difference: \(String(describing: differing.first))")
        #expect(try TransitionGolden.saved.get().answers.count == TransitionCell.all.count)
    }

    @Test("C10, C17, C43, S12-S16, S26-S28: every cell keeps the rules", arguments: TransitionRule.allCases)
    func C10_C17_C43_everyCellKeeps(rule: TransitionRule) throws {
        let golden = try TransitionGolden.saved.get()
        for cell in TransitionCell.all where !rule.holds(of: cell.decision, in: cell, golden: golden) {
            Issue.record("\(cell): \(rule.rawValue)")
        }
    }

    @Test("the lines of SPEC 10", arguments: SpecLine.all)
    func lineOfSpec(line: SpecLine) {
        #expect(TransitionGolden.shortText(of: line.cell.decision) == line.expected)
    }

    @Test("whoever is not named by the table changes nothing: a refusal beside every success")
    func everySuccessHasARefusalBesideIt() {
        for (first, cells) in Dictionary(grouping: TransitionCell.all, by: { [$0.state?.description ?? "-", "\($0.event)"] }) {
            #expect(cells.contains { if case .refused = $0.decision { true } else { false } }, "\(first) is open to everybody")
        }
    }
}
