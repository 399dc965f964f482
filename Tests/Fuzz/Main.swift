import Glibc

/// `fuzz TARGET [libFuzzer's options and corpora]`; without a target, the names of all.
@main
struct Main {
    /// The target of this run.
    nonisolated(unsafe) static var target: FuzzTarget?
    /// The longest that an input took, in nanoseconds of CPU.
    nonisolated(unsafe) static var slowest: UInt64 = 0
    /// RELIABILITY.md 4.1, for code that is not optimised and under a sanitizer.
    static let slowestMax: UInt64 = 100_000_000

    static func main() {
        guard CommandLine.argc > 1, let target = FuzzTarget.all.first(where: { $0.name == CommandLine.arguments[1] }) else {
            for target in FuzzTarget.all { print(target.name) }
            return
        }
        self.target = target
        atexit { print("slowest: \(Main.slowest / 1_000) us") }
        var count = CommandLine.argc - 1
        var arguments = CommandLine.unsafeArgv + 1
        _ = run(&count, &arguments) { fuzz($0, $1) }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let start = cpuNanoseconds()
    _ = Main.target?.check(Array(UnsafeBufferPointer(start: bytes, count: count)))
    Main.slowest = max(Main.slowest, cpuNanoseconds() - start)
    precondition(Main.slowest <= Main.slowestMax, "an input took \(Main.slowest) ns")
    return 0
}

private func cpuNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// libFuzzer's loop; SwiftPM gives every program a `main` of its own, so that libFuzzer's cannot be used.
@_silgen_name("LLVMFuzzerRunDriver")
private func run(
    _ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
