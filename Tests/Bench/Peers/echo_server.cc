// echo.proto on gRPC C++'s callback API: the fastest of its interfaces. echo_server [PORT]
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <string>

#include "echo.grpc.pb.h"

using bench::Chunk;
using bench::Note;
using bench::StreamRequest;

class Download final : public grpc::ServerWriteReactor<Chunk> {
 public:
  explicit Download(const StreamRequest& request) : left_(request.count()) {
    chunk_.set_payload(std::string(request.payload_bytes(), 'x'));
    next();
  }
  void OnWriteDone(bool ok) override { ok ? next() : Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  void next() {
    if (left_-- > 0) {
      StartWrite(&chunk_);
    } else {
      Finish(grpc::Status::OK);
    }
  }
  int left_;
  Chunk chunk_;
};

class PingPong final : public grpc::ServerBidiReactor<Note, Note> {
 public:
  PingPong() { StartRead(&note_); }
  void OnReadDone(bool ok) override { ok ? StartWrite(&note_) : Finish(grpc::Status::OK); }
  void OnWriteDone(bool ok) override { ok ? StartRead(&note_) : Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  Note note_;
};

class EchoService final : public bench::EchoService::CallbackService {
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const Note* request, Note* response) override {
    *response = *request;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerWriteReactor<Chunk>* Download(grpc::CallbackServerContext*, const StreamRequest* request) override {
    return new ::Download(*request);
  }
  grpc::ServerBidiReactor<Note, Note>* PingPong(grpc::CallbackServerContext*) override { return new ::PingPong(); }
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
