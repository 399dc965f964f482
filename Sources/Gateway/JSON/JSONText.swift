/// Puts JSON together from parts that are JSON already: what a service answered is not read again to be sent on.
enum JSONText {
    static func object(_ members: [(name: String, json: [UInt8])]) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "{")]
        for (index, member) in members.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out += JSONValue.string(member.name).bytes
            out.append(UInt8(ascii: ":"))
            out += member.json
        }
        out.append(UInt8(ascii: "}"))
        return out
    }

    static func array(_ elements: [[UInt8]]) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "[")]
        for (index, element) in elements.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out += element
        }
        out.append(UInt8(ascii: "]"))
        return out
    }

    static let null = Array("null".utf8)
}
