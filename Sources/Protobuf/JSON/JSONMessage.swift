extension GeneratedMessage {
    public init(json bytes: UnsafeRawBufferPointer, options: JSONDecodingOptions) throws(JSONDecodingError) {
        var json = try JSONReader(bytes, options)
        self = try Self.readJSON(from: &json)
        try json.end()
    }

    public func json(options: JSONEncodingOptions) -> [UInt8] {
        var json = JSONWriter(options)
        writeJSON(to: &json)
        return json.text.bytes
    }

    public func json(checking options: JSONEncodingOptions) throws(JSONEncodingError) -> [UInt8] {
        var json = JSONWriter(options)
        writeJSON(to: &json)
        if let refusal = json.refusal { throw refusal }
        return json.text.bytes
    }
}
