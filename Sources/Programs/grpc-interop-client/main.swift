#if canImport(Glibc)
    import Glibc
#endif
import GRPC

/// Plays the public interoperability cases against a server of any implementation.
///
///     grpc-interop-client HOST:PORT [CASE ...]
///
/// Without names, all but the compressed cases. Prints one line per case; ends with 1 when any failed.
guard CommandLine.arguments.count > 1, let address = ServerAddress(CommandLine.arguments[1]) else {
    print("usage: grpc-interop-client HOST:PORT [CASE ...]")
    exit(2)
}
let wanted = CommandLine.arguments.dropFirst(2)
var configuration = ChannelConfiguration()
configuration.responseBytesMax = 64 << 20
let channel = Channel(addresses: [address], configuration: configuration)
var failures = 0
for (name, run) in Cases.all + Cases.compressed
where wanted.contains(name) || wanted.isEmpty && Cases.all.contains(where: { $0.name == name }) {
    do {
        try await run(Cases(channel: channel))
        print("ok \(name)")
    } catch {
        failures += 1
        print("FAILED \(name): \(error)")
    }
}
await channel.close()
exit(failures == 0 ? 0 : 1)
