/// The routes that no contract has, as `/openapi.json` tells them.
enum HandwrittenPaths {
    static let all: [(path: String, item: JSONValue)] = [
        (
            "/v1/inbox",
            get(
                "inbox",
                "One list of conversations with the names of their contacts and how their tickets stand, and the counts of all views.",
                [
                    query("view", "The view, as in ListConversations."), query("orderBy", "As in ListConversations."),
                    query("pageSize", "At most this many."), query("pageToken", "`nextPageToken` of the page before."),
                ])
        ),
        (
            "/v1/conversations/{conversation_id}/details",
            get("conversationDetails", "A conversation with its contact and its ticket.", [path("conversation_id")])
        ),
        (
            "/v1/reports",
            get(
                "reports", "What was done with conversations and tickets, and how long agents were there, by the same days.",
                [
                    query("startTime", "From here on."), query("endTime", "Until here."),
                    query("timeZone", "Whose days are meant; the tenant's unless given."),
                    query("dimensions", "As in GetConversationReport."), query("measures", "As in GetConversationReport."),
                    query("departmentIds", "These departments only."), query("agentIds", "These agents only."),
                    query("channels", "These channels only; then there are no agents."),
                    query("labels", "With one of these labels only."), query("pageSize", "At most this many rows of each."),
                ])
        ),
        (
            "/v1/supervision",
            get(
                "supervision", "The board of queues and agents, and how many tickets are at risk, by department.",
                [query("departmentIds", "These departments only.")])
        ),
        ("/v1/me", get("me", "Who the token speaks for, what he may see and what he carries; an agent's status.", [])),
        ("/v1/stream", stream("stream", "The agent's live events.", [lastEventID])),
        (
            "/widget/v1/events",
            stream(
                "widgetEvents", "The visitor's live events.",
                [
                    lastEventID, query("ticket", "A stream ticket, for clients that cannot set headers."),
                ])
        ),
        ("/widget/v1/attachments", upload("uploadVisitorAttachment", [])),
        ("/widget/v1/attachments/{attachment_id}/content", download("downloadVisitorAttachment")),
        ("/v1/conversations/{conversation_id}/attachments", upload("uploadAttachment", [path("conversation_id")])),
        (
            "/v1/channelAccounts/{channel_account_id}/attachments",
            upload("uploadAttachmentForAccount", [path("channel_account_id")])
        ),
        ("/v1/attachments/{attachment_id}/content", download("downloadAttachment")),
        (
            "/v1/tickets/{ticket_id}/attachments",
            upload("uploadTicketAttachment", [path("ticket_id")], "switchboard.tickets.v1.TicketAttachment")
        ),
        ("/v1/ticketAttachments/{attachment_id}/content", download("downloadTicketAttachment")),
    ]

    private static func get(_ id: String, _ text: String, _ parameters: [JSONValue]) -> JSONValue {
        ["get": operation(id, text, parameters, ["application/json": ["schema": ["type": "object"]]])]
    }

    private static func stream(_ id: String, _ text: String, _ parameters: [JSONValue]) -> JSONValue {
        ["get": operation(id, text, parameters, ["text/event-stream": ["schema": ["type": "string"]]])]
    }

    private static func download(_ id: String) -> JSONValue {
        ["get": operation(id, "The bytes of a file.", [path("attachment_id")], ["application/octet-stream": [:]])]
    }

    private static func upload(
        _ id: String, _ parameters: [JSONValue], _ answer: String = "switchboard.conversations.v1.Attachment"
    ) -> JSONValue {
        let name: JSONValue = [
            "name": "X-File-Name", "in": "header", "required": false, "description": "Percent-encoded.",
            "schema": ["type": "string"],
        ]
        return [
            "post": .object(
                JSONObject([
                    ("operationId", .string(id)),
                    ("summary", "Stores a file: the body is its bytes."),
                    ("parameters", .array(parameters + [name])),
                    ("requestBody", ["required": true, "content": ["*/*": [:]]]),
                    (
                        "responses",
                        [
                            "201": [
                                "description": "Stored",
                                "content": [
                                    "application/json": [
                                        "schema": ["$ref": .string("#/components/schemas/\(answer)")]
                                    ]
                                ],
                            ],
                            "default": ["$ref": "#/components/responses/Problem"],
                        ]
                    ),
                ]))
        ]
    }

    private static func operation(_ id: String, _ text: String, _ parameters: [JSONValue], _ content: JSONValue) -> JSONValue {
        .object(
            JSONObject([
                ("operationId", .string(id)),
                ("summary", .string(text)),
                ("parameters", .array(parameters)),
                (
                    "responses",
                    [
                        "200": ["description": "OK", "content": content],
                        "default": ["$ref": "#/components/responses/Problem"],
                    ]
                ),
            ]))
    }

    private static func query(_ name: String, _ text: String) -> JSONValue {
        ["name": .string(name), "in": "query", "description": .string(text), "schema": ["type": "string"]]
    }

    private static func path(_ name: String) -> JSONValue {
        ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string"]]
    }

    private static let lastEventID: JSONValue = [
        "name": "Last-Event-ID", "in": "header", "description": "Where the stream broke off.", "schema": ["type": "string"],
    ]
}
