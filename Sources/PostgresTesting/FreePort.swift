import Glibc
import Synchronization

/// Ports of 127.0.0.1 for servers that are started later, so that others can be told of them beforehand.
package enum FreePort {
    private static let given = Mutex<Set<Int>>([])

    /// A port that nobody listens on, that no one of this process has been given, and that the system gives to nobody: it lies below
    /// the ports of outgoing connections, which could take one between its choice and its use.
    package static func next() throws -> Int {
        for _ in 0..<1_000 {
            let port = Int.random(in: 10_000..<32_000)
            guard given.withLock({ $0.insert(port).inserted }), isFree(port) else { continue }
            return port
        }
        throw TestClusterError(reason: "no free port from 10000 to 31999")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
