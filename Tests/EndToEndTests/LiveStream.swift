import EndToEndSupport

extension Platform {
    /// An agent's live stream, read by curl into a log; open when this returns.
    func liveStream(of gateway: ServiceProcess, path: String = "/v1/stream") async throws -> ChildProcess {
        let stream = try ChildProcess(
            [
                // The stream answers 503 until the gateway has its own Watch.
                "/usr/bin/curl", "--silent", "--no-buffer", "--fail", "--retry", "60", "--retry-max-time", "60",
                "--header", "Authorization: Bearer \(try await agentToken(role: "agent"))",
                "--header", "Accept: text/event-stream", "http://127.0.0.1:\(gateway.listen.http)\(path)",
            ], environment: [:], logFile: "\(directory)/curl-\(gateway.listen.http)-\(path.utf8.count).log")
        try await stream.says("data:")
        return stream
    }
}

extension ChildProcess {
    /// Waits until what it printed holds the text.
    func says(_ text: String) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !readFile(logFile).contains(text) {
            guard .now < deadline else { throw ChildProcessError("no \(text) in \(try readFile(logFile))") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
