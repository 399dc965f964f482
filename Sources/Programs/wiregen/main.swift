import Foundation
import WireGen

// wiregen [--protos FOLDER] [--out FOLDER] [--package NAME]: generates the contracts' C and Swift targets, or one package's.

/// The value that follows `option` on the command line.
func value(of option: String) -> String? {
    let arguments = CommandLine.arguments
    guard let index = arguments.firstIndex(of: option), index + 1 < arguments.count else { return nil }
    return arguments[index + 1]
}

do {
    let generator = Generator(
        protos: value(of: "--protos") ?? "protos", output: value(of: "--out") ?? "Sources/Contracts",
        package: value(of: "--package"))
    let modules = try generator.run()
    print("generated \(modules.joined(separator: ", "))")
} catch {
    FileHandle.standardError.write(Data("wiregen: \(error)\n".utf8))
    exit(1)
}
