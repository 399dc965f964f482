import FoundationEssentials

/// Whether the JSON object in these bytes has a member twice, at its top (RFC 7519, 4). Foundation's decoder takes the first,
/// others the last: a token that two readers understand differently is no token. What is no JSON is not judged here.
func hasRepeatedMembers(_ json: [UInt8]) -> Bool {
    var names: Set<String> = []
    var (depth, isName) = (0, false)
    var position = 0
    while position < json.count {
        switch json[position] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            isName = depth == 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        case UInt8(ascii: ","): isName = depth == 1
        case UInt8(ascii: "\""):
            let start = position
            position += 1
            while position < json.count, json[position] != UInt8(ascii: "\"") {
                position += json[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard position < json.count else { return false }
            if isName {
                // `"\u0069ss"` is `iss`.
                let name = try? JSONDecoder().decode(String.self, from: Data(json[start...position]))
                guard let name, names.insert(name).inserted else { return true }
                isName = false
            }
        default: break
        }
        position += 1
    }
    return false
}
