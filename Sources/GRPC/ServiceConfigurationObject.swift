import GoogleProtobuf
import Protobuf

/// A JSON object whose members are taken one by one; what nobody took is refused in the end.
struct ServiceConfigurationObject {
    private let path: String
    private var members: [String: Value]

    init(json text: String) throws(ServiceConfigurationError) {
        do throws(JSONDecodingError) {
            self.init("", try Struct(json: text))
        } catch {
            throw ServiceConfigurationError(path: error.path, message: error.message)
        }
    }

    private init(_ path: String, _ object: Struct) {
        self.path = path
        members = object.fields
    }

    var names: [String] { Array(members.keys) }

    func wrong(_ message: String) -> ServiceConfigurationError { ServiceConfigurationError(path: path, message: message) }

    func wrong(_ name: String, _ message: String) -> ServiceConfigurationError {
        ServiceConfigurationError(path: place(name), message: message)
    }

    private func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// Everything has been taken.
    func end() throws(ServiceConfigurationError) {
        guard let name = members.keys.min() else { return }
        throw wrong(name, "is not known here")
    }

    func required<Item>(_ value: Item?, _ name: String) throws(ServiceConfigurationError) -> Item {
        guard let value else { throw wrong(name, "is missing") }
        return value
    }

    // MARK: Members. Nil where there is none.

    private mutating func take(_ name: String) -> Value.Kind? {
        guard let kind = members.removeValue(forKey: name)?.kind else { return nil }
        if case .nullValue = kind { return nil }
        return kind
    }

    mutating func object(_ name: String) throws(ServiceConfigurationError) -> ServiceConfigurationObject? {
        guard let kind = take(name) else { return nil }
        guard case .structValue(let object) = kind else { throw wrong(name, "is no object") }
        return ServiceConfigurationObject(place(name), object)
    }

    mutating func objects(_ name: String) throws(ServiceConfigurationError) -> [ServiceConfigurationObject]? {
        var objects: [ServiceConfigurationObject] = []
        guard let list = try list(name) else { return nil }
        for (index, value) in list.enumerated() {
            let place = "\(place(name))[\(index)]"
            guard case .structValue(let object) = value.kind else {
                throw ServiceConfigurationError(path: place, message: "is no object")
            }
            objects.append(ServiceConfigurationObject(place, object))
        }
        return objects
    }

    private mutating func list(_ name: String) throws(ServiceConfigurationError) -> [Value]? {
        guard let kind = take(name) else { return nil }
        guard case .listValue(let list) = kind else { throw wrong(name, "is no list") }
        return list.values
    }

    mutating func text(_ name: String) throws(ServiceConfigurationError) -> String? {
        guard let kind = take(name) else { return nil }
        guard case .stringValue(let text) = kind else { throw wrong(name, "is no string") }
        return text
    }

    mutating func bool(_ name: String) throws(ServiceConfigurationError) -> Bool? {
        guard let kind = take(name) else { return nil }
        guard case .boolValue(let value) = kind else { throw wrong(name, "is neither true nor false") }
        return value
    }

    /// A whole number, also as a string.
    mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(ServiceConfigurationError) -> Int? {
        let number: Int?
        switch take(name) {
        case nil: return nil
        case .numberValue(let value): number = Int(exactly: value)
        case .stringValue(let text): number = Int(text)
        default: number = nil
        }
        guard let number, range.contains(number) else {
            throw wrong(name, "is no whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func positive(_ name: String) throws(ServiceConfigurationError) -> Double? {
        guard let kind = take(name) else { return nil }
        guard case .numberValue(let value) = kind, value > 0, value.isFinite else { throw wrong(name, "is no number above 0") }
        return value
    }

    /// `1.5s`, as ProtoJSON writes a google.protobuf.Duration; never negative.
    mutating func duration(_ name: String, isPositive: Bool = false) throws(ServiceConfigurationError) -> Swift.Duration? {
        guard let text = try text(name) else { return nil }
        guard let read = try? GoogleProtobuf.Duration(json: "\"\(text)\""), read.seconds >= 0, read.nanos >= 0 else {
            throw wrong(name, "is no duration such as 1.5s")
        }
        let duration = Swift.Duration(secondsComponent: read.seconds, attosecondsComponent: Int64(read.nanos) * 1_000_000_000)
        guard !isPositive || duration > .zero else { throw wrong(name, "is not above 0s") }
        return duration
    }

    /// Status codes by name or number.
    mutating func codes(_ name: String) throws(ServiceConfigurationError) -> Set<StatusCode>? {
        guard let list = try list(name) else { return nil }
        var codes: Set<StatusCode> = []
        for value in list {
            let code: StatusCode? =
                switch value.kind {
                case .numberValue(let number): Int32(exactly: number).flatMap { StatusCode(rawValue: $0) }
                case .stringValue(let text): StatusCode.allCases.first { $0.description == text.uppercased() }
                default: nil
                }
            guard let code, code != .ok else { throw wrong(name, "holds what is no status code of a failure") }
            codes.insert(code)
        }
        return codes
    }
}
