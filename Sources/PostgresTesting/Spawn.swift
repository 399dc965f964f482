import Glibc

/// A pipe whose ends do not pass to children, except where `spawn` hands one on.
struct Pipe {
    let read: Int32
    let write: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            throw TestClusterError(reason: "no more file descriptors")
        }
        read = ends[0]
        write = ends[1]
    }
}

/// Starts a program in a session of its own, so that an interrupt at the terminal does not reach it.
@discardableResult
func spawn(_ arguments: [String], input: Int32, output: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(0x80 /* POSIX_SPAWN_SETSID of glibc's spawn.h */))
    var vector: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { for pointer in vector { free(pointer) } }
    vector.append(nil)
    var child: pid_t = 0
    guard posix_spawn(&child, arguments[0], &actions, &attributes, vector, environ) == 0 else {
        throw TestClusterError(reason: "cannot start \(arguments[0])")
    }
    return child
}

/// Everything until the other end closes; closes this one.
func readAll(_ descriptor: Int32) -> String {
    defer { close(descriptor) }
    var bytes = [UInt8]()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}
