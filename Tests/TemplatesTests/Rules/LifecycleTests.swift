import Foundation
import Testing

@testable import Templates

@Suite("A template's life")
struct LifecycleTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "lifecycle.golden")

    /// `SWITCHBOARD_WRITE_SNAPSHOTS=1` rewrites the file.
    @Test("every status x event has the answer that the golden file holds")
    func golden() throws {
        let lines = TemplateStatus.allCases.flatMap { status in
            LifecycleEvent.allCases.map { "\(status.rawValue) + \(Self.word($0)): \(Self.word(Lifecycle.decide(status, $0)))" }
        }
        if ProcessInfo.processInfo.environment["SWITCHBOARD_WRITE_SNAPSHOTS"] != nil {
            try (lines.joined(separator: "\n") + "\n").write(to: Self.file, atomically: true, encoding: .utf8)
        }
        let kept = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines == kept)
        #expect(lines.count == 12 * 17)
    }

    @Test("guarantee 14: only an approved one is sendable, and only the provider makes it so")
    func onlyTheProviderApproves() {
        #expect(TemplateStatus.allCases.filter(\.isSendable) == [.approved])
        for status in TemplateStatus.allCases {
            for event in [LifecycleEvent.edit, .submit, .delete] {
                #expect(Lifecycle.decide(status, event) != .to(.approved), "\(status) \(event)")
            }
        }
    }

    @Test("people edit what the provider has judged, and drafts; what is deleted stays so; a draft is no provider's business")
    func edges() {
        let editable = TemplateStatus.allCases.filter { Lifecycle.decide($0, .edit) != .refused }
        #expect(Set(editable) == [.draft, .limitExceeded, .approved, .rejected, .paused])
        for event in LifecycleEvent.allCases {
            #expect([.refused, .ignored(.deleted)].contains(Lifecycle.decide(.deleted, event)))
            if case .verdict = event { #expect(Lifecycle.decide(.draft, event) == .ignored(.notSubmitted)) }
        }
        for status in TemplateStatus.allCases where status.isAtProvider && status != .pendingDeletion {
            #expect(Lifecycle.decide(status, .delete) == .to(.pendingDeletion), "\(status)")
        }
    }

    private static func word(_ event: LifecycleEvent) -> String {
        if case .verdict(let verdict) = event { verdict.rawValue.uppercased() } else { "\(event)" }
    }

    private static func word(_ outcome: Lifecycle.Outcome) -> String {
        switch outcome {
        case .to(let status): status.rawValue
        case .refused: "refused"
        case .ignored(let reason): "ignored \(reason.rawValue)"
        }
    }
}
