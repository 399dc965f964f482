import Foundation

/// The text of the project's files, and Package.swift as SwiftPM understands it. The rules take values of these types, so that
/// each can be shown a planted counterexample.
struct Repository: Sendable {
    /// Every text file of the project, by its path below the root.
    var files: [SourceFile]

    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let current = Repository(files: loadFiles())

    func file(_ path: String) -> SourceFile? { files.first { $0.path == path } }

    /// Swift that somebody writes: generated contracts left out.
    var writtenSwift: [SourceFile] { files.filter { $0.path.hasSuffix(".swift") && !$0.isGenerated } }

    private static func loadFiles() -> [SourceFile] {
        let folders = ["Sources", "Tests", "protos", "docker", ".dev", ".ci"]
        let topLevel = ["Package.swift", "README.md", "dev", ".swift-format", ".gitignore", ".dockerignore"]
        return folders.flatMap(filesBelow).sorted { $0.path < $1.path } + topLevel.compactMap(load)
    }

    private static func filesBelow(_ folder: String) -> [SourceFile] {
        let start = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(at: start, includingPropertiesForKeys: [.isRegularFileKey]) else {
            return []
        }
        var found: [SourceFile] = []
        for case let url as URL in walk {
            if [".build", ".swiftpm", "__pycache__"].contains(url.lastPathComponent) { walk.skipDescendants() }
            let isFile = (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
            guard isFile, let file = load(String(url.path.dropFirst(root.path.count + 1))) else { continue }
            found.append(file)
        }
        return found
    }

    /// Nil for what is not text.
    private static func load(_ path: String) -> SourceFile? {
        guard let data = try? Data(contentsOf: root.appending(path: path)), data.count < 4 << 20 else { return nil }
        guard let text = String(data: data, encoding: .utf8) else { return nil }
        return SourceFile(path: path, text: text)
    }
}

struct SourceFile: Sendable {
    let path: String
    let text: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        // By bytes: splitting by characters takes seconds over the whole project.
        lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Substring($0) }
    }

    /// Lines with their numbers, counted from 1, without what follows `//`: enough to tell code from what is said about it.
    var codeLines: [(number: Int, text: String)] {
        lines.enumerated().map { ($0.offset + 1, withoutComment($0.element)) }
    }

    var isGenerated: Bool { path.hasPrefix("Sources/Contracts/") || path.contains("/Golden/") }

    /// The modules that it imports.
    var imports: [String] {
        lines.filter { $0.hasPrefix("import ") || $0.contains(" import ") }.compactMap { line in
            guard
                let match = line.firstMatch(
                    of:
                        /^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:public|package|internal|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|let|var|typealias)\s+)?(\w+)/
                )
            else { return nil }
            return String(match.1)
        }
    }

    private func withoutComment(_ line: Substring) -> String {
        guard line.utf8.contains(UInt8(ascii: "/")) else { return String(line) }
        let trimmed = line.drop { $0 == " " }
        if trimmed.hasPrefix("//") { return "" }
        guard let slashes = line.range(of: " //") else { return String(line) }
        return String(line[..<slashes.lowerBound])
    }
}
