#include "contract/engine_under_test.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/parse.hpp>
#include <cstdlib>
#include <random>
#include <vector>

#include "engine/docker/docker_engine.hpp"
#include "engine/docker/target.hpp"
#include "fakes/fake_engine.hpp"
#include "fakes/fake_terminal.hpp"
#include "fakes/run.hpp"
#include "http/client.hpp"

namespace berth::testing {
namespace {

class FakeUnderTest final : public EngineUnderTest {
 public:
  FakeUnderTest() {
    engine_.machine.add_image("berth-contract:base");
    engine_.machine.lose_path("/nonexistent/berth");
  }

  Engine& engine() override { return engine_; }
  std::string image() override { return "berth-contract:base"; }
  void kill(const std::string& container) override { engine_.kill_behind_our_back(container); }
  void pause(const std::string& container) override { engine_.pause_behind_our_back(container); }
  bool has_file(const std::string& container, const std::string&) override {
    return !engine_.machine.find(container)->archives.empty();
  }
  void take_port(int port) override { engine_.machine.take_port(port); }
  std::size_t processes(const std::string& container) override {
    const auto& terminals = engine_.machine.find(container)->terminals;
    return 1 + static_cast<std::size_t>(std::ranges::count_if(terminals, [](const auto& weak) {
             const auto terminal = weak.lock();
             return terminal && terminal->is_running();
           }));
  }
  std::optional<std::string> raw_inspect(const std::string&) override { return std::nullopt; }

 private:
  SystemClock clock_;
  SystemTimers timers_;
  FakeEngine engine_{clock_, timers_};
};

class DockerUnderTest final : public EngineUnderTest {
 public:
  DockerUnderTest(boost::asio::io_context& io, std::string endpoint, std::string image)
      : io_(io), engine_(io, endpoint), hands_(io, endpoint), image_(std::move(image)) {}

  Engine& engine() override { return engine_; }
  std::string image() override { return image_; }
  void kill(const std::string& container) override {
    by_hand("POST", docker::Target("/containers").part(container).path("/kill"));
  }
  void pause(const std::string& container) override {
    by_hand("POST", docker::Target("/containers").part(container).path("/pause"));
  }
  bool has_file(const std::string& container, const std::string& path) override {
    return by_hand(
               "HEAD",
               docker::Target("/containers").part(container).path("/archive").query("path", path))
               .status == 200;
  }
  void take_port(int port) override {
    using boost::asio::ip::tcp;
    strangers_.emplace_back(io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(),
                                               static_cast<unsigned short>(port)));
  }
  std::size_t processes(const std::string& container) override {
    const auto top =
        by_hand("GET", docker::Target("/containers").part(container).path("/top")).body;
    return boost::json::parse(top).at("Processes").as_array().size();
  }
  std::optional<std::string> raw_inspect(const std::string& container) override {
    return by_hand("GET", docker::Target("/containers").part(container).path("/json")).body;
  }

 private:
  http::ClientResponse by_hand(std::string method, const docker::Target& target) {
    http::ClientRequest request{.method = std::move(method), .target = target.text()};
    return run(io_, hands_.send(std::move(request))).value();
  }

  boost::asio::io_context& io_;
  docker::DockerEngine engine_;
  http::Client hands_;
  std::string image_;
  std::vector<boost::asio::ip::tcp::acceptor> strangers_;
};

std::string from_environment(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::move(otherwise) : value;
}

// Made once a run, by the very calls that are tested: any image with a shell and a sleep in it will
// do.
Result<std::string> make_sleeping_image(boost::asio::io_context& io, Engine& engine) {
  const auto tag = "berth-contract:" + std::to_string(::getpid());
  std::string last;
  for (const std::string& base :
       {from_environment("BERTH_TEST_IMAGE", "debian:bookworm-slim"), std::string("busybox")}) {
    ContainerSpec spec;
    spec.name = "berth-contract-base-" + std::to_string(::getpid());
    spec.image = base;
    spec.cpu_cores = 1;
    spec.memory_mb = 64;
    auto created = run(io, engine.create(spec));
    last = created ? "" : created.error().message + ": " + created.error().details;
    if (!created) continue;
    auto image = run(
        io, engine.commit(*created, tag,
                          {R"(CMD ["sh", "-c", "echo hello; echo oh >&2; exec sleep 1000000"])"}));
    (void)run(io, engine.remove(*created));
    if (!image) return std::unexpected(image.error());
    return tag;
  }
  return fail(ErrorCode::kNotFound,
              "no image to test with ($BERTH_TEST_IMAGE, debian:bookworm-slim, busybox): " + last);
}

// Removes the image when the program ends.
struct SleepingImage {
  SleepingImage(std::string e, std::string t) : endpoint(std::move(e)), tag(std::move(t)) {}
  SleepingImage(const SleepingImage&) = delete;
  SleepingImage& operator=(const SleepingImage&) = delete;
  ~SleepingImage() {
    boost::asio::io_context io;
    docker::DockerEngine engine(io, endpoint);
    (void)run(io, engine.remove_image(tag));
  }

  std::string endpoint;
  std::string tag;
};

}  // namespace

std::unique_ptr<EngineUnderTest> make_fake_under_test() {
  return std::make_unique<FakeUnderTest>();
}

std::unique_ptr<EngineUnderTest> make_docker_under_test(boost::asio::io_context& io,
                                                        std::string& why_not) {
  const auto endpoint = from_environment("BERTH_DOCKER_HOST", "unix:///var/run/docker.sock");
  static std::unique_ptr<SleepingImage> image;
  if (!image) {
    docker::DockerEngine engine(io, endpoint);
    auto made = make_sleeping_image(io, engine);
    if (!made) {
      why_not = "no Docker Engine to test on at " + endpoint + ": " + made.error().message + " " +
                made.error().details;
      return nullptr;
    }
    image = std::make_unique<SleepingImage>(endpoint, *made);
  }
  return std::make_unique<DockerUnderTest>(io, endpoint, image->tag);
}

}  // namespace berth::testing
