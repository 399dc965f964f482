import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import WallTime

// AnswerSurvey: a customer's judgement by the link that he was sent (C42).
extension WidgetService {
    func answerSurvey(_ request: AnswerSurveyRequest, _ context: ServerContext) async throws -> AnswerSurveyResponse {
        var violations = Violations()
        violations.text(request.token, "token", 1...PageTokens.tokenBytesMax)
        let score = Int16(clamping: request.score)
        violations.require(Survey.scores.contains(score), "score", "is not from 1 to 5", reason: "RANGE")
        try violations.check()
        let link = try SurveyLink(token: request.token, surroundings.pageTokens)
        return try await surroundings.transaction(link.tenantID) { transaction in
            let work = try await surroundings.systemWork(of: link.tenantID, transaction)
            try work.directory.requireActive()
            guard let (locked, account) = try await work.store.locked(link.conversationID) else {
                throw ConversationsError.surveyOver
            }
            var conversation = locked
            if conversation.survey?.score == score { return AnswerSurveyResponse() }
            guard conversation.state.isClosed, conversation.survey?.isOpen(at: work.now) ?? false else {
                throw ConversationsError.surveyOver
            }
            let customer = Author(kind: .customer, id: conversation.contactID.text)
            try await work.keep(score, of: customer, in: &conversation)
            try await work.save(&conversation, over: account)
            return AnswerSurveyResponse()
        }
    }
}

/// Which conversation a link judges; who has it is its customer. Its token is tagged by a key that all replicas have.
struct SurveyLink: Hashable, Sendable {
    private static let arguments = ["survey"]

    var tenantID: UUID
    var conversationID: UUID

    init(tenantID: UUID, conversationID: UUID) {
        (self.tenantID, self.conversationID) = (tenantID, conversationID)
    }

    /// - Throws: SURVEY_TOKEN_INVALID for a token that this did not make.
    init(token: String, _ tokens: PageTokens) throws {
        guard let keys = try? tokens.keys(of: token, count: 2, arguments: Self.arguments), let tenantID = UUID(id: keys[0]),
            let conversationID = UUID(id: keys[1])
        else { throw ConversationsError.surveyTokenInvalid }
        self.init(tenantID: tenantID, conversationID: conversationID)
    }

    /// - Parameter page: the gateway's address, as customers reach it.
    func url(on page: String, _ tokens: PageTokens) -> String {
        "\(page)/survey#\(tokens.token(after: [tenantID.text, conversationID.text], arguments: Self.arguments))"
    }
}

extension Work {
    /// The first answer counts.
    func keep(_ score: Int16, of customer: Author, in conversation: inout Conversation) async throws {
        let before = conversation
        conversation.survey?.score = score
        conversation.survey?.answered = now
        try await tell(.updated, before: before, &conversation, by: customer, note: "survey \(score)")
    }
}
