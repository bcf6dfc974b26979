#include "contract/engine_contract.hpp"

#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <random>
#include <string_view>

namespace berth::testing {
namespace {

std::string unique_suffix() {
  static const auto seed = std::random_device{}();
  static int count = 0;
  return std::to_string(::getpid()) + "-" + std::to_string(seed) + "-" + std::to_string(++count);
}

}  // namespace

EngineContract::EngineContract() : suffix(unique_suffix()), label("berth.contract." + suffix) {}

void EngineContract::SetUp() {
  std::string why_not;
  under_test =
      GetParam() == Kind::kFake ? make_fake_under_test() : make_docker_under_test(io, why_not);
  if (under_test) return;
  if (const char* ci = std::getenv("CI"); ci != nullptr && std::string_view(ci) == "true")
    FAIL() << why_not;
  GTEST_SKIP() << why_not;
}

void EngineContract::TearDown() {
  if (!under_test) return;
  if (auto left = run(engine().list(label))) {
    for (const auto& container : *left) (void)run(engine().remove(container.id));
  }
  for (const auto& tag : tags) (void)run(engine().remove_image(tag));
}

std::string EngineContract::name(int number) const {
  return "berth-contract-" + suffix + "-" + std::to_string(number);
}

std::string EngineContract::new_tag() {
  tags.push_back("berth-contract/saved-" + suffix + ":" + std::to_string(tags.size()));
  return tags.back();
}

ContainerSpec EngineContract::spec(int number) {
  ContainerSpec wanted;
  wanted.name = name(number);
  wanted.image = under_test->image();
  wanted.labels = {{label, suffix}, {"berth.number", std::to_string(number)}};
  wanted.cpu_cores = 1;
  wanted.memory_mb = 64;
  wanted.init = true;
  return wanted;
}

std::string EngineContract::create(const ContainerSpec& wanted) {
  auto created = run(engine().create(wanted));
  EXPECT_TRUE(created) << created.error().message << ": " << created.error().details;
  return created.value_or("");
}

std::string EngineContract::create_and_start(int number) {
  auto id = create(spec(number));
  succeed(engine().start(id));
  return id;
}

ContainerSeen EngineContract::inspect(const std::string& id) {
  auto seen = run(engine().inspect(id));
  EXPECT_TRUE(seen) << seen.error().details;
  return seen.value_or(ContainerSeen{});
}

int EngineContract::free_port() {
  using boost::asio::ip::tcp;
  tcp::acceptor acceptor(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

std::string name_of_engine(const ::testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::kFake ? "Fake" : "Docker";
}

}  // namespace berth::testing
