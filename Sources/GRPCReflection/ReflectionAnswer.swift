import GRPC

/// What a tool asks, whichever version of the service it speaks.
enum ReflectionQuestion {
    case file(String)
    case symbol(String)
    case `extension`(type: String, number: Int32)
    case extensionNumbers(String)
    case services
}

/// What it is answered. An error is an answer, and the stream goes on.
enum ReflectionAnswer: Equatable {
    case files([[UInt8]])
    case extensionNumbers(type: String, [Int32])
    case services([String])
    case error(StatusCode, String)

    init(_ question: ReflectionQuestion?, _ index: DescriptorIndex) {
        func files(_ files: [[UInt8]]?, _ what: String) -> ReflectionAnswer {
            files.map { .files($0) } ?? .error(.notFound, "\(what) is not here")
        }
        switch question {
        case .file(let name): self = files(index.files(named: name), "the file \(name)")
        case .symbol(let symbol): self = files(index.files(defining: symbol), "the symbol \(symbol)")
        case .extension(let type, let number):
            self = files(index.files(extending: type, number: number), "extension \(number) of \(type)")
        case .extensionNumbers(let type):
            self =
                index.extensionNumbers(of: type).map { .extensionNumbers(type: type, $0) }
                ?? .error(.notFound, "the type \(type) is not here")
        case .services: self = .services(index.services)
        case nil: self = .error(.invalidArgument, "the request asks nothing")
        }
    }
}
