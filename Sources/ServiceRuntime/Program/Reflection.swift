import GRPC
import GRPCReflection

extension RunningService {
    static func registerReflection(of services: [any GRPC.Service], in router: inout Router) {}
}
