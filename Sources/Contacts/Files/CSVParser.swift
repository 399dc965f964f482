/// Reads CSV as RFC 4180 has it, from pieces of any size: a row is handed out as soon as it has ended, and no more than one
/// unfinished row is kept. Lines end with CRLF, LF or CR; a byte order mark at the start and empty lines are passed over.
struct CSVParser: Sendable {
    struct Row: Sendable, Hashable {
        /// The line of the file on which it begins, from 1.
        var line: Int
        var cells: [String]
    }

    /// Where the file is no CSV.
    struct Malformed: Error, Hashable {
        var line: Int
        var problem: String
    }

    static let rowBytesMax = 262_144
    static let cellsMax = 500

    private enum State {
        case cellStart, plain, quoted
        /// After a quote inside a quoted cell: its end, or the first half of a quote.
        case quote
    }

    private let delimiter: UInt8
    private var state = State.cellStart
    private var mark = Array("\u{FEFF}".utf8)[...]
    private var afterReturn = false
    private var line = 1
    private var row = Row(line: 1, cells: [])
    private var rowBytes = 0
    private var cell: [UInt8] = []

    init(delimiter: UInt8 = UInt8(ascii: ",")) {
        self.delimiter = delimiter
    }

    /// - Returns: the rows that end in these bytes.
    mutating func push(_ bytes: [UInt8]) throws(Malformed) -> [Row] {
        var rows: [Row] = []
        for byte in bytes {
            if let next = mark.first {
                mark = next == byte ? mark.dropFirst() : []
                if next == byte { continue }
            }
            if let row = try take(byte) { rows.append(row) }
        }
        return rows
    }

    /// - Returns: the last row, where the file does not end with a line's end.
    mutating func finish() throws(Malformed) -> Row? {
        guard state != .quoted else { throw malformed("a quoted cell has no end") }
        return rowBytes == 0 ? nil : try endRow()
    }

    private mutating func take(_ byte: UInt8) throws(Malformed) -> Row? {
        // The second half of CRLF has been counted with the first.
        defer { afterReturn = byte == UInt8(ascii: "\r") }
        if byte == UInt8(ascii: "\n"), afterReturn {
            if state == .quoted { cell.append(byte) }
            return nil
        }
        let endsLine = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
        if endsLine { line += 1 }
        guard rowBytes < Self.rowBytesMax else { throw malformed("a row has more than \(Self.rowBytesMax) bytes") }
        switch (state, byte) {
        case (.quoted, UInt8(ascii: "\"")): state = .quote
        case (.quoted, _): cell.append(byte)
        case (.quote, UInt8(ascii: "\"")):
            cell.append(byte)
            state = .quoted
        case (.cellStart, UInt8(ascii: "\"")): state = .quoted
        case (.plain, UInt8(ascii: "\"")): throw malformed("a quote stands inside a cell that has no quotes around it")
        case (_, delimiter): try endCell()
        case _ where endsLine: return rowBytes == 0 ? startRow() : try endRow()
        case (.quote, _): throw malformed("a cell goes on behind its closing quote")
        default:
            cell.append(byte)
            state = .plain
        }
        rowBytes += 1
        return nil
    }

    private mutating func endCell() throws(Malformed) {
        guard row.cells.count < Self.cellsMax else { throw malformed("a row has more than \(Self.cellsMax) cells") }
        guard let text = String(validating: cell, as: UTF8.self) else { throw malformed("is not UTF-8") }
        row.cells.append(text)
        cell.removeAll(keepingCapacity: true)
        state = .cellStart
    }

    private mutating func endRow() throws(Malformed) -> Row {
        try endCell()
        let ended = row
        _ = startRow()
        return ended
    }

    private mutating func startRow() -> Row? {
        row = Row(line: line, cells: [])
        rowBytes = 0
        return nil
    }

    private func malformed(_ problem: String) -> Malformed { Malformed(line: row.line, problem: problem) }
}
