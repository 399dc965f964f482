import Postgres
import Testing

@Test func valuesBecomeParameters() {
    let fragment: SQL = "b = \("x' or 1=1 --")"
    let sql: SQL = "select a from t where a = \(1) and \(fragment: fragment) and c = \(true)"
    #expect(sql.text == "select a from t where a = $1 and b = $2 and c = $3")
}
