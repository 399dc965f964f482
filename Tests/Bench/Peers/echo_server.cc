// The unary echo of echo.proto on gRPC C++'s callback API: the fastest of its interfaces.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <string>

#include "echo.grpc.pb.h"

class EchoService final : public bench::EchoService::CallbackService {
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const google::protobuf::StringValue* request,
                                 google::protobuf::StringValue* response) override {
    response->set_value(request->value());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

int main(int count, char** arguments) {
  EchoService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("127.0.0.1:") + (count > 1 ? arguments[1] : "0"), grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) return 1;
  std::printf("listening on port %d\n", port);
  std::fflush(stdout);
  server->Wait();
}
