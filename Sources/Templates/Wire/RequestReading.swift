import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import TemplatesV1
import WallTime

/// Reads values of the contract into values of the domain and notes everything that is wrong, so that a caller learns all of it at
/// once. A value that is wrong is replaced by a stand-in, which `finish` keeps from being used.
struct RequestReading {
    private var violations = Violations()

    /// - Throws: what has been noted, if anything.
    func finish() throws(Failure) { try violations.check() }

    mutating func note(_ field: String, _ description: String) { violations.add(field, description) }

    mutating func require(_ condition: Bool, _ field: String, _ description: String) {
        violations.require(condition, field, description)
    }

    mutating func id<Subject>(_ text: String, _ field: String) -> Identifier<Subject> {
        Identifier(violations.id(text, field))
    }

    mutating func uuid(_ text: String, _ field: String) -> UUID { violations.id(text, field) }

    mutating func optionalUUID(_ text: String, _ field: String) -> UUID? { violations.optionalID(text, field) }

    mutating func requestID(_ text: String) { _ = violations.id(text, "request_id") }

    mutating func text(_ text: String, _ field: String, _ length: ClosedRange<Int>) { violations.text(text, field, length) }

    mutating func add(_ more: [Failure.FieldViolation], inside field: String) {
        for violation in more { violations.add("\(field).\(violation.field)", violation.description, reason: violation.reason) }
    }

    /// Languages that people ask for, the best one first.
    mutating func locales(_ locales: [String], _ field: String, max: Int = 10) -> [TemplateLanguage] {
        require(locales.count <= max, field, "must be at most \(max)")
        return locales.prefix(max).enumerated().compactMap { index, text in language(text, "\(field)[\(index)]") }
    }

    mutating func language(_ text: String, _ field: String) -> TemplateLanguage? {
        let language = TemplateLanguage(text)
        if language == nil { note(field, text.isEmpty ? "is required" : "must be a language, such as pt_BR") }
        return language
    }

    /// Words of a list that filters.
    mutating func words<Wire: Hashable, Word>(
        _ wires: [Wire], _ field: String, unspecified: Wire, max: Int = 20, _ word: (Wire) -> Word?
    ) -> [Word] {
        require(wires.count <= max, field, "must be at most \(max)")
        require(!wires.contains(unspecified), field, "must not be unspecified")
        let known = wires.compactMap(word)
        require(wires.isEmpty || !known.isEmpty, field, "names nothing that this release knows")
        return known
    }
}

// MARK: - Templates

extension RequestReading {
    /// The name, language and account of a template that is to be.
    mutating func draft(_ template: TemplatesV1.Template?, _ field: String) -> TemplateDraft? {
        guard let template else {
            note(field, "is required")
            return nil
        }
        let account = uuid(template.channelAccountID, "\(field).channel_account_id")
        if let problem = ContentRules.nameProblem(template.name) { note("\(field).name", problem) }
        let language = language(template.language, "\(field).language")
        let category = category(template.category, "\(field).category")
        let content = content(template, field)
        guard let language, let category else { return nil }
        return TemplateDraft(
            accountID: account, name: template.name, language: language, category: category, content: content)
    }

    mutating func category(_ wire: TemplatesV1.TemplateCategory, _ field: String) -> TemplateCategory? {
        let category = TemplateCategory(wire)
        if category == nil { note(field, wire == .unspecified ? "is required" : "is unknown") }
        return category
    }

    /// What people write; whether the provider would take it is judged by ContentRules.
    mutating func content(_ template: TemplatesV1.Template, _ field: String) -> TemplateContent {
        var content = TemplateContent()
        if template.variableFormat != .unspecified {
            let format = VariableFormat(template.variableFormat)
            if format == nil { note("\(field).variable_format", "is unknown") }
            content.variableFormat = format ?? .positional
        }
        if let header = template.header { content.header = self.header(header, "\(field).header") }
        if let body = template.body {
            content.body = TemplateContent.Body(text: body.text, examples: examples(body.examples, "\(field).body.examples"))
        }
        content.footer = template.footer
        require(
            template.buttons.count <= ButtonRules.countMax, "\(field).buttons", "must be at most \(ButtonRules.countMax)")
        content.buttons = template.buttons.prefix(ButtonRules.countMax).enumerated().compactMap { index, button in
            self.button(button, "\(field).buttons[\(index)]")
        }
        return content
    }

    private mutating func header(_ header: TemplatesV1.TemplateHeader, _ field: String) -> TemplateContent.Header? {
        let examples = examples(header.examples, "\(field).examples", max: 1)
        guard let format = HeaderFormat(header.format) else {
            note("\(field).format", header.format == .unspecified ? "is required" : "is unknown")
            return nil
        }
        return TemplateContent.Header(
            format: format, text: header.text, examples: examples, mediaExample: header.mediaExample)
    }

