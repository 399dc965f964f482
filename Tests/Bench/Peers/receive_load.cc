// Calls ReceiveMessage with gRPC C++: one thread for each customer, who writes his next message when the last one is stored.
// Arguments: address, token, seconds (0: one message each), the provider ids' prefix, then for each customer his tenant, channel
// account and address, with commas between. Prints how many calls were answered OK, and in how many seconds.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "receive.grpc.pb.h"

using namespace switchboard::conversations::v1;
using Clock = std::chrono::steady_clock;

struct Customer {
  std::string tenant, account, address;
};

static std::atomic<long> answered{0};
static std::atomic<bool> failed{false};

static void keepWriting(const std::string& target, const std::string& token, const std::string& prefix, Customer customer, int number,
                  double seconds) {
  grpc::ChannelArguments arguments;
  arguments.SetInt("customer", number);  // a connection of his own
  auto stub = ConversationsService::NewStub(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (long n = 0; !failed && (n == 0 || Clock::now() < end); n++) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + token);
    context.AddMetadata("switchboard-tenant-id", customer.tenant);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    ReceiveMessageRequest request;
    request.set_channel_account_id(customer.account);
    request.set_provider_message_id(prefix + "-" + std::to_string(number) + "-" + std::to_string(n));
    request.set_sender_address(customer.address);
    request.set_sender_name("Customer");
    request.set_kind(1);
    request.set_text("Is my order on its way? I have been waiting for it since Monday.");
    ReceiveMessageResponse response;
    grpc::Status status = stub->ReceiveMessage(&context, request, &response);
    if (!status.ok() || response.duplicate()) {
      std::fprintf(stderr, "%d %s\n", status.error_code(), status.error_message().c_str());
      failed = true;
      return;
    }
    answered++;
  }
}

int main(int count, char** arguments) {
  if (count < 6) return 2;
  const double seconds = std::stod(arguments[3]);
  std::vector<std::thread> threads;
  const auto begun = Clock::now();
  for (int i = 5; i < count; i++) {
    std::istringstream words(arguments[i]);
    Customer customer;
    std::getline(words, customer.tenant, ',');
    std::getline(words, customer.account, ',');
    std::getline(words, customer.address, ',');
    threads.emplace_back(keepWriting, arguments[1], arguments[2], arguments[4], customer, i, seconds);
  }
  for (auto& thread : threads) thread.join();
  const double took = std::chrono::duration<double>(Clock::now() - begun).count();
  std::printf("%ld %.6f\n", answered.load(), took);
  return failed ? 1 : 0;
}
