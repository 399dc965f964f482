import Testing

@testable import Contacts

@Suite("CSV")
struct CSVTests {
    private func rows(_ text: String, delimiter: Character = ",", pieces: Int = 1) throws -> [CSVParser.Row] {
        var parser = CSVParser(delimiter: delimiter.asciiValue ?? 0)
        var rows: [CSVParser.Row] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            rows += try parser.push(Array(bytes[start..<min(start + pieces, bytes.count)]))
        }
        if let last = try parser.finish() { rows.append(last) }
        return rows
    }

    @Test(
        "RFC 4180: quotes, delimiters and line ends inside cells, whatever the pieces and the ends of lines",
        arguments: [1, 2, 3, 7, 1_000])
    func readsEveryForm(pieces: Int) throws {
        let text = "\u{FEFF}name,note\r\n\"Ana \"\"A\"\" Lima\",\"two\r\nlines, one\"\n\n,\r\"\",é\r\nlast,"
        let read = try rows(text, pieces: pieces)
        #expect(
            read.map(\.cells) == [
                ["name", "note"], ["Ana \"A\" Lima", "two\r\nlines, one"], ["", ""], ["", "é"], ["last", ""],
            ])
        #expect(read.map(\.line) == [1, 2, 5, 6, 7])
        #expect(try rows("a;b\n1;2", delimiter: ";").map(\.cells) == [["a", "b"], ["1", "2"]])
        #expect(try rows("").isEmpty && rows("\r\n\n").isEmpty)
    }

    @Test(
        "What is no CSV is refused with its line",
        arguments: [
            ("a\n\"b", 2), ("a\nb\"c", 2), ("\"a\"b", 1), ("a\n" + String(repeating: "x", count: CSVParser.rowBytesMax + 1), 2),
            (String(repeating: ",", count: CSVParser.cellsMax + 1), 1),
        ])
    func refusesWhatIsNone(text: String, line: Int) {
        let error = #expect(throws: CSVParser.Malformed.self) { try rows(text, pieces: 10_000) }
        #expect(error?.line == line)
    }

    @Test("Bytes that are no UTF-8 are refused")
    func refusesBadText() {
        #expect(throws: CSVParser.Malformed.self) {
            var parser = CSVParser()
            _ = try parser.push([0x61, 0xFF, 0x0A])
        }
    }

    @Test("A cell that would run as a formula does not, and every text comes back as it was")
    func formulasAreGuarded() throws {
        let dangerous = ["=1+1", "+55", "-5", "@x", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", "=cmd|' /C calc'!A0"]
        for text in dangerous {
            #expect(CSVCell.written(text).hasPrefix("\"'") && CSVCell.written(text).hasSuffix("\""), "\(text)")
        }
        let harmless = ["", "Ana", "a=b", "'quoted'", "'", "5-5", " =1", "a\"b", "a,b", "two\r\nlines"]
        for text in harmless { #expect(CSVCell.guarded(text) == text) }
        let all = dangerous + harmless + dangerous.map { "'" + $0 } + dangerous.map { "''" + $0 }
        for text in all { #expect(CSVCell.unguarded(CSVCell.guarded(text)) == text) }
        let read = try rows(CSVCell.row(all) + CSVCell.row(all.reversed()))
        #expect(read.map { $0.cells.map(CSVCell.unguarded) } == [all, all.reversed()])
    }

    @Test("A row of one empty cell is no empty line")
    func emptyRowIsKept() throws {
        let column = [["name"], [""], ["Ana"]]
        #expect(try rows(column.map(CSVCell.row).joined()).map(\.cells) == column)
    }
}