    private mutating func examples(
        _ examples: [TemplatesV1.VariableExample], _ field: String, max: Int = ContentRules.examplesMax
    ) -> [VariableExample] {
        require(examples.count <= max, field, "must be at most \(max)")
        return examples.prefix(max).map { VariableExample(variable: $0.variable, text: $0.text) }
    }

    private mutating func button(_ button: TemplatesV1.TemplateButton, _ field: String) -> TemplateContent.Button? {
        guard let kind = ButtonKind(button.kind) else {
            note("\(field).kind", button.kind == .unspecified ? "is required" : "is unknown")
            return nil
        }
        return TemplateContent.Button(
            kind: kind, text: button.text, url: button.url, urlExample: button.urlExample, phoneNumber: button.phoneNumber,
            codeExample: button.codeExample, flowReference: button.flowReference)
    }
}

// MARK: - Reports

extension RequestReading {
    mutating func report(_ report: TemplatesV1.ProviderReport?, _ field: String) -> ProviderReport {
        guard let report else {
            note(field, "is required")
            return ProviderReport(providerTime: .unixEpoch)
        }
        if report.providerTime == nil { note("\(field).provider_time", "is required") }
        var read = ProviderReport(providerTime: report.providerTime.map(Instant.init) ?? .unixEpoch)
        read.verdict = word(report.verdict, .unspecified, "\(field).verdict", ProviderVerdict.init)
        read.category = word(report.category, .unspecified, "\(field).category", TemplateCategory.init)
        read.announcedCategory = word(
            report.announcedCategory, .unspecified, "\(field).announced_category", TemplateCategory.init)
        read.quality = word(report.quality, .unspecified, "\(field).quality", TemplateQuality.init)
        read.rejectionReason = word(
            report.rejectionReason, .unspecified, "\(field).rejection_reason", RejectionReason.init)
        text(report.detail, "\(field).detail", 0...ProviderReport.detailLengthMax)
        text(report.providerReference, "\(field).provider_reference", 0...ProviderReport.referenceLengthMax)
        require(report.revision >= 0, "\(field).revision", "is negative")
        read.detail = report.detail
        read.disableTime = report.disableTime.map(Instant.init)
        read.providerReference = report.providerReference
        read.revision = report.revision > 0 ? Int(report.revision) : nil
        require(!read.isEmpty, field, "says nothing")
        return read
    }

    private mutating func word<Wire: Hashable, Word>(
        _ wire: Wire, _ unspecified: Wire, _ field: String, _ word: (Wire) -> Word?
    ) -> Word? {
        let read = word(wire)
        if read == nil, wire != unspecified { note(field, "is unknown") }
        return read
    }
}

// MARK: - Values

extension RequestReading {
    static let linkLengthMax = 2_000
    static let fileNameLengthMax = 240

    mutating func values(_ request: RenderTemplateRequest) -> TemplateValues {
        var values = TemplateValues(texts: request.variables)
        values.media = request.headerMedia.flatMap { media($0, "header_media") }
        values.location = request.headerPlace.map { location($0, "header_place") }
        return values
    }

    private mutating func media(_ media: TemplateMedia, _ field: String) -> TemplateValues.Media? {
        text(media.fileName, "\(field).file_name", 0...Self.fileNameLengthMax)
        switch media.source {
        case .attachmentID(let id):
            return TemplateValues.Media(source: .attachment(uuid(id, "\(field).attachment_id")), fileName: media.fileName)
        case .link(let link):
            text(link, "\(field).link", 1...Self.linkLengthMax)
            require(link.isWebAddress && link.hasPrefix("https://"), "\(field).link", "must begin with https://, without blanks")
            return TemplateValues.Media(source: .link(link), fileName: media.fileName)
        case nil:
            note(field, "has no source")
            return nil
        }
    }

    private mutating func location(_ place: TemplatesV1.TemplatePlace, _ field: String) -> TemplateValues.Location {
        require((-90...90).contains(place.latitude), "\(field).latitude", "must be -90 to 90")
        require((-180...180).contains(place.longitude), "\(field).longitude", "must be -180 to 180")
        text(place.name, "\(field).name", 1...256)
        text(place.address, "\(field).address", 1...512)
        return TemplateValues.Location(
            latitude: place.latitude, longitude: place.longitude, name: place.name, address: place.address)
    }
}

// MARK: - Snippets

extension RequestReading {
    mutating func snippet(_ snippet: TemplatesV1.Snippet?, _ field: String) -> SnippetContent {
        guard let snippet else {
            note(field, "is required")
            return SnippetContent()
        }
        let max = SnippetContent.departmentsMax
        let departments = snippet.departmentIDs.prefix(max + 1).enumerated().map { index, id in
            uuid(id, "\(field).department_ids[\(index)]")
        }
        // Locales are kept in the one way in which people's are written; one that is none is refused by the rules.
        let texts = snippet.texts.map { text in
            SnippetContent.LocalText(locale: TemplateLanguage(text.locale)?.locale ?? text.locale, text: text.text)
        }
        return SnippetContent(
            shortcut: snippet.shortcut, title: snippet.title, departmentIDs: departments, texts: texts)
    }
}
