import GRPC

/// A request that each implemented method answers with OK, as ProtoJSON, with `$names` of the things in its scene. An
/// implemented method that has none here fails the tests.
struct Example: Sendable {
    let scene: Scene.Kind
    let json: String

    private init(_ scene: Scene.Kind, _ json: String) {
        self.scene = scene
        self.json = json
    }

    static func of(_ method: MethodDescriptor) -> Example? { all[String(method.path.dropFirst("/switchboard.".count))] }

    private static let all: [String: Example] = contacts.merging(conversations) { $1 }.merging(widget) { $1 }

    private static let contacts: [String: Example] = [
        "contacts.v1.ContactsService/CreateContact": Example(
            .bare,
            #"{"contact": {"displayName": "$new"}, "identities": [{"kind": "IDENTITY_KIND_CUSTOMER", "address": "$new"}]}"#),
        "contacts.v1.ContactsService/GetContact": Example(.contact, #"{"contactId": "$contact"}"#),
        "contacts.v1.ContactsService/BatchGetContacts": Example(.contact, #"{"contactIds": ["$contact"]}"#),
        "contacts.v1.ContactsService/ListContacts": Example(.contact, "{}"),
        "contacts.v1.ContactsService/UpdateContact": Example(
            .contact,
            #"{"contact": {"contactId": "$contact", "displayName": "$new"}, "updateMask": "displayName", "etag": "$contactTag"}"#),
        "contacts.v1.ContactsService/ResolveContact": Example(
            .bare, #"{"identity": {"kind": "IDENTITY_KIND_CUSTOMER", "address": "$new"}}"#),
        "contacts.v1.ContactsService/LookupContact": Example(
            .contact, #"{"kind": "IDENTITY_KIND_CUSTOMER", "address": "$address"}"#),
        "contacts.v1.ContactsService/ListIdentities": Example(.contact, #"{"contactId": "$contact"}"#),
        "contacts.v1.ContactsService/AddIdentity": Example(
            .contact,
            #"{"contactId": "$contact", "identity": {"kind": "IDENTITY_KIND_CUSTOMER", "address": "$new"}, "etag": "$contactTag"}"#
        ),
        "contacts.v1.ContactsService/RemoveIdentity": Example(
            .contact, #"{"contactId": "$contact", "identityId": "$identity", "etag": "$contactTag"}"#),
        "contacts.v1.ContactsService/ListTimeline": Example(.contact, #"{"contactId": "$contact"}"#),
        "contacts.v1.ContactsService/Watch": Example(.contact, "{}"),
    ]

    private static let conversations: [String: Example] = [
        "conversations.v1.ConversationsService/ListConversations": Example(.queued, "{}"),
        "conversations.v1.ConversationsService/CountConversations": Example(.queued, "{}"),
        "conversations.v1.ConversationsService/GetConversation": Example(.queued, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.ConversationsService/ListMessages": Example(.open, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.ConversationsService/GetMessage": Example(
            .queued, #"{"conversationId": "$conversation", "messageId": "$message"}"#),
        "conversations.v1.ConversationsService/ListHistory": Example(.open, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.ConversationsService/CanSend": Example(.open, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.ConversationsService/ReceiveMessage": Example(
            .bare,
            #"{"channelAccountId": "$account", "providerMessageId": "$new", "senderAddress": "$new", "kind": "MESSAGE_KIND_TEXT", "text": "hello"}"#
        ),
        "conversations.v1.ConversationsService/ReportDelivery": Example(
            .open, #"{"messageId": "$answer", "status": "DELIVERY_STATUS_DELIVERED"}"#),
        "conversations.v1.ConversationsService/StartConversation": Example(
            .emailContact,
            #"{"channelAccountId": "$emailAccount", "contactId": "$contact", "departmentId": "$department", "subject": "News", "text": "hello"}"#
        ),
        "conversations.v1.ConversationsService/SendMessage": Example(
            .open, #"{"conversationId": "$conversation", "text": "hello", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/AddNote": Example(
            .open, #"{"conversationId": "$conversation", "text": "between us", "mentionedAgentIds": ["$colleague"]}"#),
        "conversations.v1.ConversationsService/Accept": Example(
            .queued, #"{"conversationId": "$conversation", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/Take": Example(
            .colleagues, #"{"conversationId": "$conversation", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/Intervene": Example(
            .automated, #"{"conversationId": "$conversation", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/Decline": Example(
            .offered, #"{"conversationId": "$conversation", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/HandOff": Example(
            .automated, #"{"conversationId": "$conversation", "departmentId": "$department", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/Assign": Example(
            .queued, #"{"conversationId": "$conversation", "agentId": "$colleague", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/ReturnToQueue": Example(
            .offered, #"{"conversationId": "$conversation", "cause": "RETURN_CAUSE_OFFER_TIMEOUT", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/Restore": Example(
            .pending, #"{"conversationId": "$conversation", "cause": "RESTORE_CAUSE_BACK", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/ExpireUnattended": Example(
            .queued, #"{"conversationId": "$conversation", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/LinkTicket": Example(
            .open,
            #"{"conversationId": "$conversation", "ticketId": "0198c0de-0000-7000-8000-00000000c024", "serviceType": "returns", "missingOnClose": ["category"], "etag": "$tag"}"#
        ),
        "conversations.v1.ConversationsService/SetPending": Example(
            .open, #"{"conversationId": "$conversation", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/Resume": Example(
            .pending, #"{"conversationId": "$conversation", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/Transfer": Example(
            .open, #"{"conversationId": "$conversation", "agentId": "$colleague", "reason": "knows more", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/Close": Example(
            .open, #"{"conversationId": "$conversation", "outcome": "solved", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/MarkRead": Example(.open, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.ConversationsService/UpdateConversation": Example(
            .open,
            #"{"conversation": {"conversationId": "$conversation", "labels": ["$new"], "etag": "$tag"}, "updateMask": "labels"}"#),
        "conversations.v1.ConversationsService/GetScope": Example(.bare, "{}"),
        "conversations.v1.ConversationsService/ListAgentSlots": Example(.bare, "{}"),
        "conversations.v1.ConversationsService/Watch": Example(.queued, "{}"),
        "conversations.v1.AttachmentsService/GetAttachment": Example(.open, #"{"attachmentId": "$attachment"}"#),
        "conversations.v1.AttachmentsService/DownloadAttachment": Example(.open, #"{"attachmentId": "$attachment"}"#),
        "conversations.v1.AttachmentsService/UploadAttachment": Example(
            .open, #"{"header": {"file": {"mediaType": "text/plain", "fileName": "a.txt"}, "conversationId": "$conversation"}}"#),
        "conversations.v1.ChannelAccountsService/CreateChannelAccount": Example(
            .bare, #"{"channelAccount": {"kind": "CHANNEL_KIND_WEBCHAT", "displayName": "$new"}}"#),
        "conversations.v1.ChannelAccountsService/GetChannelAccount": Example(.bare, #"{"channelAccountId": "$account"}"#),
        "conversations.v1.ChannelAccountsService/ListChannelAccounts": Example(.bare, "{}"),
        "conversations.v1.ChannelAccountsService/GetWidgetOrigins": Example(.bare, #"{"widgetKey": "$widgetKey"}"#),
    ]

    private static let widget: [String: Example] = [
        "conversations.v1.WidgetService/CreateWidgetSession": Example(
            .bare, #"{"widgetKey": "$widgetKey", "origin": "https://shop.example"}"#),
        "conversations.v1.WidgetService/CreateStreamTicket": Example(.visitor, "{}"),
        "conversations.v1.WidgetService/SendVisitorMessage": Example(
            .visitor, #"{"clientMessageId": "$new", "text": "hello"}"#),
        "conversations.v1.WidgetService/ListVisitorMessages": Example(.visitor, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.WidgetService/MarkVisitorRead": Example(
            .visitor, #"{"conversationId": "$conversation", "upToSeq": 1}"#),
        "conversations.v1.WidgetService/EndVisitorConversation": Example(.visitor, "{}"),
        "conversations.v1.WidgetService/UploadVisitorAttachment": Example(
            .visitor, #"{"header": {"mediaType": "text/plain", "fileName": "a.txt"}}"#),
        "conversations.v1.WidgetService/DownloadVisitorAttachment": Example(.visitor, #"{"attachmentId": "$attachment"}"#),
    ]
}
