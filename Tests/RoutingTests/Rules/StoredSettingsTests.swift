import Foundation
import Testing

@testable import Routing

@Suite("P5, C57, C59: what a tenant and a department have chosen, as rows hold it")
struct StoredSettingsTests {
    @Test("P5: rows of the release before are read; what they lack is unset, and what is unset stands in no row")
    func P5_rowsOfBefore() throws {
        let row = """
            {"locale": "pt-BR", "timeZone": "", "seesAllDepartments": false, "allowsOfflineTransfer": false, "awayReasons": [],
             "outcomes": ["sold"]}
            """
        let settings = try JSONDecoder().decode(TenantSettings.self, from: Data(row.utf8))
        #expect(settings.labels == nil && settings.wire.labels == [] && settings.wire.outcomes == ["sold"])
        var rules = DepartmentRules()
        let stored = try #require(
            try JSONSerialization.jsonObject(with: try JSONEncoder().encode(rules)) as? [String: Any])
        #expect(["locale", "timeZone", "serviceType"].allSatisfy { stored[$0] == nil })
        rules = try JSONDecoder().decode(DepartmentRules.self, from: try JSONSerialization.data(withJSONObject: stored))
        #expect(rules == DepartmentRules())
    }
}
