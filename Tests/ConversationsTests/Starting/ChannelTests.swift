import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import ServiceRuntime
import Testing
import WallTime

@Suite("S30-S33, S48, C28: what goes over which channel")
struct ChannelTests {
    /// A file of each kind, as its first bytes tell.
    private static let samples: [(kind: AttachmentKind, bytes: [UInt8], mediaType: String)] = [
        (.image, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Array(repeating: 7, count: 40), "image/png"),
        (.video, [0, 0, 0, 0x18] + Array("ftypmp42 and the rest of a film".utf8), "video/mp4"),
        (.audio, Array("OggS and the rest of a recording".utf8), "audio/ogg"),
        (.pdf, Array("%PDF-1.7 and the rest of a document".utf8), "application/pdf"),
        (.csv, Array("name,total\nAna,1\n".utf8), "text/csv"),
        (.document, Array("PK\u{3}\u{4} and the rest of an archive".utf8), "application/zip"),
    ]

    /// SPEC 8, in its own words.
    private static let allowed: [ChannelKind: Set<AttachmentKind>] = [
        .whatsapp: [.image, .video, .audio, .pdf, .csv, .document],
        .facebook: [.image, .video, .audio, .document],
        .instagram: [.image, .video, .audio],
        .webchat: [.image, .video, .document],
        .email: [.image, .video, .audio, .pdf, .csv, .document],
    ]

    @Test(
        "S32, S33: each kind of file over each channel, as SPEC 8 says: PDF and CSV over WhatsApp alone of the chats, no audio on web chat"
    )
    func S33_S32_kinds() async throws {
        try await Desk.with { desk in
            for (kind, account) in try await desk.accountOfEachKind() {
                let id = try await desk.customer(of: kind, over: account).conversationID
                _ = try await desk.send(id, text: "hello", accept: true)
                for sample in Self.samples {
                    let isAllowed = Self.allowed[kind]!.contains(sample.kind)
                    let what = "\(sample.kind) over \(kind)"
                    let said = await told { try await desk.sendFile(sample.bytes, sample.mediaType, in: id) }
                    if isAllowed {
                        #expect(said == "", "\(what)")
                        let last = try #require(try await desk.messages(id).last)
                        #expect(last.kind == .attachment && last.attachments.map(\.kind) == [sample.kind], "\(what)")
                    } else {
                        #expect(said.hasPrefix("INVALID_ARGUMENT ATTACHMENT_TYPE_NOT_ALLOWED"), "\(what): \(said)")
                    }
                }
                // What may be attached is told beforehand by the same row.
                let row = try await desk.canSend(id).attachments
                #expect(Set(row.filter { $0.permission != .rejected }.map(\.kind)) == Self.allowed[kind]!, "\(kind)")
                #expect(row.allSatisfy { $0.permission == (kind == .email ? .asFile : .allowed) }, "\(kind)")
            }
        }
    }

    @Test("S30: text, emoji, a file and a recording go out and are read back as they were; nothing at all is refused")
    func S30_composer() async throws {
        try await Desk.with { desk in
            let id = try await desk.customer().conversationID
            _ = try await desk.send(id, text: "olá, tudo bem?\nsegunda linha", accept: true)
            _ = try await desk.send(id, text: "👩🏽‍💻 ✅")
            let files = Self.samples.filter { $0.kind == .image || $0.kind == .audio }
            for file in files { try await desk.sendFile(file.bytes, file.mediaType, in: id) }
            let sent = try await desk.messages(id).dropFirst()
            #expect(sent.map(\.text) == ["olá, tudo bem?\nsegunda linha", "👩🏽‍💻 ✅", "", ""])
            #expect(sent.flatMap(\.attachments).map(\.kind) == [.image, .audio])
            for (file, attachment) in zip(files, sent.flatMap(\.attachments)) {
                #expect(try await desk.download(attachment.attachmentID) == file.bytes)
            }
            #expect(await told { try await desk.send(id, text: " \n") } == "INVALID_ARGUMENT INVALID_FIELD text")
        }
    }

