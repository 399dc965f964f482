import FoundationEssentials
import Testing

@testable import Contacts

@Suite("Changes by mask")
struct ContactChangeTests {
    private let stored = ContactFields(
        displayName: "Ana", ownerID: UUID(), locale: "pt-BR", timeZone: "America/Sao_Paulo", note: "n",
        attributes: ["plan": .text("gold"), "seats": .number(3)])

    @Test("A path in the mask is written, also with an empty value; others stay")
    func namedPathsAreWritten() throws {
        let change = try ContactChange(values: ContactFields(displayName: "Bia"), mask: ["display_name", "owner_id"])
        let changed = change.applied(to: stored)
        #expect(changed.displayName == "Bia")
        #expect(changed.ownerID == nil)
        #expect(changed.locale == "pt-BR")
        #expect(changed.attributes == stored.attributes)
    }

    @Test("Without a mask, what is set is written")
    func withoutMaskWhatIsSet() throws {
        let changed = try ContactChange(values: ContactFields(note: "new"), mask: []).applied(to: stored)
        #expect(changed.note == "new")
        #expect(changed.displayName == "Ana")
    }

    @Test("A star replaces everything people may write")
    func starReplaces() throws {
        #expect(try ContactChange(values: ContactFields(), mask: ["*"]).applied(to: stored) == ContactFields())
    }

    @Test("One attribute is set, or removed where it is absent")
    func singleAttributes() throws {
        let values = ContactFields(attributes: ["plan": .text("silver")])
        let changed = try ContactChange(values: values, mask: ["attributes.plan", "attributes.seats"]).applied(to: stored)
        #expect(changed.attributes == ["plan": .text("silver")])
    }

    @Test("Output-only paths are ignored, unknown ones refused all at once")
    func outputOnlyAndUnknown() throws {
        let change = try ContactChange(values: ContactFields(displayName: "x"), mask: ["etag", "contact_id", "state"])
        #expect(change.applied(to: stored) == stored)
        #expect(throws: ContactChange.UnknownPaths(paths: ["displayName", "attributes.No", "x"])) {
            try ContactChange(values: ContactFields(), mask: ["displayName", "note", "attributes.No", "x"])
        }
    }

    @Test("The changed paths are those whose values differ")
    func changedPathsDiffer() {
        var new = stored
        new.displayName = "Bia"
        new.attributes = ["plan": .text("gold"), "vip": .flag(true)]
        #expect(ContactChange.changedPaths(from: stored, to: new) == ["display_name", "attributes.seats", "attributes.vip"])
        #expect(ContactChange.changedPaths(from: stored, to: stored).isEmpty)
    }
}
