// gRPC C++ as the server and as the client of our own: grpc.testing.TestService with the public interoperability cases.
//
//     interop_peer serve              prints `listening on HOST:PORT`, serves until standard input ends
//     interop_peer call HOST:PORT     plays the cases, a line for each; ends with 1 when any failed
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "grpc/testing/test.grpc.pb.h"

// What gRPC's own interoperability peers look at; exported by the library, and in none of its installed headers.
uint32_t grpc_call_test_only_get_message_flags(grpc_call* call);
// The flag on the wire, and the one in its place once the library has inflated the message.
constexpr uint32_t kWasCompressed = 0x80000000u | 0x40000000u;

namespace grpc::testing {
// Friends of the contexts by these names.
class InteropServerContextInspector {
 public:
  static bool Compressed(const ServerContext& context) {
    return (grpc_call_test_only_get_message_flags(context.call_.call) & kWasCompressed) != 0;
  }
};
class InteropClientContextInspector {
 public:
  static bool Compressed(const ClientContext& context) {
    return (grpc_call_test_only_get_message_flags(context.call_) & kWasCompressed) != 0;
  }
};
}  // namespace grpc::testing

namespace {
using namespace grpc;
using namespace grpc::testing;
using std::chrono::milliseconds;

const char kInitial[] = "x-grpc-test-echo-initial";
const char kTrailing[] = "x-grpc-test-echo-trailing-bin";
const std::string kTrailingBytes("\x0a\x0b\x0a\x0b\x0a\x0b", 6);

Payload Zeros(int size) {
  Payload payload;
  payload.set_body(std::string(size, '\0'));
  return payload;
}

// MARK: The server

class Peer final : public TestService::Service {
  static void Echo(ServerContext* context) {
    for (const auto& [name, value] : context->client_metadata()) {
      if (name == kInitial) context->AddInitialMetadata(kInitial, std::string(value.data(), value.size()));
      if (name == kTrailing) context->AddTrailingMetadata(kTrailing, std::string(value.data(), value.size()));
    }
  }

  template <class Request>
  static bool AsExpected(ServerContext* context, const Request& request) {
    return !request.has_expect_compressed() ||
           request.expect_compressed().value() == InteropServerContextInspector::Compressed(*context);
  }

  static Status Unexpected() { return {StatusCode::INVALID_ARGUMENT, "the message's compression is not as expected"}; }

  Status EmptyCall(ServerContext* context, const grpc::testing::Empty*, grpc::testing::Empty*) override {
    Echo(context);
    return Status::OK;
  }

  Status UnaryCall(ServerContext* context, const SimpleRequest* request, SimpleResponse* response) override {
    Echo(context);
    if (!AsExpected(context, *request)) return Unexpected();
    if (request->has_response_compressed()) {
      context->set_compression_algorithm(request->response_compressed().value() ? GRPC_COMPRESS_GZIP : GRPC_COMPRESS_NONE);
    }
    if (request->response_status().code() != 0) {
      return {static_cast<StatusCode>(request->response_status().code()), request->response_status().message()};
    }
    *response->mutable_payload() = Zeros(request->response_size());
    return Status::OK;
  }

  template <class Stream>
  static Status Answer(ServerContext* context, const StreamingOutputCallRequest& request, Stream* stream) {
    if (request.response_status().code() != 0) {
      return {static_cast<StatusCode>(request.response_status().code()), request.response_status().message()};
    }
    for (const auto& parameters : request.response_parameters()) {
      for (int left = parameters.interval_us() / 1000; left > 0 && !context->IsCancelled(); left -= 10) {
        std::this_thread::sleep_for(milliseconds(10));
      }
      WriteOptions options;
      if (parameters.has_compressed() && !parameters.compressed().value()) options.set_no_compression();
      StreamingOutputCallResponse response;
      *response.mutable_payload() = Zeros(parameters.size());
      if (!stream->Write(response, options)) return {StatusCode::CANCELLED, "the client is gone"};
    }
    return Status::OK;
  }

  Status StreamingOutputCall(
      ServerContext* context, const StreamingOutputCallRequest* request,
      ServerWriter<StreamingOutputCallResponse>* writer) override {
    Echo(context);
    for (const auto& parameters : request->response_parameters()) {
      if (parameters.compressed().value()) context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    }
    return Answer(context, *request, writer);
  }

