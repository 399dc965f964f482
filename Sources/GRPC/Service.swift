/// An implementation of a contract's service. Generated protocols refine it; an application does not write `register`.
public protocol Service: Sendable {
    static var descriptor: ServiceDescriptor { get }

    /// Enters one handler per method.
    func register(in router: inout Router)
}
