import GRPC
import GoogleProtobuf

extension MethodDescriptor {
    /// Answers with what the server knows of its caller.
    static let whoAmI = MethodDescriptor(
        service: "test.Callers", method: "WhoAmI", kind: .unary, request: StringValue.self, response: StringValue.self)
}
