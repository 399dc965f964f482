import GRPC

/// A request that each implemented method answers with OK, as ProtoJSON, with `$names` of the things in its scene. An
/// implemented method that has none here fails the tests.
struct Example: Sendable {
    let scene: Scene.Kind
    let json: String

    init(_ scene: Scene.Kind, _ json: String) {
        self.scene = scene
        self.json = json
    }

    static func of(_ method: MethodDescriptor) -> Example? { all[String(method.path.dropFirst("/switchboard.".count))] }

    private static let all: [String: Example] = [
        contacts, contactsAside, conversations, widget, templates, snippets, tickets, routing, channels,
    ].reduce([:]) { $0.merging($1) { $1 } }

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
        "contacts.v1.ContactsService/ListAuditEntries": Example(.attribute, "{}"),
        "contacts.v1.ContactsService/Watch": Example(.contact, "{}"),
        "contacts.v1.ContactsService/BlockContact": Example(
            .contact, #"{"contactId": "$contact", "block": {"reason": "insults"}, "etag": "$contactTag"}"#),
        "contacts.v1.ContactsService/UnblockContact": Example(
            .contact, #"{"contactId": "$contact", "etag": "$contactTag"}"#),
        "contacts.v1.ContactsService/MergeContacts": Example(
            .twoContacts,
            #"{"survivingContactId": "$contact", "mergedContactId": "$otherContact", "etag": "$contactTag"}"#),
        "contacts.v1.ContactsService/UnmergeContacts": Example(.merge, #"{"mergeId": "$merge", "etag": "$tag"}"#),
        "contacts.v1.ContactsService/GetMerge": Example(.merge, #"{"mergeId": "$merge"}"#),
        "contacts.v1.ContactsService/ListMerges": Example(.merge, #"{"contactId": "$contact"}"#),
        "contacts.v1.ContactsService/CreateLinkedObject": Example(
            .contact, #"{"contactId": "$contact", "linkedObject": {"kind": "LINKED_OBJECT_KIND_DEAL", "title": "300 seats"}}"#),
        "contacts.v1.ContactsService/ListLinkedObjects": Example(.linkedObject, #"{"contactId": "$contact"}"#),
        "contacts.v1.ContactsService/UpdateLinkedObject": Example(
            .linkedObject,
            #"{"linkedObject": {"linkedObjectId": "$object", "title": "$new"}, "updateMask": "title", "etag": "$tag"}"#),
        "contacts.v1.ContactsService/DeleteLinkedObject": Example(
            .linkedObject, #"{"linkedObjectId": "$object", "etag": "$tag"}"#),
        "contacts.v1.ContactsService/ImportContacts": Example(
            .bare, #"{"options": {"columns": {"name": "display_name"}}}"#),
        "contacts.v1.ContactsService/ExportContacts": Example(.contact, "{}"),
    ]

    private static let contactsAside: [String: Example] = [
        "contacts.v1.ContactFieldsService/CreateAttributeDefinition": Example(
            .bare, #"{"attributeDefinition": {"key": "k$word", "type": "ATTRIBUTE_TYPE_TEXT", "displayName": "Plan"}}"#),
        "contacts.v1.ContactFieldsService/ListAttributeDefinitions": Example(.attribute, "{}"),
        "contacts.v1.ContactFieldsService/UpdateAttributeDefinition": Example(
            .attribute,
            #"{"attributeDefinition": {"key": "$attribute", "displayName": "$new"}, "updateMask": "displayName", "etag": "$tag"}"#
        ),
        "contacts.v1.ContactFieldsService/GetFieldLayout": Example(.layout, #"{"fieldLayoutId": "$layout"}"#),
        "contacts.v1.ContactFieldsService/UpdateFieldLayout": Example(
            .layout,
            #"{"fieldLayout": {"fieldLayoutId": "$layout", "groups": [{"fields": [{"path": "note"}]}]}, "etag": "$tag"}"#),
        "contacts.v1.ContactPrivacyService/RecordConsent": Example(
            .contact,
            #"{"contactId": "$contact", "consent": {"purpose": "marketing", "state": "CONSENT_STATE_GRANTED", "source": "SOURCE_AGENT"}}"#
        ),
        "contacts.v1.ContactPrivacyService/ListConsents": Example(.consents, #"{"contactId": "$contact"}"#),
        "contacts.v1.ContactPrivacyService/ExportContactData": Example(.contact, #"{"contactId": "$contact"}"#),
        "contacts.v1.ContactPrivacyService/EraseContact": Example(
            .contact, #"{"contactId": "$contact", "reason": "asked for it", "etag": "$contactTag"}"#),
        "contacts.v1.ContactPrivacyService/ReportErasure": Example(
            .erasure, #"{"erasureId": "$erasure", "report": {"service": "channels", "counts": {"messages": 3}}}"#),
        "contacts.v1.ContactPrivacyService/GetErasure": Example(.erasure, #"{"erasureId": "$erasure"}"#),
        "contacts.v1.ContactPrivacyService/ListErasures": Example(.erasure, "{}"),
    ]

    private static let conversations: [String: Example] = [
        "conversations.v1.ConversationsService/ListConversations": Example(.queued, "{}"),
        "conversations.v1.ConversationsService/CountConversations": Example(.queued, "{}"),
        "conversations.v1.ConversationsService/GetConversation": Example(.queued, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.ConversationsService/ListMessages": Example(.open, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.ConversationsService/GetMessage": Example(
            .queued, #"{"conversationId": "$conversation", "messageId": "$message"}"#),
        "conversations.v1.ConversationsService/ListHistory": Example(.open, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.ConversationsService/SearchConversations": Example(.queued, #"{"query": "hello"}"#),
        "conversations.v1.ConversationsService/SendTyping": Example(
            .open, #"{"conversationId": "$conversation", "typing": true}"#),
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
        "conversations.v1.ConversationsService/WarnOfSla": Example(.open, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.ConversationsService/CheckHandover": Example(.open, #"{"messageId": "$answer"}"#),
        "conversations.v1.ConversationsService/RetryMessage": Example(
            .failed, #"{"conversationId": "$conversation", "messageId": "$answer"}"#),
        "conversations.v1.ConversationsService/BulkUpdateConversations": Example(
            .open, #"{"conversationIds": ["$conversation"], "label": {"add": ["$new"]}}"#),
        "conversations.v1.ConversationsService/BlockAddress": Example(
            .open, #"{"conversationId": "$conversation", "reason": "spam"}"#),
        "conversations.v1.ConversationsService/UnblockAddress": Example(
            .blocked, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.NotificationsService/ListNotifications": Example(.notified, "{}"),
        "conversations.v1.NotificationsService/MarkNotificationsRead": Example(.bare, "{}"),
        "conversations.v1.ConversationReportsService/GetConversationReport": Example(
            .open, #"{"startTime": "$yesterday", "endTime": "$tomorrow"}"#),
        "conversations.v1.ConversationAuditService/GetConversationSnapshot": Example(
            .open, #"{"conversationId": "$conversation", "readTime": "$moment"}"#),
        "conversations.v1.ConversationAuditService/ListQueueSnapshot": Example(.queued, #"{"readTime": "$moment"}"#),
        "conversations.v1.ConversationAuditService/ListAuditEntries": Example(.closingRule, "{}"),
        "conversations.v1.ClosingRulesService/ListClosingRules": Example(.closingRule, "{}"),
        "conversations.v1.ClosingRulesService/GetClosingRule": Example(
            .closingRule, #"{"departmentId": "$department", "channel": "CHANNEL_KIND_WEBCHAT"}"#),
        "conversations.v1.ClosingRulesService/SetClosingRule": Example(
            .closingRule,
            #"{"closingRule": {"departmentId": "$department", "channel": "CHANNEL_KIND_WEBCHAT", "inactiveAfter": "600s", "notice": {"text": "still there?", "before": "60s"}, "closeExpiredAfter": "86400s"}, "etag": "$ruleTag"}"#
        ),
        "conversations.v1.AutomaticRepliesService/ListAutomaticReplies": Example(.closingRule, "{}"),
        "conversations.v1.AutomaticRepliesService/SetAutomaticReply": Example(
            .closingRule,
            #"{"automaticReply": {"departmentId": "$department", "channel": "CHANNEL_KIND_WEBCHAT", "occasion": "AUTOMATIC_REPLY_OCCASION_NOBODY_AVAILABLE", "texts": [{"locale": "pt-BR", "text": "oi"}, {"text": "hello"}]}, "etag": "$replyTag"}"#
        ),
        "conversations.v1.ConversationsService/SetPending": Example(
            .open, #"{"conversationId": "$conversation", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/Resume": Example(
            .pending, #"{"conversationId": "$conversation", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/ResumeByTemplate": Example(
            .awaiting,
            #"{"conversationId": "$conversation", "template": {"templateId": "$template", "variables": {"1": "Ana"}}, "etag": "$tag"}"#
        ),
        "conversations.v1.ConversationsService/Transfer": Example(
            .open, #"{"conversationId": "$conversation", "agentId": "$colleague", "reason": "knows more", "etag": "$tag"}"#),
        "conversations.v1.ConversationsService/Close": Example(
            .open, #"{"conversationId": "$conversation", "outcome": "resolved", "etag": "$tag"}"#),
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
        "conversations.v1.ChannelAccountsService/UpdateChannelAccount": Example(
            .channelAccount,
            #"{"channelAccount": {"channelAccountId": "$ownAccount", "kind": "CHANNEL_KIND_WEBCHAT", "displayName": "$new", "rules": {"textMax": 4096}, "labelRules": [{"words": ["urgent"], "labels": ["$new"], "priority": 4}], "etag": "$tag"}, "updateMask": "displayName,rules,widget.allowedOrigins,labelRules,botDirective"}"#
        ),
        "conversations.v1.ChannelAccountsService/GetChannelAccount": Example(.bare, #"{"channelAccountId": "$account"}"#),
        "conversations.v1.ChannelAccountsService/ListChannelAccounts": Example(.bare, "{}"),
        "conversations.v1.ChannelAccountsService/GetWidgetOrigins": Example(.bare, #"{"widgetKey": "$widgetKey"}"#),
    ]

    private static let widget: [String: Example] = [
        "conversations.v1.WidgetService/CreateWidgetSession": Example(
            .bare, #"{"widgetKey": "$widgetKey", "origin": "https://shop.example"}"#),
        "conversations.v1.WidgetService/AnswerSurvey": Example(.judged, #"{"token": "$survey", "score": 4}"#),
        "conversations.v1.WidgetService/CreateStreamTicket": Example(.visitor, "{}"),
        "conversations.v1.WidgetService/SendVisitorMessage": Example(
            .visitor, #"{"clientMessageId": "$new", "text": "hello"}"#),
        "conversations.v1.WidgetService/ListVisitorMessages": Example(.visitor, #"{"conversationId": "$conversation"}"#),
        "conversations.v1.WidgetService/MarkVisitorRead": Example(
            .visitor, #"{"conversationId": "$conversation", "upToSeq": 1}"#),
        "conversations.v1.WidgetService/SendVisitorTyping": Example(.visitor, #"{"typing": true}"#),
        "conversations.v1.WidgetService/EndVisitorConversation": Example(.visitor, "{}"),
        "conversations.v1.WidgetService/LeaveContactDetails": Example(
            .visitor, #"{"email": "ana@example.org", "phone": "+5511987654321"}"#),
        "conversations.v1.WidgetService/UploadVisitorAttachment": Example(
            .visitor, #"{"header": {"mediaType": "text/plain", "fileName": "a.txt"}}"#),
        "conversations.v1.WidgetService/DownloadVisitorAttachment": Example(.visitor, #"{"attachmentId": "$attachment"}"#),
    ]

    /// A template with something in each of its parts, `ID` for what names it.
    private static func template(_ id: String) -> String {
        #"""
        {ID, "channelAccountId": "$account", "name": "$word", "language": "en_US", "category": "TEMPLATE_CATEGORY_UTILITY",
         "variableFormat": "VARIABLE_FORMAT_POSITIONAL",
         "header": {"format": "HEADER_FORMAT_TEXT", "text": "Order {{1}}", "examples": [{"variable": "1", "text": "A-1"}]},
         "body": {"text": "Hi {{1}}!", "examples": [{"variable": "1", "text": "Ana"}]}, "footer": "Example $word",
         "buttons": [{"kind": "BUTTON_KIND_URL", "text": "Track", "url": "https://x.example/{{1}}", "urlExample": "A-1"}]}
        """#.replacing("ID", with: id)
    }

    private static let templates: [String: Example] = [
        "templates.v1.TemplatesService/ListTemplates": Example(.template, "{}"),
        "templates.v1.TemplatesService/GetTemplate": Example(.template, #"{"templateId": "$template"}"#),
        "templates.v1.TemplatesService/CreateTemplate": Example(
            .bare, #"{"template": TEMPLATE}"#.replacing("TEMPLATE", with: template(#""etag": """#))),
        "templates.v1.TemplatesService/UpdateTemplate": Example(
            .template,
            #"{"template": TEMPLATE, "updateMask": "*", "etag": "$templateTag"}"#
                .replacing("TEMPLATE", with: template(#""templateId": "$template""#))),
        "templates.v1.TemplatesService/DeleteTemplate": Example(
            .template, #"{"templateId": "$template", "etag": "$templateTag"}"#),
        "templates.v1.TemplatesService/SubmitTemplate": Example(
            .template, #"{"templateId": "$template", "etag": "$templateTag"}"#),
        "templates.v1.TemplatesService/ReportTemplateStatus": Example(
            .approvedTemplate,
            #"{"templateId": "$template", "report": {"verdict": "PROVIDER_VERDICT_PAUSED", "providerTime": "2126-11-29T00:00:00Z"}}"#
        ),
        "templates.v1.TemplatesService/ListTemplateHistory": Example(.template, #"{"templateId": "$template"}"#),
        "templates.v1.TemplatesService/RenderTemplate": Example(
            .approvedTemplate, #"{"templateId": "$template", "variables": {"1": "Ana"}}"#),
        "templates.v1.TemplatesService/ValidateTemplate": Example(
            .bare, #"{"template": TEMPLATE}"#.replacing("TEMPLATE", with: template(#""etag": """#))),
        "templates.v1.TemplatesService/Watch": Example(.template, "{}"),
        "templates.v1.TemplatesService/ListAuditEntries": Example(.template, "{}"),
    ]

    private static let snippets: [String: Example] = [
        "templates.v1.SnippetsService/ListSnippets": Example(.snippet, "{}"),
        "templates.v1.SnippetsService/GetSnippet": Example(.snippet, #"{"snippetId": "$snippet"}"#),
        "templates.v1.SnippetsService/SearchSnippets": Example(.snippet, #"{"query": "/gree"}"#),
        "templates.v1.SnippetsService/CreateSnippet": Example(
            .bare,
            #"{"snippet": {"shortcut": "$word", "title": "Greeting", "departmentIds": ["$department"], "texts": [{"locale": "en", "text": "Hi"}]}}"#
        ),
        "templates.v1.SnippetsService/UpdateSnippet": Example(
            .snippet,
            #"{"snippet": {"snippetId": "$snippet", "shortcut": "$word", "title": "Greeting", "departmentIds": ["$department"], "texts": [{"locale": "en", "text": "Hi"}]}, "updateMask": "*", "etag": "$snippetTag"}"#
        ),
        "templates.v1.SnippetsService/DeleteSnippet": Example(
            .snippet, #"{"snippetId": "$snippet", "etag": "$snippetTag"}"#),
        "templates.v1.SnippetsService/RenderSnippet": Example(
            .snippet, #"{"snippetId": "$snippet", "variables": {"contact.first_name": "Ana"}}"#),
        "templates.v1.SnippetsService/RecordSnippetUse": Example(.snippet, #"{"snippetId": "$snippet"}"#),
    ]

    private static let tickets: [String: Example] = Dictionary(
        uniqueKeysWithValues: [
            ("TicketsService/CreateTicket", #"{"ticket": {"subject": "$new", "categoryId": "$category"}}"#),
            ("TicketsService/GetTicket", #"{"ticketId": "$ticket"}"#),
            ("TicketsService/BatchGetTickets", #"{"ticketIds": ["$ticket"]}"#),
            ("TicketsService/ListTickets", "{}"),
            (
                "TicketsService/UpdateTicket",
                #"{"ticket": {"ticketId": "$ticket", "subject": "$new"}, "updateMask": "subject", "etag": "$ticketTag"}"#
            ),
            (
                "TicketsService/ChangeStatus",
                #"{"ticketId": "$ticket", "status": "TICKET_STATUS_PENDING", "reason": "asked", "etag": "$ticketTag"}"#
            ),
            (
                "TicketsService/AddComment",
                #"{"ticketId": "$ticket", "comment": {"text": "hm", "attachmentIds": ["$attachment"]}}"#
            ),
            (
                "TicketAttachmentsService/UploadTicketAttachment",
                #"{"header": {"ticketId": "$ticket", "mediaType": "text/plain", "fileName": "a.txt"}}"#
            ),
            ("TicketAttachmentsService/GetTicketAttachment", #"{"attachmentId": "$attachment"}"#),
            ("TicketAttachmentsService/DownloadTicketAttachment", #"{"attachmentId": "$attachment"}"#),
            ("TicketsService/ListComments", #"{"ticketId": "$ticket"}"#),
            ("TicketsService/ListHistory", #"{"ticketId": "$ticket"}"#),
            ("TicketsService/ListClockEntries", #"{"ticketId": "$ticket"}"#),
            ("TicketsService/ExplainPolicy", #"{"ticketId": "$ticket"}"#),
            (
                "TicketsService/MergeTickets",
                #"{"survivingTicketId": "$ticket", "mergedTicketId": "$otherTicket", "reason": "same", "etag": "$ticketTag"}"#
            ),
            ("TicketsService/UnmergeTickets", #"{"mergeId": "$merge", "etag": "$mergeTag"}"#),
            ("TicketsService/GetTicketMerge", #"{"mergeId": "$merge"}"#),
            ("TicketsService/ListTicketMerges", #"{"ticketId": "$ticket"}"#),
            (
                "TicketsService/SplitTicket",
                #"{"ticketId": "$ticket", "subject": "$new", "reason": "two things", "etag": "$ticketTag"}"#
            ),
            (
                "TicketsService/CreateTicketLink",
                #"{"ticketId": "$ticket", "link": {"targetTicketId": "$otherTicket", "kind": "TICKET_LINK_KIND_RELATED"}}"#
            ),
            ("TicketsService/ListTicketLinks", #"{"ticketId": "$ticket"}"#),
            ("TicketsService/DeleteTicketLink", #"{"ticketId": "$ticket", "linkId": "$link"}"#),
            (
                "TicketsService/LinkConversation",
                #"{"ticketId": "$ticket", "conversationId": "$known", "reason": "wrong one", "etag": "$ticketTag"}"#
            ),
            ("TicketsService/Watch", "{}"),
            (
                "TicketReportsService/GetTicketReport",
                #"{"startTime": "$yesterday", "endTime": "$tomorrow", "dimensions": ["TICKET_REPORT_DIMENSION_DEPARTMENT"]}"#
            ),
            ("TicketReportsService/ListAuditEntries", "{}"),
            ("TicketReportsService/CountSlasAtRisk", "{}"),
            ("TicketCatalogueService/CreateCategory", #"{"category": {"displayName": "$new"}}"#),
            ("TicketCatalogueService/ListCategories", "{}"),
            (
                "TicketCatalogueService/UpdateCategory",
                #"{"category": {"categoryId": "$category", "displayName": "$new"}, "updateMask": "displayName", "etag": "$categoryTag"}"#
            ),
            ("TicketCatalogueService/CreateCatalogueService", #"{"service": {"displayName": "$new"}}"#),
            ("TicketCatalogueService/ListCatalogueServices", "{}"),
            (
                "TicketCatalogueService/UpdateCatalogueService",
                #"{"service": {"serviceId": "$service", "displayName": "$new"}, "updateMask": "displayName", "etag": "$serviceTag"}"#
            ),
            ("TicketCatalogueService/CreateTicketPriority", #"{"priority": {"displayName": "$new", "rank": $rank}}"#),
            ("TicketCatalogueService/ListTicketPriorities", "{}"),
            (
                "TicketCatalogueService/UpdateTicketPriority",
                #"{"priority": {"priorityId": "$priority", "displayName": "$new"}, "updateMask": "displayName", "etag": "$priorityTag"}"#
            ),
            ("SlaService/CreateCalendar", #"{"calendar": {"displayName": "$new", "timeZone": "America/Sao_Paulo"}}"#),
            ("SlaService/GetCalendar", #"{"calendarId": "$calendar"}"#),
            ("SlaService/ListCalendars", "{}"),
            (
                "SlaService/UpdateCalendar",
                #"{"calendar": {"calendarId": "$calendar", "displayName": "$new"}, "updateMask": "displayName", "etag": "$calendarTag"}"#
            ),
            (
                "SlaService/CreateSlaPolicy",
                #"{"policy": {"displayName": "$new", "rank": $rank, "archived": true, "targets": [{"kind": "CLOCK_KIND_RESOLUTION", "target": "3600s"}]}}"#
            ),
            ("SlaService/GetSlaPolicy", #"{"policyId": "$policy"}"#),
            ("SlaService/ListSlaPolicies", "{}"),
            (
                "SlaService/UpdateSlaPolicy",
                #"{"policy": {"policyId": "$policy", "displayName": "$new"}, "updateMask": "displayName", "etag": "$policyTag"}"#
            ),
            ("SlaService/GetTicketSettings", "{}"),
            (
                "SlaService/UpdateTicketSettings",
                #"{"settings": {"numberPrefix": "P$rank"}, "updateMask": "numberPrefix", "etag": "$settingsTag"}"#
            ),
        ].map { ("tickets.v1.\($0.0)", Example(.ticket, $0.1)) })
}
