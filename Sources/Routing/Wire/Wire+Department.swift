import FoundationEssentials
import GoogleProtobuf
import RoutingV1
import ServiceRuntime

extension Department {
    var wire: RoutingV1.Department {
        let rules = fields.rules
        return RoutingV1.Department(
            departmentID: id.description, displayName: fields.name, state: state == .active ? .active : .archived,
            method: rules.method?.wire ?? .unspecified, ownerFallback: rules.ownerFallback?.wire,
            priorityOrder: rules.priorityOrder,
            acceptMode: rules.acceptMode.wire, offerTimeout: .init(milliseconds: rules.offerTimeout),
            disconnectRule: rules.disconnectRule.wire, restoreWithin: .init(milliseconds: rules.restoreWithin),
            pendingRescue: .init(milliseconds: rules.pendingRescue), pendingLimit: Int32(rules.pendingLimit ?? 0),
            chatLimit: Int32(rules.chatLimit), webchatGrace: .init(milliseconds: rules.webchatGrace),
            webchatRevive: rules.webchatRevive, botTimeout: .init(milliseconds: rules.botTimeout),
            afterHours: rules.afterHours.wire, skillLabels: rules.skillLabels, workingHours: rules.workingHours?.wire,
            transferDepartmentIDs: rules.transferDepartments.map(\.text), successorID: successor?.description ?? "",
            createTime: Timestamp(createTime), updateTime: Timestamp(updateTime), etag: ETag(version).description,
            locale: rules.locale ?? "", timeZone: rules.timeZone ?? "", serviceType: rules.serviceType ?? "")
    }
}

extension GoogleProtobuf.Duration {
    init(milliseconds: Int64) { self.init(Swift.Duration.milliseconds(milliseconds)) }
}

extension DistributionMethod {
    var wire: RoutingV1.DistributionMethod {
        switch self {
        case .manual: .manual
        case .owner: .owner
        case .leastBusy: .leastBusy
        case .random: .random
        }
    }
}

extension DepartmentRules.OwnerFallback {
    var wire: RoutingV1.OwnerFallback {
        RoutingV1.OwnerFallback(wait: .init(milliseconds: wait), method: method.wire)
    }
}

extension DepartmentRules.AcceptMode {
    var wire: RoutingV1.AcceptMode {
        switch self {
        case .explicit: .explicit
        case .onReply: .onReply
        }
    }
}

extension DepartmentRules.DisconnectRule {
    var wire: RoutingV1.DisconnectRule {
        switch self {
        case .pending: .pending
        case .requeueFront: .requeueFront
        }
    }
}

extension DepartmentRules.AfterHours {
    var wire: RoutingV1.AfterHours {
        switch self {
        case .queue: .queue
        case .stayWithBot: .stayWithBot
        }
    }
}

extension WorkingHours {
    fileprivate var wire: RoutingV1.WorkingHours {
        RoutingV1.WorkingHours(
            timeZone: timeZone,
            week: week.map {
                RoutingV1.WeeklyInterval(weekday: .init(rawValue: Int32($0.weekday + 1)), hours: $0.hours.wire)
            },
            holidays: holidays.map {
                RoutingV1.Holiday(firstDate: $0.first, lastDate: $0.last, hours: $0.hours.map(\.wire), title: $0.title)
            })
    }
}

extension WorkingHours.Interval {
    fileprivate var wire: RoutingV1.DayInterval {
        RoutingV1.DayInterval(openMinute: Int32(open), closeMinute: Int32(close))
    }
}
