// Loads an echo server by gRPC C++'s asynchronous client: unary calls, streams' messages, or connections that idle.
// echo_client PORT (unary|download|pingpong|idle) COUNT [CONCURRENCY]; prints {"count", "seconds", "cpu_seconds"}
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "echo.grpc.pb.h"

using bench::EchoService;
using bench::Note;

static Note example() {
  Note note;
  note.set_text(std::string(48, 'x'));
  note.set_number(1234567890123);
  for (const char* label : {"billing", "refunds", "premium"}) note.add_labels(label);
  return note;
}

static const Note note = example();

static void check(const grpc::Status& status, bool same) {
  if (status.ok() && same) return;
  std::fprintf(stderr, "a call ended with %d %s\n", status.error_code(), status.error_message().c_str());
  std::exit(1);
}

class Latch {
 public:
  explicit Latch(int count) : left_(count) {}
  void down() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (--left_ == 0) done_.notify_all();
  }
  void wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return left_ == 0; });
  }

 private:
  int left_;
  std::mutex mutex_;
  std::condition_variable done_;
};

static bool same(const Note& other) {
  return other.text() == note.text() && other.number() == note.number() && other.labels_size() == note.labels_size();
}

// One caller: a call after the other until none is left.
struct Caller {
  EchoService::Stub* stub;
  std::atomic<int>* left;
  Latch* latch;
  std::unique_ptr<grpc::ClientContext> context;
  Note response;

  void next() {
    if (left->fetch_sub(1) <= 0) return latch->down();
    context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    stub->async()->Echo(context.get(), &note, &response, [this](grpc::Status status) {
      check(status, same(response));
      next();
    });
  }
};

static void unary(EchoService::Stub* stub, int count, int concurrency) {
  std::atomic<int> left{count};
  Latch latch(concurrency);
  std::vector<Caller> callers(concurrency);
  for (Caller& caller : callers) {
    caller.stub = stub;
    caller.left = &left;
    caller.latch = &latch;
  }
  for (Caller& caller : callers) caller.next();
  latch.wait();
}

static void download(EchoService::Stub* stub, int count) {
  grpc::ClientContext context;
  bench::StreamRequest request;
  request.set_count(count);
  request.set_payload_bytes(98);
  auto reader = stub->Download(&context, request);
  bench::Chunk chunk;
  int arrived = 0;
  while (reader->Read(&chunk)) arrived += chunk.payload().size() == 98;
  check(reader->Finish(), arrived == count);
}

static void pingpong(EchoService::Stub* stub, int count) {
  grpc::ClientContext context;
  auto stream = stub->PingPong(&context);
  Note answer;
  for (int i = 0; i < count; ++i) {
    if (!stream->Write(note) || !stream->Read(&answer) || !same(answer)) check(grpc::Status::CANCELLED, false);
  }
  stream->WritesDone();
  check(stream->Finish(), true);
}

static double cpu_seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  std::string kind = argv[2];
  int count = std::atoi(argv[3]), concurrency = argc > 4 ? std::atoi(argv[4]) : 1;
  auto channel = grpc::CreateChannel(std::string("127.0.0.1:") + argv[1], grpc::InsecureChannelCredentials());
  auto stub = EchoService::NewStub(channel);
  unary(stub.get(), 1, 1);
  double cpu = cpu_seconds();
  auto begun = std::chrono::steady_clock::now();
  if (kind == "unary") unary(stub.get(), count, concurrency);
  else if (kind == "download") download(stub.get(), count);
  else if (kind == "pingpong") pingpong(stub.get(), count);
  else return 2;
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf("{\"count\": %d, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", count, took.count(), cpu_seconds() - cpu);
}
