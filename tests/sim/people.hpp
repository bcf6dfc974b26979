#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/containers.hpp"
#include "control/images.hpp"
#include "control/matlab.hpp"

namespace berth::sim {

class World;

// The people of the lab. They remember what they were told, ask again after an end of Berth, and
// complain when an answer is not true.
class People {
 public:
  explicit People(World& world);

  // One of them, drawn at random, asks for something.
  void do_something();

  // Requests on their way. The end of Berth is the end of them: nobody knows what became of them.
  std::size_t waiting() const { return requests_.size(); }
  std::string who_waits() const;
  void forget_requests();

  // By hands other than Berth's: what happened to this container says nothing about an answer.
  void disturb(ContainerId cid) { ++versions_[cid]; }

  // What its owner wrote last into a container's own files, and that it is gone (by hand).
  void write_file(ContainerId cid, const std::string& engine_id);
  void lose_files(ContainerId cid) { newest_files_.erase(cid); }
  std::int64_t newest_file(ContainerId cid) const;

  // At rest: every promise is still true.
  void check_promises();

  // Single requests, for scripted worlds. Person 0 is registered by `settle_in`.
  struct Person {
    std::string name;
    std::string password;
    std::string token;
    bool is_registered = false;  // known to be: was told so
    UserId uid;
    std::vector<ContainerId> containers;
    std::vector<ImageId> images;
    ContainerId vexed_at;  // where the last request was refused
    int asked = 0;         // requests on their way
  };
  Person& person(int who) { return people_[static_cast<std::size_t>(who)]; }
  void ask_register(int who);
  void ask_login(int who);
  void ask_logout(int who);
  void ask_create(int who, ImageId image, int cpu, std::int64_t memory_mb, std::vector<GpuId> gpus);
  void ask_start(int who, ContainerId cid, std::optional<std::vector<GpuId>> gpus);
  void ask_stop(int who, ContainerId cid);
  void ask_remove(int who, ContainerId cid);
  void ask_save(int who, ContainerId cid);
  void ask_remove_image(int who, ImageId iid);
  void ask_look(int who, ContainerId cid);
  void ask_matlab(int user, const std::string& verb);

 private:
  struct Request {
    int who = -1;
    std::string what;
    ContainerId cid;
    std::uint64_t version = 0;
    bool was_alone = true;
    std::uint64_t refusals = 0;  // of the store, before it
  };
  using RequestId = std::uint64_t;

  void spawn(Task<> task);
  RequestId begin(int who, std::string what, ContainerId cid = {});
  // True when nobody else had to do with the container meanwhile.
  template <class T>
  bool end(RequestId id, const Result<T>& result);

  Task<Result<Actor>> identify(int who);
  Task<> register_one(RequestId id, int who);
  Task<> log_in(RequestId id, int who);
  Task<> log_out(RequestId id, int who);
  Task<> create(RequestId id, int who, NewContainer wanted);
  Task<> start(RequestId id, int who, ContainerId cid, std::optional<std::vector<GpuId>> gpus);
  Task<> stop(RequestId id, int who, ContainerId cid);
  Task<> remove(RequestId id, int who, ContainerId cid);
  Task<> save(RequestId id, int who, ContainerId cid, std::string name);
  Task<> remove_image(RequestId id, int who, ImageId iid);
  Task<> look(RequestId id, int who, ContainerId cid);
  Task<> matlab(RequestId id, int user, std::string verb);

  void check_owner(int who, ContainerId cid, bool succeeded);
  void check_running(ContainerId cid, bool expected, const std::string& what);
  ContainerId session_of(int user) const;
  std::vector<GpuId> draw_gpus(DeviceId did);
  ImageId draw_image(const Person& person);
  ContainerId draw_container(const Person& person);

  World& world_;
  std::vector<Person> people_;
  std::map<RequestId, Request> requests_;
  RequestId next_request_ = 1;
  std::map<ContainerId, std::uint64_t> versions_;
  std::map<ContainerId, int> busy_;
  std::map<ContainerId, std::int64_t> newest_files_;
  std::int64_t next_mark_ = 1;
  std::set<std::string> refused_names_;  // containers whose making was answered with a failure
};

}  // namespace berth::sim