    @Test("S31: files and recordings go out to the last moment of the 24 hours, and no longer, on every channel with a window")
    func S31_window() async throws {
        try await Desk.with { desk in
            var open: [(id: String, file: String)] = []
            for (number, account) in [Desk.Account.whatsapp, .facebook, .instagram].enumerated() {
                let id = try await desk.customer("551190000000\(number)", to: account).conversationID
                _ = try await desk.send(id, text: "hello", accept: true)
                for sample in Self.samples where sample.kind == .image || sample.kind == .audio {
                    open.append((id, try await desk.upload(sample.bytes, sample.mediaType, in: id)))
                }
            }
            // By the provider's clock the contact wrote now (C1): the agent's own answers move nothing.
            try desk.advance(by: .seconds(86_400) - .milliseconds(1))
            for (id, file) in open { try await desk.send(id, file: file) }
            try desk.advance(by: .milliseconds(1))
            for (id, file) in open {
                #expect(await told { try await desk.send(id, file: file) }.hasPrefix("FAILED_PRECONDITION REPLY_WINDOW_CLOSED"))
            }
        }
    }

    @Test("C3: a channel of the tenant's own is a row: its name is shown, and it does what the row says and nothing else")
    func C3_ownChannel() async throws {
        try await Desk.with { desk in
            let admin = try await desk.by(.operator_, role: "admin")
            func create(_ rules: ConversationsV1.ChannelRules?, kind: ChannelKind = .other) async throws
                -> ConversationsV1.ChannelAccount
            {
                let account = ConversationsV1.ChannelAccount(
                    kind: kind, displayName: "Texts", departmentID: Desk.departmentID.text, rules: rules)
                return try await desk.accounts.createChannelAccount(
                    CreateChannelAccountRequest(channelAccount: account, requestID: UUID().text), admin
                ).channelAccount!
            }
            let nameless = "INVALID_ARGUMENT INVALID_FIELD channel_account.rules.channel_name"
            #expect(await told { try await create(nil) } == nameless)
            #expect(await told { try await create(.init(channelName: String(repeating: "x", count: 41))) } == nameless)
            #expect(await told { try await create(.init(channelName: "SMS"), kind: .email) } == nameless)
            let made = try await create(
                .init(replyWindow: .init(seconds: 60), expiresWithWindow: true, weight: 1, textMax: 5, channelName: "SMS"))
            #expect(made.kind == .other && made.rules?.channelName == "SMS")

            let conversation = try await desk.customer(of: .other, over: made.channelAccountID)
            #expect(conversation.channel == .other && conversation.channelName == "SMS")
            let id = conversation.conversationID
            _ = try await desk.send(id, text: "hello", accept: true)
            #expect(await told { try await desk.send(id, text: "too long") }.contains("TEXT_TOO_LONG"))
            let request = ListConversationsRequest(view: .open, channels: [.other])
            let rows = try await desk.conversations.listConversations(request, try await desk.by(.ana)).conversations
            #expect(rows.map(\.conversationID) == [id] && rows.first?.channelName == "SMS")
            try desk.advance(by: .seconds(60))
            let closed = try await desk.canSend(id)
            #expect(!closed.allowed && closed.reason == "REPLY_WINDOW_CLOSED")

            // The row is the tenant's to change; its name is never taken away.
            func rename(_ name: String) async throws -> ConversationsV1.ChannelAccount {
                try await desk.accounts.updateChannelAccount(
                    UpdateChannelAccountRequest(
                        channelAccount: .init(channelAccountID: made.channelAccountID, rules: .init(channelName: name)),
                        updateMask: .init(paths: ["rules.channel_name"]), requestID: UUID().text), admin
                ).channelAccount!
            }
            #expect(try await rename("Telegram").rules?.channelName == "Telegram")
            #expect(await told { try await rename("") } == nameless)
        }
    }

