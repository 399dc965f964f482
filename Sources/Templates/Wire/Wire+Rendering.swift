import FoundationEssentials
import ServiceRuntime
import TemplatesV1

extension Template {
    /// The template with its values, as callers get it.
    func wire(_ rendered: Rendered) -> RenderedTemplate {
        RenderedTemplate(
            templateID: id.description, templateEtag: ETag(version).description, channelAccountID: accountID.text, name: name,
            language: language.description, category: category.wire, text: rendered.text, parts: rendered.parts,
            components: rendered.components.map(\.wire))
    }
}

extension Rendered {
    fileprivate var parts: RenderedParts {
        RenderedParts(
            headerFormat: headerFormat?.wire ?? .unspecified, headerText: headerText, headerMedia: media?.wire,
            headerPlace: location?.wire, body: body, footer: footer,
            buttons: buttons.map { RenderedButton(kind: $0.kind.wire, text: $0.text, target: $0.target) })
    }
}

extension Rendered.Component {
    fileprivate var wire: ProviderComponent {
        ProviderComponent(
            type: type, subType: subType, index: place.buttonIndex, parameters: parameters.map(\.wire))
    }

    /// In the provider's words.
    private var type: String {
        if case .button = place { "button" } else { place.path }
    }
}

extension Rendered.Parameter {
    fileprivate var wire: ProviderParameter {
        ProviderParameter(type: type, parameterName: name, text: text, media: media?.wire, place: location?.wire)
    }
}

extension TemplateValues.Media {
    fileprivate var wire: TemplateMedia {
        switch source {
        case .attachment(let id): TemplateMedia(fileName: fileName, source: .attachmentID(id.text))
        case .link(let link): TemplateMedia(fileName: fileName, source: .link(link))
        }
    }
}

extension TemplateValues.Location {
    fileprivate var wire: TemplatesV1.TemplatePlace {
        TemplatesV1.TemplatePlace(latitude: latitude, longitude: longitude, name: name, address: address)
    }
}
