#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>

#include "async/semaphore.hpp"
#include "engine/docker/answers.hpp"
#include "engine/docker/verdict.hpp"
#include "engine/engine.hpp"
#include "http/client.hpp"

namespace boost::asio {
class io_context;
}

namespace berth::docker {

struct EngineOptions {
  std::size_t starts_at_once = 8;  // starting is CPU-bound: more at once only makes each slower
  std::string certificates{};  // of tcp://: a folder with ca.pem, cert.pem, key.pem; empty = plain
};

// An engine behind the Docker Engine API, 1.40 or newer, over unix://, tcp:// or ssh://; Podman's
// compatible socket too. For one thread; must outlive its calls.
class DockerEngine final : public Engine {
 public:
  DockerEngine(boost::asio::io_context& io, const std::string& endpoint,
               EngineOptions options = {});

  Task<Result<EngineInfo>> info() override;
  Task<Result<std::string>> create(ContainerSpec spec) override;
  Task<Result<>> put_archive(std::string container, std::string path, std::string tar) override;
  Task<Result<>> start(std::string container) override;
  Task<Result<>> stop(std::string container, std::chrono::seconds grace) override;
  Task<Result<>> restart(std::string container, std::chrono::seconds grace) override;
  Task<Result<>> unpause(std::string container) override;
  Task<Result<Removed>> remove(std::string container) override;
  Task<Result<ContainerSeen>> inspect(std::string container) override;
  Task<Result<std::vector<ListedContainer>>> list(std::string label) override;
  Task<Result<EngineStats>> stats(std::string container) override;
  Task<Result<std::vector<EngineLogLine>>> logs(std::string container, std::size_t tail) override;
  Task<Result<EngineChanges>> changes(std::string container) override;
  Task<Result<std::shared_ptr<EngineTerminal>>> open_terminal(std::string container,
                                                              TerminalSpec spec) override;
  Task<Result<std::string>> commit(std::string container, std::string tag,
                                   std::vector<std::string> changes) override;
  Task<Result<ImageSeen>> inspect_image(std::string image) override;
  Task<Result<>> tag_image(std::string image, std::string tag) override;
  Task<Result<>> remove_image(std::string image) override;
  Task<Result<std::vector<std::string>>> list_images(std::string label) override;
  Task<Result<>> follow_events(std::function<void()> on_open,
                               std::function<void(EngineEvent)> on_event) override;

 private:
  using Response = Result<http::ClientResponse>;

  // Sends as it is. What is wrong with the answer as HTTP is kUnknown to everybody here: it may
  // have been done.
  Task<Response> send(http::ClientRequest request);
  // The same under the version that was agreed with the engine.
  Task<Response> call(http::ClientRequest request);
  Task<Result<VersionSeen>> agree_on_version();
  Task<Result<>> turn_and_call(http::ClientRequest request, std::string action);

  http::Client client_;
  Semaphore starts_;
  std::optional<ApiVersion> api_;  // none until the engine has told
};

}  // namespace berth::docker