    @Test(
        "S48: WhatsApp, Messenger, Instagram, web chat and e-mail stand in one list, are answered alike, and keep to their rows")
    func S48_oneInterface() async throws {
        try await Desk.with { desk in
            let accounts = try await desk.accountOfEachKind()
            #expect(accounts.map(\.kind) == [.whatsapp, .facebook, .instagram, .webchat, .email])
            for (kind, account) in accounts { try await desk.customer(of: kind, over: account) }
            func list(_ view: InboxView) async throws -> [ConversationsV1.Conversation] {
                try await desk.conversations.listConversations(
                    ListConversationsRequest(view: view, orderBy: "arrival_time"), try await desk.by(.ana)
                ).conversations
            }
            let waiting = try await list(.queue)
            #expect(Set(waiting.map(\.channel)) == Set(accounts.map(\.kind)))
            for conversation in waiting {
                _ = try await desk.send(conversation.conversationID, text: "good morning", accept: true)
            }
            let served = try await list(.open)
            #expect(Set(served.map(\.channel)) == Set(accounts.map(\.kind)))
            #expect(served.allSatisfy { $0.lastLine == "good morning" && $0.firstLine == "hello" && !$0.inactive })
            // One channel alone, and what is none.
            let request = ListConversationsRequest(view: .open, channels: [.instagram, .email])
            let some = try await desk.conversations.listConversations(request, try await desk.by(.ana)).conversations
            #expect(Set(some.map(\.channel)) == [.instagram, .email])
            let unknown = ListConversationsRequest(channels: [.init(rawValue: 77)])
            #expect(
                await told { try await desk.conversations.listConversations(unknown, try await desk.by(.ana)) }
                    == "INVALID_ARGUMENT INVALID_FIELD channels[0]")
            // The windows are the channels' own; a web chat's silence closes it (C46).
            try desk.advance(by: .seconds(86_400))
            for conversation in served where conversation.channel != .webchat {
                let isOpen = conversation.channel == .email
                #expect(try await desk.canSend(conversation.conversationID).allowed == isOpen, "\(conversation.channel)")
            }
        }
    }

    @Test(
        "C28: a PDF on Instagram is refused by the standard row and goes out once an admin has set its flag; others set nothing")
    func C28_flag() async throws {
        try await Desk.with { desk in
            let pdf = Self.samples.first { $0.kind == .pdf }!
            let id = try await desk.customer("igsid-1", to: .instagram).conversationID
            _ = try await desk.send(id, text: "hello", accept: true)
            #expect(
                await told { try await desk.sendFile(pdf.bytes, pdf.mediaType, in: id) }
                    .hasPrefix("INVALID_ARGUMENT ATTACHMENT_TYPE_NOT_ALLOWED"))
            var account = try await desk.account(.instagram)
            account.rules?.attachments.append(AttachmentRule(kind: .pdf, permission: .allowed, bytesMax: 1_000))
            func update(_ account: ConversationsV1.ChannelAccount, _ mask: [String], role: String) async throws
                -> ConversationsV1.ChannelAccount
            {
                let request = UpdateChannelAccountRequest(
                    channelAccount: account, updateMask: FieldMask(paths: mask), requestID: UUID().text)
                return try #require(
                    try await desk.accounts.updateChannelAccount(request, try await desk.by(.operator_, role: role))
                        .channelAccount)
            }
            #expect(
                await told { try await update(account, ["rules"], role: "operator") } == "PERMISSION_DENIED PERMISSION_DENIED")
            let changed = try await update(account, ["rules"], role: "admin")
            #expect(changed.rules == account.rules && changed.etag != account.etag && changed.displayName == account.displayName)
            #expect(await told { try await desk.sendFile(pdf.bytes, pdf.mediaType, in: id) } == "")
            let long = pdf.bytes + Array(repeating: 0, count: 1_000)
            #expect(
                await told { try await desk.sendFile(long, pdf.mediaType, in: id) }
                    .hasPrefix("INVALID_ARGUMENT ATTACHMENT_TOO_LARGE"))
            // The row that was read before is another one now; what cannot be changed, and what is wrong, is told.
            #expect(await told { try await update(account, ["rules"], role: "admin") } == "ABORTED ETAG_MISMATCH")
            var other = changed
            other.kind = .whatsapp
            #expect(
                await told { try await update(other, ["disabled"], role: "admin") }
                    == "INVALID_ARGUMENT INVALID_FIELD channel_account.kind")
            #expect(
                await told { try await update(changed, ["kind"], role: "admin") }
                    == "INVALID_ARGUMENT UPDATE_MASK_INVALID update_mask")
            other = changed
            other.departmentID = UUID().text
            #expect(
                await told { try await update(other, ["department_id"], role: "admin") }
                    == "NOT_FOUND DEPARTMENT_NOT_FOUND")
            // Disabled, nothing goes out; what comes is stored.
            other = changed
            other.disabled = true
            _ = try await update(other, ["disabled"], role: "admin")
            #expect(await told { try await desk.send(id, text: "hi") }.hasPrefix("FAILED_PRECONDITION CHANNEL_DISABLED"))
            #expect(try await desk.customer("igsid-1", to: .instagram).conversationID == id)
            // One rule by itself: the others stay.
            var single = changed
            single.etag = ""
            single.rules = ConversationsV1.ChannelRules(textMax: 77)
            var expected = changed.rules
            expected?.textMax = 77
            #expect(try await update(single, ["rules.text_max"], role: "admin").rules == expected)
            expected?.replyWindow = nil
            #expect(try await update(single, ["rules.reply_window"], role: "admin").rules == expected)
            #expect(
                await told { try await update(single, ["rules.colour"], role: "admin") }
                    == "INVALID_ARGUMENT UPDATE_MASK_INVALID update_mask")
            // What becomes of what a bot hands off goes with the bot, and by itself.
            single.botDirective = BotDirective(method: .random)
            #expect(
                await told { try await update(single, ["bot_directive"], role: "admin") }
                    == "INVALID_ARGUMENT INVALID_FIELD channel_account.bot_directive")
            single.botID = UUID().uuidString.lowercased()
            let served = try await update(single, ["bot_id", "bot_directive.method"], role: "admin")
            #expect(served.botID == single.botID && served.botDirective == BotDirective(method: .random))
            single.botID = ""
            let alone = try await update(single, ["bot_id"], role: "admin")
            #expect(alone.botID.isEmpty && alone.botDirective == nil && alone.rules == expected)
        }
    }
}

