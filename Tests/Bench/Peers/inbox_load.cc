// Calls one RPC of conversations with gRPC C++, over 8 connections.
//
// Arguments: RPC (receive, send, accept: send and accept, get, list), address, seconds (0: each customer's call once), calls a second, ids' prefix, then for
// each customer, with commas between: token, tenant, channel account, address, conversation. With 0 calls a second every customer
// calls anew as soon as he is answered, so that as many calls are in flight as there are customers; else calls begin at their times,
// whether those before them are answered or not, and the time of a call counts from when it was due.
//
// Prints how many calls were answered OK, in how many seconds, and the microseconds within which half and 99 of 100 were answered.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "inbox.grpc.pb.h"

using namespace switchboard::conversations::v1;
using Clock = std::chrono::steady_clock;

static const int connections = 8;
static const long inFlightMax = 4096;

struct Customer {
  std::string token, tenant, account, address, conversation;
};

static std::string uuid(const std::string& prefix, long number) {
  char text[40];
  std::snprintf(text, sizeof text, "%08zx-0000-4000-8000-%012lx", std::hash<std::string>()(prefix) & 0xffffffff, number);
  return text;
}

class Load {
 public:
  Load(std::string rpc, const std::string& address, double seconds, double rate, std::string prefix, std::vector<Customer> customers)
      : rpc_(rpc), seconds_(seconds), rate_(rate), prefix_(prefix), customers_(customers) {
    for (int i = 0; i < connections; i++) {
      grpc::ChannelArguments arguments;
      arguments.SetInt("connection", i);
      stubs_.push_back(
          ConversationsService::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  int run() {
    const auto begun = Clock::now();
    end_ = begun + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds_));
    if (rate_ == 0) {
      for (size_t i = 0; i < customers_.size(); i++) start(i, Clock::now(), true);
    } else {
      const long count = static_cast<long>(seconds_ * rate_);
      for (long n = 0; n < count && !failed_; n++) {
        const auto due = begun + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(n / rate_));
        std::this_thread::sleep_until(due);
        if (inFlight_ >= inFlightMax) return fail("more than 4096 calls are in flight");
        start(n % customers_.size(), due, false);
      }
    }
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return inFlight_ == 0; });
    const double took = std::chrono::duration<double>(Clock::now() - begun).count();
    std::sort(times_.begin(), times_.end());
    const size_t count = times_.size();
    if (count == 0) return 1;
    std::printf("%zu %.6f %.0f %.0f\n", count, took, times_[count / 2], times_[std::min(count - 1, count * 99 / 100)]);
    return failed_ ? 1 : 0;
  }

 private:
  struct Call {
    grpc::ClientContext context;
    ReceiveMessageRequest receive;
    ReceiveMessageResponse received;
    SendMessageRequest send;
    SendMessageResponse sent;
    GetConversationRequest get;
    GetConversationResponse got;
    ListConversationsRequest list;
    ListConversationsResponse listed;
    size_t customer;
    Clock::time_point due;
    bool repeats;
  };

  void start(size_t index, Clock::time_point due, bool repeats) {
    const Customer& customer = customers_[index];
    const long number = lastCall_++;
    Call* call = new Call();
    call->customer = index;
    call->due = due;
    call->repeats = repeats;
    call->context.AddMetadata("authorization", "Bearer " + customer.token);
    if (rpc_ == "receive") call->context.AddMetadata("switchboard-tenant-id", customer.tenant);
    call->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    inFlight_++;
    auto done = [this, call](grpc::Status status) { finish(call, status); };
    auto* stub = stubs_[index % connections]->async();
    if (rpc_ == "receive") {
      call->receive.set_channel_account_id(customer.account);
      call->receive.set_provider_message_id(prefix_ + "-" + std::to_string(index) + "-" + std::to_string(number));
      call->receive.set_sender_address(customer.address);
      call->receive.set_sender_name("Customer");
      call->receive.set_kind(1);
      call->receive.set_text("Is my order on its way? I have been waiting for it since Monday.");
      stub->ReceiveMessage(&call->context, &call->receive, &call->received, done);
    } else if (rpc_ == "send" || rpc_ == "accept") {
      call->send.set_conversation_id(customer.conversation);
      call->send.set_request_id(uuid(prefix_, number));
      call->send.set_accept(rpc_ == "accept");
      call->send.set_text("It left our house this morning. You will have it tomorrow.");
      stub->SendMessage(&call->context, &call->send, &call->sent, done);
    } else if (rpc_ == "get") {
      call->get.set_conversation_id(customer.conversation);
      stub->GetConversation(&call->context, &call->get, &call->got, done);
    } else {
      call->list.set_page_size(20);
      stub->ListConversations(&call->context, &call->list, &call->listed, done);
    }
  }

  bool isRight(const Call& call) const {
    if (rpc_ == "receive") return !call.received.duplicate();
    if (rpc_ == "send" || rpc_ == "accept") return !call.sent.message().message_id().empty();
    if (rpc_ == "get") return call.got.conversation().conversation_id() == customers_[call.customer].conversation;
    return call.listed.conversations_size() > 0;
  }

  void finish(Call* call, const grpc::Status& status) {
    const auto now = Clock::now();
    if (!status.ok() || !isRight(*call)) {
      fail(std::to_string(status.error_code()) + " " + status.error_message());
    } else {
      std::lock_guard<std::mutex> lock(mutex_);
      times_.push_back(std::chrono::duration<double, std::micro>(now - call->due).count());
    }
    if (call->repeats && !failed_ && now < end_) start(call->customer, now, true);
    delete call;
    std::lock_guard<std::mutex> lock(mutex_);
    if (--inFlight_ == 0) done_.notify_all();
  }

  int fail(const std::string& what) {
    if (!failed_.exchange(true)) std::fprintf(stderr, "%s\n", what.c_str());
    return 1;
  }

  const std::string rpc_;
  const double seconds_, rate_;
  const std::string prefix_;
  const std::vector<Customer> customers_;
  std::vector<std::unique_ptr<ConversationsService::Stub>> stubs_;
  Clock::time_point end_;
  std::atomic<long> lastCall_{0}, inFlight_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::condition_variable done_;
  std::vector<double> times_;
};

int main(int count, char** arguments) {
  if (count < 7) return 2;
  std::vector<Customer> customers;
  for (int i = 6; i < count; i++) {
    std::istringstream words(arguments[i]);
    Customer customer;
    for (auto* word : {&customer.token, &customer.tenant, &customer.account, &customer.address, &customer.conversation})
      std::getline(words, *word, ',');
    customers.push_back(customer);
  }
  return Load(arguments[1], arguments[2], std::stod(arguments[3]), std::stod(arguments[4]), arguments[5], customers).run();
}
