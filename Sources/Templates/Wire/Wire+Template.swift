import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import TemplatesV1
import WallTime

// Values of the domain as values of the contract. The other way is RequestReading's.

extension Template {
    var wire: TemplatesV1.Template {
        let standing = provider.standing.value
        var wire = TemplatesV1.Template(
            templateID: id.description, etag: ETag(version).description, channelAccountID: accountID.text, name: name,
            language: language.description, category: category.wire, variableFormat: content.variableFormat.wire,
            header: content.header?.wire, body: content.body?.wire, footer: content.footer, buttons: content.buttons.map(\.wire))
        wire.status = status.wire
        wire.sendable = status.isSendable
        wire.variables = variables.map(\.wire)
        wire.rejectionReason = standing.rejectionReason?.wire ?? .unspecified
        wire.statusDetail = standing.detail
        wire.quality = provider.quality.value?.wire ?? .unspecified
        wire.flagged = provider.flagged.value
        wire.locked = provider.locked.value
        wire.previousCategory = provider.previousCategory?.wire ?? .unspecified
        wire.announcedCategory = provider.announcedCategory.value?.wire ?? .unspecified
        wire.providerReference = provider.providerReference
        wire.revision = revision
        wire.pauseCount = Int32(clamping: provider.pauseCount)
        wire.pauseEndTime = provider.pauseEndTime.map(Timestamp.init)
        wire.disableTime = standing.disableTime.map(Timestamp.init)
        wire.statusTime = standing.time.map(Timestamp.init)
        wire.submitTime = submitTime.map(Timestamp.init)
        wire.nameReleaseTime = nameReleaseTime.map(Timestamp.init)
        wire.createTime = Timestamp(createTime)
        wire.updateTime = Timestamp(updateTime)
        return wire
    }
}

extension TemplateContent.Header {
    var wire: TemplatesV1.TemplateHeader {
        TemplatesV1.TemplateHeader(
            format: format.wire, text: text, examples: examples.map(\.wire), mediaExample: mediaExample)
    }
}

extension TemplateContent.Body {
    var wire: TemplatesV1.TemplateBody { TemplatesV1.TemplateBody(text: text, examples: examples.map(\.wire)) }
}

extension TemplateContent.Button {
    var wire: TemplatesV1.TemplateButton {
        TemplatesV1.TemplateButton(
            kind: kind.wire, text: text, url: url, urlExample: urlExample, phoneNumber: phoneNumber, codeExample: codeExample,
            flowReference: flowReference)
    }
}

extension VariableExample {
    var wire: TemplatesV1.VariableExample { TemplatesV1.VariableExample(variable: variable, text: text) }
}

extension TemplatePlace {
    var component: TemplatesV1.TemplateComponent {
        switch self {
        case .whole: .unspecified
        case .header: .header
        case .body: .body
        case .footer: .footer
        case .button: .button
        }
    }

    var buttonIndex: Int32 {
        if case .button(let index) = self { Int32(clamping: index) } else { 0 }
    }
}

extension TemplateVariable {
    var wire: TemplatesV1.TemplateVariable {
        TemplatesV1.TemplateVariable(
            key: key, component: place.component, buttonIndex: place.buttonIndex, variable: variable, example: example,
            omittable: isOmittable, headerFormat: headerFormat?.wire ?? .unspecified)
    }
}

extension TemplateProblem {
    var wire: TemplatesV1.TemplateProblem {
        TemplatesV1.TemplateProblem(
            field: field, component: place.component, buttonIndex: place.buttonIndex, variable: variable, reason: reason.rawValue,
            description: description)
    }

    /// The same problem seen from the message that holds the field.
    func inside(_ field: String) -> TemplateProblem {
        var problem = self
        problem.field = self.field.isEmpty ? field : "\(field).\(self.field)"
        return problem
    }
}

extension TemplateHistoryEntry {
    var wire: TemplatesV1.TemplateHistoryEntry {
        TemplatesV1.TemplateHistoryEntry(
            seq: seq, templateID: templateID.description, change: change.wire, actor: actor, recordTime: Timestamp(recordTime),
            revision: revision, statusBefore: statusBefore?.wire ?? .unspecified, statusAfter: statusAfter.wire,
            categoryBefore: categoryBefore?.wire ?? .unspecified, categoryAfter: categoryAfter.wire,
            qualityBefore: qualityBefore?.wire ?? .unspecified, qualityAfter: qualityAfter?.wire ?? .unspecified,
            report: report?.wire, ignoredReason: ignoredReason?.rawValue ?? "")
    }
}

extension ProviderReport {
    var wire: TemplatesV1.ProviderReport {
        TemplatesV1.ProviderReport(
            verdict: verdict?.wire ?? .unspecified, category: category?.wire ?? .unspecified,
            announcedCategory: announcedCategory?.wire ?? .unspecified, quality: quality?.wire ?? .unspecified,
            rejectionReason: rejectionReason?.wire ?? .unspecified, detail: detail, disableTime: disableTime.map(Timestamp.init),
            providerTime: Timestamp(providerTime), providerReference: providerReference, revision: Int32(clamping: revision ?? 0))
    }
}