// MARK: - What these tests do again and again

extension Desk {
    func account(_ account: Account) async throws -> ConversationsV1.ChannelAccount {
        try #require(
            try await accounts.getChannelAccount(
                GetChannelAccountRequest(channelAccountID: account.id), try await by(.operator_, role: "admin")
            ).channelAccount)
    }

    /// An account of each channel, in the order of SPEC 8; those the desk has none of are made.
    fileprivate func accountOfEachKind() async throws -> [(kind: ChannelKind, id: String)] {
        var found: [(kind: ChannelKind, id: String)] = [
            (.whatsapp, Account.whatsapp.id), (.facebook, Account.facebook.id), (.instagram, Account.instagram.id),
        ]
        for kind in [ChannelKind.webchat, .email] {
            let account = ConversationsV1.ChannelAccount(
                kind: kind, displayName: "\(kind)", departmentID: Self.departmentID.text)
            let made = try await accounts.createChannelAccount(
                CreateChannelAccountRequest(channelAccount: account, requestID: UUID().text),
                try await by(.operator_, role: "admin"))
            found.append((kind, try #require(made.channelAccount?.channelAccountID)))
        }
        return found
    }

    @discardableResult
    fileprivate func customer(of kind: ChannelKind, over account: String) async throws -> ConversationsV1.Conversation {
        let address =
            switch kind {
            case .whatsapp: "5511900000077"
            case .email: "ana@example.org"
            case .webchat: UUID().text
            default: "customer-77"
            }
        let answer = try await conversations.receiveMessage(
            ReceiveMessageRequest(
                channelAccountID: account, providerMessageID: UUID().text, senderAddress: address, kind: .text, text: "hello"),
            try await byChannels(to: "conversations"))
        return try #require(answer.conversation)
    }

    /// Uploads a file for a conversation.
    fileprivate func upload(_ bytes: [UInt8], _ mediaType: String, in id: String) async throws -> String {
        let header = UploadAttachmentHeader(
            file: AttachmentHeader(mediaType: mediaType, fileName: "file"), conversationID: id, requestID: UUID().text)
        let answer = try await attachments.uploadAttachment(try await by(.ana)) { pieces in
            try await pieces.write(UploadAttachmentRequest(piece: .header(header)))
            try await pieces.write(UploadAttachmentRequest(piece: .data(bytes)))
        }
        return try #require(answer.attachment?.attachmentID)
    }

    @discardableResult
    fileprivate func send(_ id: String, file: String) async throws -> ConversationsV1.Message {
        let request = SendMessageRequest(conversationID: id, requestID: UUID().text, attachmentIDs: [file])
        return try #require(try await conversations.sendMessage(request, try await by(.ana)).message)
    }

    @discardableResult
    fileprivate func sendFile(_ bytes: [UInt8], _ mediaType: String, in id: String) async throws -> ConversationsV1.Message {
        try await send(id, file: try await upload(bytes, mediaType, in: id))
    }

    fileprivate func download(_ id: String) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await response in attachments.downloadAttachment(
            DownloadAttachmentRequest(attachmentID: id), try await by(.ana))
        {
            if case .data(let piece)? = response.piece { bytes += piece }
        }
        return bytes
    }
}
