@testable import Contacts

/// Files that people upload.
enum Files {
    /// The input as CSV: in pieces of any size it has the same rows, and what is written of them is read as it was.
    static func csv(_ input: [UInt8]) -> Bool {
        let rows = rows([input])
        precondition(rows == self.rows(input.map { [$0] }), "other pieces make other rows")
        guard let rows else { return false }
        for row in rows {
            let written = Array(CSVCell.row(row.cells).utf8)
            guard written.count <= CSVParser.rowBytesMax else { continue }
            // A first line, because a mark may stand before that.
            let read = self.rows([Array("header\r\n".utf8) + written])?.dropFirst().map { $0.cells.map(CSVCell.unguarded) }
            precondition(read == [row.cells], "\(row.cells) is read as \(read ?? [])")
        }
        return true
    }

    private static func rows(_ pieces: [[UInt8]]) -> [CSVParser.Row]? {
        var parser = CSVParser()
        do {
            var rows = try pieces.flatMap { piece in try parser.push(piece) }
            if let last = try parser.finish() { rows.append(last) }
            return rows
        } catch {
            return nil
        }
    }
}
