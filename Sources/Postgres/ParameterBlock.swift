/// The parameters of one statement as libpq wants them: pointers into one block of bytes.
struct ParameterBlock {
    private var bytes: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var types: [UInt32] = []

    init(_ parameters: [PostgresParameter]) {
        bytes.reserveCapacity(parameters.reduce(1) { $0 + ($1.bytes?.count ?? 0) })
        for parameter in parameters {
            offsets.append(parameter.bytes == nil ? nil : bytes.count)
            lengths.append(Int32(parameter.bytes?.count ?? 0))
            types.append(parameter.type.rawValue)
            if let value = parameter.bytes { bytes += value }
        }
        // An empty value at the end must still have an address: a null pointer means null.
        bytes.append(0)
    }

    func with<Answer>(
        _ body: (
            Int32, UnsafePointer<UInt32>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> Answer
    ) -> Answer {
        bytes.withUnsafeBytes { block in
            let values = offsets.map { $0.map { block.baseAddress!.advanced(by: $0).assumingMemoryBound(to: CChar.self) } }
            let formats = [Int32](repeating: 1, count: offsets.count)
            return body(Int32(offsets.count), types, values, lengths, formats)
        }
    }
}