  Status StreamingInputCall(
      ServerContext* context, ServerReader<StreamingInputCallRequest>* reader, StreamingInputCallResponse* response) override {
    StreamingInputCallRequest request;
    int sum = 0;
    while (reader->Read(&request)) {
      if (!AsExpected(context, request)) return Unexpected();
      sum += static_cast<int>(request.payload().body().size());
    }
    response->set_aggregated_payload_size(sum);
    return Status::OK;
  }

  Status FullDuplexCall(
      ServerContext* context, ServerReaderWriter<StreamingOutputCallResponse, StreamingOutputCallRequest>* stream) override {
    Echo(context);
    StreamingOutputCallRequest request;
    while (stream->Read(&request)) {
      Status status = Answer(context, request, stream);
      if (!status.ok()) return status;
    }
    return Status::OK;
  }
};

int Serve() {
  Peer service;
  ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(64 << 20);
  builder.RegisterService(&service);
  // A thousand calls are open at once, each with a thread of the synchronous server.
  auto server = builder.BuildAndStart();
  if (!server) return 1;
  std::cout << "listening on 127.0.0.1:" << port << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

// MARK: The client

struct Failed {
  std::string what;
};

void Expect(bool holds, const std::string& what) {
  if (!holds) throw Failed{what};
}

void Expect(const Status& status, StatusCode code) {
  Expect(status.error_code() == code, "code " + std::to_string(status.error_code()) + ": " + status.error_message());
}

StreamingOutputCallRequest Outputs(const std::vector<int>& sizes, int interval_us = 0) {
  StreamingOutputCallRequest request;
  for (int size : sizes) {
    auto* parameters = request.add_response_parameters();
    parameters->set_size(size);
    parameters->set_interval_us(interval_us);
  }
  return request;
}

class Cases {
  TestService::Stub& stub_;
  UnimplementedService::Stub& unimplemented_;

  SimpleRequest Large() {
    SimpleRequest request;
    request.set_response_size(314159);
    *request.mutable_payload() = Zeros(271828);
    return request;
  }

  void Unary(SimpleRequest request, StatusCode code, bool compresses, bool expects_compressed) {
    ClientContext context;
    if (compresses) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    SimpleResponse response;
    Expect(stub_.UnaryCall(&context, request, &response), code);
    if (code != StatusCode::OK) return;
    Expect(response.payload().body() == std::string(314159, '\0'), "314,159 zeros");
    Expect(InteropClientContextInspector::Compressed(context) == expects_compressed, "the answer's compression");
  }

 public:
  Cases(TestService::Stub& stub, UnimplementedService::Stub& unimplemented) : stub_(stub), unimplemented_(unimplemented) {}

  void EmptyUnary() {
    ClientContext context;
    grpc::testing::Empty response;
    Expect(stub_.EmptyCall(&context, {}, &response), StatusCode::OK);
  }

  void LargeUnary() { Unary(Large(), StatusCode::OK, false, false); }

  void ClientCompressedUnary() {
    auto request = Large();
    request.mutable_expect_compressed()->set_value(true);
    Unary(request, StatusCode::INVALID_ARGUMENT, false, false);
    Unary(request, StatusCode::OK, true, false);
    request.mutable_expect_compressed()->set_value(false);
    Unary(request, StatusCode::OK, false, false);
  }

  void ServerCompressedUnary() {
    for (bool compressed : {true, false}) {
      auto request = Large();
      request.mutable_response_compressed()->set_value(compressed);
      Unary(request, StatusCode::OK, false, compressed);
    }
  }

  void ClientStreaming() {
    ClientContext context;
    StreamingInputCallResponse response;
    auto writer = stub_.StreamingInputCall(&context, &response);
    for (int size : {27182, 8, 1828, 45904}) {
      StreamingInputCallRequest request;
      *request.mutable_payload() = Zeros(size);
      Expect(writer->Write(request), "a request is taken");
    }
    writer->WritesDone();
    Expect(writer->Finish(), StatusCode::OK);
    Expect(response.aggregated_payload_size() == 74922, "a sum of 74,922");
  }

  void ClientCompressedStreaming() {
    for (bool probes : {true, false}) {
      ClientContext context;
      context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
      StreamingInputCallResponse response;
      auto writer = stub_.StreamingInputCall(&context, &response);
      StreamingInputCallRequest request;
      request.mutable_expect_compressed()->set_value(true);
      *request.mutable_payload() = Zeros(27182);
      WriteOptions plain;
      plain.set_no_compression();
      writer->Write(request, probes ? plain : WriteOptions());
      if (!probes) {
        request.mutable_expect_compressed()->set_value(false);
        *request.mutable_payload() = Zeros(45904);
        Expect(writer->Write(request, plain), "a request is taken");
      }
      writer->WritesDone();
      Expect(writer->Finish(), probes ? StatusCode::INVALID_ARGUMENT : StatusCode::OK);
      Expect(probes || response.aggregated_payload_size() == 73086, "a sum of 73,086");
    }
  }

  void ServerStreaming() {
    ClientContext context;
    auto reader = stub_.StreamingOutputCall(&context, Outputs({31415, 9, 2653, 58979}));
    StreamingOutputCallResponse response;
    for (int size : {31415, 9, 2653, 58979}) {
      Expect(reader->Read(&response) && response.payload().body() == std::string(size, '\0'), std::to_string(size) + " zeros");
    }
    Expect(!reader->Read(&response), "no further answer");
    Expect(reader->Finish(), StatusCode::OK);
  }

  void ServerCompressedStreaming() {
    auto request = Outputs({31415, 92653});
    request.mutable_response_parameters(0)->mutable_compressed()->set_value(true);
    request.mutable_response_parameters(1)->mutable_compressed()->set_value(false);
    ClientContext context;
    auto reader = stub_.StreamingOutputCall(&context, request);
    StreamingOutputCallResponse response;
    for (bool compressed : {true, false}) {
      Expect(reader->Read(&response), "an answer");
      Expect(InteropClientContextInspector::Compressed(context) == compressed, "the answer's compression");
    }
    Expect(!reader->Read(&response), "no further answer");
    Expect(reader->Finish(), StatusCode::OK);
  }

  void PingPong() {
    ClientContext context;
    auto stream = stub_.FullDuplexCall(&context);
    StreamingOutputCallResponse response;
    for (int size : {31415, 9, 2653, 58979}) {
      Expect(stream->Write(Outputs({size})), "a request is taken");
      Expect(stream->Read(&response) && response.payload().body().size() == size_t(size), "its answer");
    }
    stream->WritesDone();
    Expect(!stream->Read(&response), "no further answer");
    Expect(stream->Finish(), StatusCode::OK);
  }

  void EmptyStream() {
    ClientContext context;
    auto stream = stub_.FullDuplexCall(&context);
    stream->WritesDone();
    StreamingOutputCallResponse response;
    Expect(!stream->Read(&response), "no answer");
    Expect(stream->Finish(), StatusCode::OK);
  }

  void CustomMetadata() {
    ClientContext unary, duplex;
    for (ClientContext* context : {&unary, &duplex}) {
      context->AddMetadata(kInitial, "test_initial_metadata_value");
      context->AddMetadata(kTrailing, kTrailingBytes);
    }
    SimpleResponse response;
    Expect(stub_.UnaryCall(&unary, Large(), &response), StatusCode::OK);
    StreamingOutputCallRequest request;
    request.add_response_parameters()->set_size(10);
    Expect(Duplex(&duplex, request), StatusCode::OK);
    for (const ClientContext* context : {&unary, &duplex}) {
      const auto& initial = context->GetServerInitialMetadata();
      auto found = initial.find(kInitial);
      Expect(found != initial.end() && found->second == "test_initial_metadata_value", "initial metadata");
      const auto& trailing = context->GetServerTrailingMetadata();
      found = trailing.find(kTrailing);
      Expect(found != trailing.end() && found->second == kTrailingBytes, "trailing metadata");
    }
  }

  // One request on a stream, and its end.
  Status Duplex(ClientContext* context, const StreamingOutputCallRequest& request) {
    auto stream = stub_.FullDuplexCall(context);
    stream->Write(request);
    stream->WritesDone();
    StreamingOutputCallResponse response;
    while (stream->Read(&response)) {
    }
    return stream->Finish();
  }

  void Message(const std::string& message) {
    ClientContext unary, duplex;
    SimpleRequest request;
    request.mutable_response_status()->set_code(2);
    request.mutable_response_status()->set_message(message);
    SimpleResponse response;
    StreamingOutputCallRequest streamed;
    *streamed.mutable_response_status() = request.response_status();
    for (const Status& status : {stub_.UnaryCall(&unary, request, &response), Duplex(&duplex, streamed)}) {
      Expect(status, StatusCode::UNKNOWN);
      Expect(status.error_message() == message, "the message " + status.error_message());
    }
  }

  void StatusCodeAndMessage() { Message("test status message"); }
  void SpecialStatusMessage() { Message("\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"); }

  void UnimplementedMethod() {
    ClientContext context;
    grpc::testing::Empty response;
    Expect(stub_.UnimplementedCall(&context, {}, &response), StatusCode::UNIMPLEMENTED);
  }

  void UnimplementedServiceCase() {
    ClientContext context;
    grpc::testing::Empty response;
    Expect(unimplemented_.UnimplementedCall(&context, {}, &response), StatusCode::UNIMPLEMENTED);
  }

  void CancelAfterBegin() {
    ClientContext context;
    StreamingInputCallResponse response;
    auto writer = stub_.StreamingInputCall(&context, &response);
    context.TryCancel();
    Expect(writer->Finish(), StatusCode::CANCELLED);
  }

  void CancelAfterFirstResponse() {
    ClientContext context;
    auto stream = stub_.FullDuplexCall(&context);
    StreamingOutputCallResponse response;
    Expect(stream->Write(Outputs({31415})) && stream->Read(&response), "an answer");
    context.TryCancel();
    Expect(stream->Finish(), StatusCode::CANCELLED);
  }

  void TimeoutOnSleepingServer() {
    ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + milliseconds(1));
    auto stream = stub_.FullDuplexCall(&context);
    stream->Write(Outputs({31415}, 10'000'000));
    StreamingOutputCallResponse response;
    while (stream->Read(&response)) {
    }
    Expect(stream->Finish(), StatusCode::DEADLINE_EXCEEDED);
  }
};

int Call(const std::string& address) {
  ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  auto channel = CreateCustomChannel(address, InsecureChannelCredentials(), arguments);
  auto stub = TestService::NewStub(channel);
  auto unimplemented = UnimplementedService::NewStub(channel);
  Cases cases(*stub, *unimplemented);
  const std::vector<std::pair<std::string, void (Cases::*)()>> all = {
      {"empty_unary", &Cases::EmptyUnary},
      {"large_unary", &Cases::LargeUnary},
      {"client_compressed_unary", &Cases::ClientCompressedUnary},
      {"server_compressed_unary", &Cases::ServerCompressedUnary},
      {"client_streaming", &Cases::ClientStreaming},
      {"client_compressed_streaming", &Cases::ClientCompressedStreaming},
      {"server_streaming", &Cases::ServerStreaming},
      {"server_compressed_streaming", &Cases::ServerCompressedStreaming},
      {"ping_pong", &Cases::PingPong},
      {"empty_stream", &Cases::EmptyStream},
      {"custom_metadata", &Cases::CustomMetadata},
      {"status_code_and_message", &Cases::StatusCodeAndMessage},
      {"special_status_message", &Cases::SpecialStatusMessage},
      {"unimplemented_method", &Cases::UnimplementedMethod},
      {"unimplemented_service", &Cases::UnimplementedServiceCase},
      {"cancel_after_begin", &Cases::CancelAfterBegin},
      {"cancel_after_first_response", &Cases::CancelAfterFirstResponse},
      {"timeout_on_sleeping_server", &Cases::TimeoutOnSleepingServer},
  };
  int failures = 0;
  for (const auto& [name, run] : all) {
    try {
      (cases.*run)();
      std::cout << "ok " << name << std::endl;
    } catch (const Failed& failed) {
      ++failures;
      std::cout << "FAILED " << name << ": " << failed.what << std::endl;
    }
  }
  return failures == 0 ? 0 : 1;
}
}  // namespace

int main(int count, char** arguments) {
  const std::string verb = count > 1 ? arguments[1] : "";
  if (verb == "serve") return Serve();
  if (verb == "call" && count == 3) return Call(arguments[2]);
  std::cerr << "usage: interop_peer serve | call HOST:PORT" << std::endl;
  return 2;
}
