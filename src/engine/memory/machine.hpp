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
#include "engine/memory/inside.hpp"

namespace berth::memory {

struct MachineOptions {
  int cpus = 8;
  std::int64_t memory_bytes = std::int64_t{64} * 1024 * 1024 * 1024;
  std::set<std::string> gpus;  // UUIDs; none: the engine has no NVIDIA runtime
  std::uint64_t seed = 1;      // of the ids
  std::int64_t first_pid = 1000;
  std::shared_ptr<const Inside> inside = std::make_shared<Inside>();
};

// The machine behind an engine in memory: what dockerd 20.10 does and answers, done at once. One
// thread, and deterministic. The engine contract suite runs the same script on a real one.
class Machine {
 public:
  Machine(const Clock& clock, MachineOptions options);

  // The engine's calls, as Engine describes them.
  EngineInfo info() const;
  Result<std::string> create(const ContainerSpec& spec);
  Result<> put_archive(const std::string& container, const std::string& path,
                       const std::string& tar);
  Result<> start(const std::string& container);
  Result<> stop(const std::string& container);
  Result<> restart(const std::string& container);
  Result<> unpause(const std::string& container);
  Result<Removed> remove(const std::string& container);  // kConflict while a removal is under way
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
  std::string add_image(const std::string& tag, std::map<std::string, std::string> labels = {},
                        std::int64_t size_bytes = std::int64_t{100} << 20);
  void exit(const std::string& container, int code, bool oom = false);
  void pause(const std::string& container);
  void begin_removal(const std::string& container);  // and it takes for ever, until:
  void finish_removal(const std::string& container);
  void take_port(int port) { strange_ports_.insert(port); }
  void free_port(int port) { strange_ports_.erase(port); }
  void lose_path(const std::string& host_path) { missing_paths_.insert(host_path); }
  void exit_all();                 // the daemon died without live-restore
  void become_another();           // a disk was reset: new engine id, nothing in it
  void swap_disk(Machine& other);  // the engine id and all that is in it
  void lose_gpu(const std::string& uuid) { options_.gpus.erase(uuid); }
  void add_gpu(const std::string& uuid) { options_.gpus.insert(uuid); }

  const Container* find(std::string_view name_or_id) const;
  const std::vector<Container>& containers() const { return containers_; }
  const std::vector<Image>& images() const { return images_; }

  std::function<void(const EngineEvent&)> on_event;

 private:
  Container* grab(std::string_view name_or_id);
  Image* find_image(std::string_view tag_or_id);
  const Image* find_image(std::string_view tag_or_id) const;
  Result<Container*> need(const std::string& container);
  Result<const Container*> need(const std::string& container) const;

  Result<> check_gpus(const Container& container) const;
  Result<> check_ports(const Container& container) const;
  Result<> run(Container& container);
  void end(Container& container, int code);
  void erase(Container& container);
  void move_tag(const std::string& tag, Image& image);
  bool is_used(const Image& image) const;
  bool has_children(const Image& image) const;
  void emit(const Container& container, std::string action,
            std::pair<std::string, std::string> more = {});
  std::string next_id();

  const Clock& clock_;
  MachineOptions options_;
  std::mt19937_64 random_;
  std::string engine_id_;
  std::int64_t next_pid_;
  std::vector<Container> containers_;  // oldest first
  std::vector<Image> images_;
  std::set<int> strange_ports_;
  std::set<std::string> missing_paths_;
};

}  // namespace berth::memory
