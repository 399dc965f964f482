import GRPC
import ServiceRuntime
import TemplatesV1

extension TemplatesService {
    func createTemplate(_ request: CreateTemplateRequest, _ context: ServerContext) async throws -> CreateTemplateResponse {
        var reading = RequestReading()
        let draft = reading.draft(request.template, "template")
        reading.requestID(request.requestID)
        try reading.finish()
        guard let draft else { throw Failure.invalid("template", "is required") }
        try ContentRules.check(draft.content, draft.category)

        return try await surroundings.changing(request, requestID: \.requestID, context) { changes in
            let template = try await changes.create(draft)
            changes.audit(template.id.description)
            return CreateTemplateResponse(template: template.wire)
        }
    }

    func updateTemplate(_ request: UpdateTemplateRequest, _ context: ServerContext) async throws -> UpdateTemplateResponse {
        var reading = RequestReading()
        if request.template == nil { reading.note("template", "is required") }
        let wire = request.template ?? TemplatesV1.Template()
        let id: TemplateID = reading.id(wire.templateID, "template.template_id")
        let values = reading.content(wire, "template")
        // They cannot be changed; what is given must still be one.
        _ = reading.optionalUUID(wire.channelAccountID, "template.channel_account_id")
        if !wire.language.isEmpty { _ = reading.language(wire.language, "template.language") }
        if !wire.name.isEmpty, let problem = ContentRules.nameProblem(wire.name) { reading.note("template.name", problem) }
        reading.requestID(request.requestID)
        let mask = try UpdateMask(
            request.updateMask, writable: TemplateChange.writable, outputOnly: TemplateChange.ignored,
            populated: TemplateChange.populated(wire))
        let category = mask.contains("category") ? reading.category(wire.category, "template.category") : nil
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await surroundings.changing(request, requestID: \.requestID, context) { changes in
            let template = try await changes.locked(id, version: version)
            let content = TemplateChange.applied(values, to: template.content, mask)
            let asked = category ?? template.category
            try ContentRules.check(content, asked)
            let edited = try await changes.edit(template, to: content, asked)
            if edited.version != template.version { changes.audit(id.description, paths: mask.paths.sorted()) }
            return UpdateTemplateResponse(template: edited.wire)
        }
    }

    func deleteTemplate(_ request: DeleteTemplateRequest, _ context: ServerContext) async throws -> DeleteTemplateResponse {
        var reading = RequestReading()
        let id: TemplateID = reading.id(request.templateID, "template_id")
        reading.requestID(request.requestID)
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await surroundings.changing(request, requestID: \.requestID, context) { changes in
            try await changes.delete(try await changes.locked(id, version: version))
            changes.audit(id.description)
            return DeleteTemplateResponse()
        }
    }

    func submitTemplate(_ request: SubmitTemplateRequest, _ context: ServerContext) async throws -> SubmitTemplateResponse {
        var reading = RequestReading()
        let id: TemplateID = reading.id(request.templateID, "template_id")
        reading.requestID(request.requestID)
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await surroundings.changing(request, requestID: \.requestID, context) { changes in
            let template = try await changes.locked(id, version: version)
            let submitted = try await changes.submit(template)
            changes.audit(id.description)
            return SubmitTemplateResponse(template: submitted.wire)
        }
    }

    func validateTemplate(_ request: ValidateTemplateRequest, _ context: ServerContext) async throws -> ValidateTemplateResponse {
        var reading = RequestReading()
        let draft = reading.draft(request.template, "template")
        try reading.finish()
        guard let draft else { throw Failure.invalid("template", "is required") }
        return ValidateTemplateResponse(
            problems: ContentRules.problems(in: draft.content, draft.category).map { $0.inside("template").wire },
            variables: draft.content.variables(draft.category).map(\.wire))
    }
}

extension ContentRules {
    /// - Throws: TEMPLATE_INVALID with all that the provider would refuse.
    fileprivate static func check(_ content: TemplateContent, _ category: TemplateCategory) throws(TemplatesError) {
        let problems = problems(in: content, category).map { $0.inside("template") }
        guard problems.isEmpty else { throw .templateInvalid(problems) }
    }
}
