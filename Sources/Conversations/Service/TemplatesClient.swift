import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import TemplatesV1

/// The templates service, asked in this service's own name.
struct TemplatesClient: TemplateBook {
    /// How long an answer is waited for, also where the caller gave more time or none: an agent looks at a button meanwhile.
    static let answerTimeout: Swift.Duration = .seconds(3)

    private let templates: TemplatesServiceClient

    init(_ channel: GRPC.Channel) {
        templates = TemplatesServiceClient(channel)
    }

    func render(_ wish: TemplateWish, on account: ChannelAccount, tenantID: UUID) async throws -> RenderedTemplate {
        let asked = wish.use.language.isEmpty ? wish.locales : [wish.use.language]
        do {
            return try await render(wish, in: asked, on: account, tenantID)
        } catch let error as RPCError {
            // Whom it is for speaks another language, and nobody asked for one: it goes out as it was chosen.
            guard wish.use.language.isEmpty, !asked.isEmpty, error.isOfLanguage else { throw wish.told(error) }
        }
        do {
            return try await render(wish, in: [], on: account, tenantID)
        } catch let error as RPCError {
            throw wish.told(error)
        }
    }

    private func render(
        _ wish: TemplateWish, in locales: [String], on account: ChannelAccount, _ tenantID: UUID
    ) async throws -> RenderedTemplate {
        var request = RenderTemplateRequest(
            templateID: wish.use.templateID, channelAccountID: account.id.text, locales: locales, variables: wish.use.variables)
        if !wish.use.headerAttachmentID.isEmpty {
            request.headerMedia = TemplateMedia(source: .attachmentID(wish.use.headerAttachmentID))
        }
        request.headerPlace = wish.use.headerPlace.map {
            TemplatePlace(latitude: $0.latitude, longitude: $0.longitude, name: $0.displayName, address: $0.postalAddress)
        }
        let answer = try await OutgoingIdentity.asService(for: tenantID) {
            try await templates.renderTemplate(request, CallOptions(timeout: Self.answerTimeout))
        }
        guard let rendered = answer.rendered else { throw ConversationsError.dependencyUnavailable("templates") }
        var use = wish.use
        use.templateID = rendered.templateID
        // Providers write "pt_BR".
        use.language = rendered.language.replacing("_", with: "-")
        return RenderedTemplate(
            text: rendered.text, use: use, headerKinds: rendered.parts?.headerFormat.fileKinds ?? [],
            isMarketing: rendered.category == .marketing)
    }
}

extension HeaderFormat {
    /// Our files that such a header carries.
    fileprivate var fileKinds: Set<AttachmentKind> {
        switch self {
        case .image: [.image]
        case .video: [.video]
        case .document: [.pdf, .csv, .document]
        default: []
        }
    }
}

extension RPCError {
    /// The template is not there in that language, or the templates service knows no such language.
    fileprivate var isOfLanguage: Bool {
        reason == "TEMPLATE_LANGUAGE_UNAVAILABLE" || wrongFields.contains { $0.field.hasPrefix("locales") }
    }
}

extension TemplateWish {
    /// What the templates service refuses, told of the field that our caller knows. What it cannot answer now is told as such;
    /// every other refusal is a defect of ours.
    fileprivate func told(_ error: RPCError) -> any Error {
        switch error.code {
        case .unavailable, .deadlineExceeded, .resourceExhausted, .aborted, .unimplemented, .cancelled:
            return ConversationsError.dependencyUnavailable("templates")
        default: break
        }
        let metadata = error.reasonMetadata
        switch error.reason {
        case "TEMPLATE_NOT_FOUND": return ConversationsError.templateNotFound(field: field)
        case "TEMPLATE_NOT_APPROVED":
            return ConversationsError.templateNotApproved(use.templateID, status: metadata["status"] ?? "", field: field)
        case "TEMPLATE_ACCOUNT_MISMATCH":
            return ConversationsError.templateAccountMismatch(
                use.templateID, ofAccount: metadata["channel_account_id"] ?? "", field: field)
        case "TEMPLATE_LANGUAGE_UNAVAILABLE":
            return ConversationsError.templateLanguageUnavailable(languages: metadata["languages"] ?? "", field: field)
        case "TEMPLATE_PARAM_MISMATCH": return ConversationsError.templateParamMismatch(wrongFields(of: error))
        case "INVALID_FIELD": return Failure.invalid(wrongFields(of: error))
        default: return error
        }
    }

    /// Where the fields of RenderTemplate stand in what our caller sent.
    private func wrongFields(of error: RPCError) -> [Failure.FieldViolation] {
        error.wrongFields.map { wrong in
            let name = Self.names.first { wrong.field.hasPrefix($0.theirs) }?.ours ?? wrong.field
            return .init("\(field).\(name)", wrong.description, reason: wrong.reason)
        }
    }

    /// Fields of RenderTemplate that have other names in TemplateUse; the longer of two beginnings first.
    private static let names: [(theirs: String, ours: String)] = [
        ("locales", "language"), ("header_media", "header_attachment_id"), ("header_place.name", "header_place.display_name"),
        ("header_place.address", "header_place.postal_address"),
    ]
}
