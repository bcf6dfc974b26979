#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "engine/engine.hpp"

namespace berth::testing {

class FakeTerminal;

struct FakeMachineOptions {
  int cpus = 8;
  std::int64_t memory_bytes = std::int64_t{64} * 1024 * 1024 * 1024;
  std::set<std::string> gpus;  // UUIDs; none: the engine has no NVIDIA runtime
  std::uint64_t seed = 1;      // of the ids
};

struct FakeContainer {
  std::string id;
  ContainerSpec spec;
  std::string image_id;
  std::map<std::string, std::string> labels;  // the image's and its own
  EngineState state = EngineState::kCreated;
  int exit_code = 0;
  bool oom_killed = false;
  std::string started_at = "0001-01-01T00:00:00Z";
  std::chrono::milliseconds started_steady{0};
  std::int64_t pid = 0;
  std::vector<std::pair<std::string, std::string>> archives;  // path, tar
  std::vector<EngineLogLine> printed;                         // two lines at each start
  std::vector<std::weak_ptr<FakeTerminal>> terminals;         // that were opened in it
};

struct FakeImage {
  std::string id;
  std::string parent;
  std::set<std::string> tags;
  std::map<std::string, std::string> labels;
};

// The machine behind a fake engine: what dockerd 20.10 does and answers, done at once and in
// memory. One thread, and deterministic. The engine contract suite runs the same script on a real
// one.
class FakeMachine {
 public:
  FakeMachine(const Clock& clock, FakeMachineOptions options);

  // The engine's calls, as Engine describes them.
  EngineInfo info() const;
  Result<std::string> create(const ContainerSpec& spec);
  Result<> put_archive(const std::string& container, const std::string& path,
                       const std::string& tar);
  Result<> start(const std::string& container);
  Result<> stop(const std::string& container);
  Result<> restart(const std::string& container);
  Result<> unpause(const std::string& container);
  Result<> remove(const std::string& container);  // kConflict while a removal is under way
  Result<ContainerSeen> inspect(const std::string& container) const;
  std::vector<ListedContainer> list(std::string_view label) const;
  Result<EngineStats> stats(const std::string& container) const;
  Result<std::vector<EngineLogLine>> logs(const std::string& container, std::size_t tail) const;
  Result<EngineChanges> changes(const std::string& container) const;
  Result<std::shared_ptr<EngineTerminal>> open_terminal(const std::string& container,
                                                        TerminalSize size);
  Result<std::string> commit(const std::string& container, const std::string& tag,
                             const std::vector<std::string>& changes);
  Result<ImageSeen> inspect_image(const std::string& image) const;
  Result<> tag_image(const std::string& image, const std::string& tag);
  Result<> remove_image(const std::string& image);
  std::vector<std::string> list_images(std::string_view label) const;

  // By other hands than ours.
  std::string add_image(const std::string& tag, std::map<std::string, std::string> labels = {});
  void exit(const std::string& container, int code, bool oom = false);
  void pause(const std::string& container);
  void begin_removal(const std::string& container);  // and it takes for ever, until:
  void finish_removal(const std::string& container);
  void take_port(int port) { strange_ports_.insert(port); }
  void free_port(int port) { strange_ports_.erase(port); }
  void lose_path(const std::string& host_path) { missing_paths_.insert(host_path); }
  void exit_all();        // the daemon died without live-restore
  void become_another();  // a disk was reset: new engine id, nothing in it

  const FakeContainer* find(std::string_view name_or_id) const;
  const std::vector<FakeContainer>& containers() const { return containers_; }
  const std::vector<FakeImage>& images() const { return images_; }

  std::function<void(const EngineEvent&)> on_event;

 private:
  FakeContainer* grab(std::string_view name_or_id);
  FakeImage* find_image(std::string_view tag_or_id);
  const FakeImage* find_image(std::string_view tag_or_id) const;
  Result<FakeContainer*> need(const std::string& container);
  Result<const FakeContainer*> need(const std::string& container) const;

  Result<> check_gpus(const FakeContainer& container) const;
  Result<> check_ports(const FakeContainer& container) const;
  Result<> run(FakeContainer& container);
  void end(FakeContainer& container, int code);
  void erase(FakeContainer& container);
  void move_tag(const std::string& tag, FakeImage& image);
  bool is_used(const FakeImage& image) const;
  bool has_children(const FakeImage& image) const;
  void emit(const FakeContainer& container, std::string action,
            std::pair<std::string, std::string> more = {});
  std::string next_id();
  std::string now() const;

  const Clock& clock_;
  FakeMachineOptions options_;
  std::mt19937_64 random_;
  std::string engine_id_;
  std::int64_t next_pid_ = 1000;
  std::vector<FakeContainer> containers_;  // oldest first
  std::vector<FakeImage> images_;
  std::set<int> strange_ports_;
  std::set<std::string> missing_paths_;
};

}  // namespace berth::testing
