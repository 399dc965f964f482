/// Where a process runs. Only `test` opens the doors that tests need.
package enum DeploymentEnvironment: String, Sendable, CaseIterable {
    case production, development, test
}
