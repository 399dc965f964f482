import ArgumentParser
import GRPC
import GRPCTLS

/// How the tool reaches services: in plain text, or over TLS.
struct ServiceChannels: ParsableArguments {
    @Option(help: "PEM file of the authorities that vouch for the services, which are then called over TLS.")
    var tlsRoots: String?

    @Option(help: "PEM file of the certificate for services that ask for one; --tls-key is its private key.")
    var tlsCertificate: String?

    @Option(help: "PEM file of the certificate's private key.")
    var tlsKey: String?

    func validate() throws {
        if tlsRoots == nil, tlsCertificate != nil || tlsKey != nil { throw ValidationError("--tls-roots is missing") }
    }

    /// `option` gave the address.
    func channel(to address: String, _ option: String) throws -> GRPC.Channel {
        guard let address = ServerAddress(address) else {
            throw ValidationError("\(option) is no address such as 127.0.0.1:9003")
        }
        var configuration = ChannelConfiguration()
        // Services that are just starting are looked for again soon.
        (configuration.backoff.initial, configuration.backoff.max) = (.milliseconds(50), .milliseconds(500))
        if tlsRoots != nil {
            let files = Credentials.Files(certificateChain: tlsCertificate, privateKey: tlsKey, trustRoots: tlsRoots)
            configuration.security = try TLSChannelSecurity(Credentials(files: files))
        }
        return GRPC.Channel(addresses: [address], configuration: configuration)
    }
}
