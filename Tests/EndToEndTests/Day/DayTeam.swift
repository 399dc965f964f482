import Foundation
import ServiceRuntime

/// Who works, and where customers write: five departments with eight agents each, and for every department one account on each of
/// the five channels. The first agent of a department helps out in the next one.
struct DayTeam: Sendable {
    static let departmentCount = 5
    static let agentCount = 40
    static let chatLimit = 3
    /// As the seed file has them.
    static let methods = ["leastBusy", "random", "owner", "leastBusy", "manual"]
    static let manualDepartment = 4
    static let requeueingDepartment = 1

    let tenantID: UUID
    let departmentIDs = (0..<departmentCount).map { _ in UUID.v7(at: .now) }
    let agentIDs = (0..<agentCount).map { _ in UUID.v7(at: .now) }
    let botID = UUID.v7(at: .now)
    private let accountIDs = (0..<departmentCount).map { _ in DayScript.Channel.allCases.map { _ in UUID.v7(at: .now) } }

    /// All of an agent's departments, his own first.
    static func departments(of agent: Int) -> [Int] {
        let own = agent % departmentCount
        return agent < departmentCount ? [own, (own + 1) % departmentCount] : [own]
    }

    static func members(of department: Int) -> [Int] {
        (0..<agentCount).filter { departments(of: $0).contains(department) }
    }

    /// Whether a bot answers first.
    static func hasBot(_ department: Int, _ channel: DayScript.Channel) -> Bool {
        [0: .whatsapp, 1: .webchat, 2: .facebook][department] == channel
    }

    func account(_ department: Int, _ channel: DayScript.Channel) -> UUID {
        accountIDs[department][DayScript.Channel.allCases.firstIndex(of: channel)!]
    }

    /// The accounts with a provider behind them.
    var providerAccounts: [(id: UUID, channel: DayScript.Channel)] {
        (0..<Self.departmentCount).flatMap { department in
            DayScript.Channel.allCases.filter { $0 != .webchat }.map { (account(department, $0), $0) }
        }
    }

    // MARK: - As the programs are told

    var seed: String {
        get throws {
            try json([
                "tenants": [
                    [
                        "id": tenantID.text, "name": "Day", "departments": departments, "agents": agents,
                        "channelAccounts": accounts,
                    ]
                ]
            ])
        }
    }

    func providers(at port: Int, token: String) throws -> String {
        let accounts = providerAccounts.map {
            ["channelAccountId": $0.id.text, "adapter": "stand-in", "baseUrl": "http://127.0.0.1:\(port)", "token": token]
        }
        return try json(["accounts": accounts])
    }

    private var departments: [[String: Any]] {
        departmentIDs.enumerated().map { index, id in
            [
                "id": id.text, "name": "Department \(index)", "default": index == 0, "method": Self.methods[index],
                "onDisconnect": index == Self.requeueingDepartment ? "requeue_front" : "pending",
            ]
        }
    }

    private var agents: [[String: Any]] {
        agentIDs.enumerated().map { index, id in
            [
                "id": id.text, "name": "Agent \(index)", "role": "agent", "loadMax": Self.chatLimit,
                "departments": Self.departments(of: index).map { departmentIDs[$0].text },
            ]
        }
    }

    private var accounts: [[String: Any]] {
        (0..<Self.departmentCount).flatMap { department in
            DayScript.Channel.allCases.map { channel in
                var account: [String: Any] = [
                    "id": self.account(department, channel).text, "kind": channel.rawValue,
                    "name": "\(channel.rawValue) \(department)", "department": departmentIDs[department].text,
                ]
                if channel == .webchat { account["widgetKey"] = "day-\(department)" }
                if Self.hasBot(department, channel) { account["bot"] = botID.text }
                return account
            }
        }
    }

    private func json(_ value: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
    }
}
