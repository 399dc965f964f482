import ServiceRuntime
import TemplatesV1

/// The fields that an edit names (AIP-161): which there are, and what each does to a template's content.
enum TemplateChange {
    static let writable: Set<String> = ["category", "variable_format", "header", "body", "footer", "buttons"]
    /// Fields that cannot be changed, or that only the service writes: an edit that names them does not change them (AIP-203).
    static let ignored: Set<String> = [
        "template_id", "etag", "channel_account_id", "name", "language", "status", "sendable", "variables", "rejection_reason",
        "status_detail", "quality", "flagged", "locked", "previous_category", "announced_category", "provider_reference",
        "revision", "pause_count", "pause_end_time", "disable_time", "status_time", "submit_time", "name_release_time",
        "create_time", "update_time",
    ]

    /// What is set in a request: without a mask, that is what an edit changes (AIP-134).
    static func populated(_ template: TemplatesV1.Template) -> Set<String> {
        var paths: Set<String> = []
        if template.category != .unspecified { paths.insert("category") }
        if template.variableFormat != .unspecified { paths.insert("variable_format") }
        if template.header != nil { paths.insert("header") }
        if template.body != nil { paths.insert("body") }
        if !template.footer.isEmpty { paths.insert("footer") }
        if !template.buttons.isEmpty { paths.insert("buttons") }
        return paths
    }

    /// The content after the edit; a part is changed as a whole, whatever path inside it is named.
    static func applied(_ values: TemplateContent, to content: TemplateContent, _ mask: UpdateMask) -> TemplateContent {
        let parts = Set(mask.paths.map { $0.split(separator: ".").first.map(String.init) ?? $0 })
        var content = content
        if parts.contains("variable_format") { content.variableFormat = values.variableFormat }
        if parts.contains("header") { content.header = values.header }
        if parts.contains("body") { content.body = values.body }
        if parts.contains("footer") { content.footer = values.footer }
        if parts.contains("buttons") { content.buttons = values.buttons }
        return content
    }
}
