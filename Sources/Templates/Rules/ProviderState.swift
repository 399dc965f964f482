import WallTime

/// What is known of a template at the provider: a register for each thing that is said of it, so that reports have the same
/// effect in whatever order they arrive, and however often (guarantee 14).
struct ProviderState: Sendable, Hashable, Codable {
    /// A status with all that was said of it.
    struct Standing: Sendable, Hashable, Codable {
        var status: TemplateStatus
        var rejectionReason: RejectionReason?
        var detail = ""
        var disableTime: Instant?
        /// The provider's time; `nil` for what we did ourselves.
        var time: Instant?
    }

    var standing = Register(Standing(status: .draft))
    var flagged = Register(false)
    var locked = Register(false)
    var category: Register<TemplateCategory>
    /// What people asked for, which may not be what the provider made of it.
    var askedCategory: TemplateCategory
    var announcedCategory = Register<TemplateCategory?>(nil)
    var quality = Register<TemplateQuality?>(nil)
    /// Counts every pause once.
    var pauseCount = 0
    var providerReference = ""

    init(category: TemplateCategory) {
        self.category = Register(category)
        askedCategory = category
    }

    var status: TemplateStatus { standing.value.status }
    var previousCategory: TemplateCategory? { category.value == askedCategory ? nil : askedCategory }

    /// When a pause that lasts is expected to end.
    var pauseEndTime: Instant? {
        guard status == .paused, let begun = standing.value.time else { return nil }
        return begun.advanced(by: pauseCount > 1 ? .seconds(6 * 3_600) : .seconds(3 * 3_600))
    }
}

extension ProviderState {
    /// A status by our own doing: what the provider says of earlier times counts no more.
    mutating func set(_ status: TemplateStatus, at now: Instant) {
        standing.set(Standing(status: status), at: now)
    }

    mutating func ask(for category: TemplateCategory, at now: Instant) {
        guard category != self.category.value || category != askedCategory else { return }
        askedCategory = category
        self.category.set(category, at: now)
    }

    /// Takes a report that has not been taken before.
    ///
    /// - Parameter revision: of the content that stands here.
    /// - Returns: why nothing followed from it; `nil`: something did.
    mutating func take(_ report: ProviderReport, revision: Int, now: Instant) -> IgnoredReason? {
        let before = self
        // A time to come would make all that follows look old.
        var report = report
        report.providerTime = min(report.providerTime, now)
        if report.verdict == .paused { pauseCount += 1 }
        // The answer to an older submission tells nothing of this one; that it is gone is true of all.
        let isOlder = report.revision.map { $0 != revision } ?? false
        if isOlder, report.verdict != .deleted { return .stale }
        if !report.providerReference.isEmpty { providerReference = report.providerReference }
        let ignored = report.verdict.flatMap { take($0, report) }
        let isRestNewest = takeRest(report)
        return isLike(before) ? ignored ?? (isRestNewest ? .unchanged : .stale) : nil
    }

    private mutating func take(_ verdict: ProviderVerdict, _ report: ProviderReport) -> IgnoredReason? {
        let outcome = Lifecycle.decide(status, .verdict(verdict))
        if outcome == .ignored(.notSubmitted) { return .notSubmitted }
        let place = ReportPlace(finality: verdict.finality, time: report.providerTime, rank: verdict.rank)
        // Warnings and locks count of what is going, too: otherwise the order of arrival would tell.
        var isNewest = flagged.offer(verdict == .flagged, at: place)
        if verdict == .locked || verdict.isOfApproval { isNewest = locked.offer(verdict == .locked, at: place) }
        switch outcome {
        case .ignored(let reason): return reason
        case .refused: return .unchanged
        case .to(let next):
            guard verdict.isOfStatus else { break }
            let standing = Standing(
                status: next, rejectionReason: verdict == .rejected ? report.rejectionReason : nil, detail: report.detail,
                disableTime: report.disableTime, time: report.providerTime)
            isNewest = self.standing.offer(standing, at: place)
        }
        return isNewest ? nil : .stale
    }

    /// - Returns: whether nothing newer is known of any of it.
    private mutating func takeRest(_ report: ProviderReport) -> Bool {
        func place(_ rank: Int) -> ReportPlace { ReportPlace(finality: 0, time: report.providerTime, rank: rank) }
        var isNewest = true
        if let category = report.category { isNewest = self.category.offer(category, at: place(category.rank)) && isNewest }
        if report.category != nil || report.announcedCategory != nil {
            let announced = report.announcedCategory
            isNewest = announcedCategory.offer(announced, at: place(announced.map { $0.rank + 1 } ?? 0)) && isNewest
        }
        if let quality = report.quality { isNewest = self.quality.offer(quality, at: place(quality.rank)) && isNewest }
        return isNewest
    }

    /// The same but for places, and for how often it was paused.
    func isLike(_ other: ProviderState) -> Bool {
        standing.value == other.standing.value && flagged.value == other.flagged.value && locked.value == other.locked.value
            && category.value == other.category.value && askedCategory == other.askedCategory
            && announcedCategory.value == other.announcedCategory.value && quality.value == other.quality.value
            && providerReference == other.providerReference
    }
}

extension TemplateCategory {
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension TemplateQuality {
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
