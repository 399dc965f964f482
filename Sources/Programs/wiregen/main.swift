import Foundation
import WireGen

// wiregen [--protos FOLDER] [--out FOLDER]: generates the contracts' C and Swift targets.

/// The value that follows `option` on the command line.
func value(of option: String, default standard: String) -> String {
    let arguments = CommandLine.arguments
    guard let index = arguments.firstIndex(of: option), index + 1 < arguments.count else { return standard }
    return arguments[index + 1]
}

do {
    let generator = Generator(
        protos: value(of: "--protos", default: "protos"), output: value(of: "--out", default: "Sources/Contracts"))
    let modules = try generator.run()
    print("generated \(modules.joined(separator: ", "))")
} catch {
    FileHandle.standardError.write(Data("wiregen: \(error)\n".utf8))
    exit(1)
}
