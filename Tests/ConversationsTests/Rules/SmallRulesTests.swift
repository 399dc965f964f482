import Testing

@testable import Conversations

@Suite("C19, C25, S32: small rules")
struct SmallRulesTests {
    @Test(
        "C19: the badge is max(count, attention ? 1 : 0)", arguments: [(0, false, 0), (0, true, 1), (3, true, 3), (3, false, 3)])
    func C19_badge(count: Int, attention: Bool, badge: Int) {
        #expect(Unread.badge(count: Int32(count), attention: attention) == Int32(badge))
    }

    @Test("C19: counting begins behind the assignee's mark, or behind what a human answered")
    func C19_floor() {
        #expect(Unread.floor(assigneeMark: nil, lastHumanSeq: 4) == 4)
        #expect(Unread.floor(assigneeMark: 2, lastHumanSeq: 4) == 4)
        #expect(Unread.floor(assigneeMark: 7, lastHumanSeq: 4) == 7)
    }

    @Test("C25: the first text line, at most 120 characters; attachments as a placeholder")
    func C25_preview() {
        #expect(Preview.line(text: "\n  \n  Hello there  \nsecond", placeholder: nil) == "Hello there")
        #expect(Preview.line(text: String(repeating: "é", count: 121), placeholder: nil).count == 120)
        #expect(Preview.line(text: " \n", placeholder: "audio") == "[audio]")
        #expect(Preview.line(text: "caption", placeholder: "image") == "caption")
        #expect(Preview.line(text: "", placeholder: nil).isEmpty)
    }

    @Test("S32: the bytes decide what a file is; names and claims only where bytes are silent")
    func S32_kinds() {
        func kind(_ type: String, _ name: String, _ head: [UInt8]) -> AttachmentKind {
            AttachmentKind.judged(mediaType: type, fileName: name, head: head)
        }
        let pdf = Array("%PDF-1.7".utf8)
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        #expect(kind("image/png", "a.png", png) == .image)
        #expect(kind("image/png", "a.png", pdf) == .pdf)
        #expect(kind("image/png", "a.png", Array("<script>".utf8)) == .document)
        #expect(kind("image/svg+xml", "a.svg", Array("<svg".utf8)) == .document)
        #expect(kind("text/csv", "", Array("a,b".utf8)) == .csv)
        #expect(kind("application/octet-stream", "DATA.CSV", Array("a,b".utf8)) == .csv)
        #expect(kind("audio/ogg", "a.ogg", Array("OggS".utf8)) == .audio)
        #expect(kind("video/mp4", "a.mp4", [0, 0, 0, 24] + Array("ftypisom".utf8)) == .video)
        #expect(kind("video/mp4", "a.m4a", [0, 0, 0, 24] + Array("ftypM4A ".utf8)) == .audio)
        #expect(kind("application/octet-stream", "song.bin", Array("ID3".utf8)) == .audio)
        #expect(kind("text/plain", "a.txt", []) == .document)
    }

    @Test("states are stored by name and reason, and read back", arguments: ConversationState.allCases)
    func statesRoundTrip(state: ConversationState) {
        #expect(ConversationState(name: state.name, reason: state.reasonName) == state)
    }
}
