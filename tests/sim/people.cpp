#include "people.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "world.hpp"

namespace berth::sim {
namespace {

constexpr int kPeople = 4;
constexpr std::size_t kRequestsEach = 2;
constexpr int kSessions = 3;

bool runs(const memory::Container* container) {
  return container != nullptr && container->state == EngineState::kRunning;
}

}  // namespace

People::People(World& world) : world_(world) {
  for (int i = 0; i < kPeople; ++i) {
    people_.push_back(
        {.name = "person" + std::to_string(i), .password = "secret" + std::to_string(i)});
  }
}

// --- requests and their ends

void People::spawn(Task<> task) {
  auto ended = [this](std::exception_ptr error) {
    if (error) world_.truths.violate("an exception left a request");
  };
  boost::asio::co_spawn(world_.time.executor(), std::move(task), std::move(ended));
}

People::RequestId People::begin(int who, std::string what, ContainerId cid) {
  const RequestId id = next_request_++;
  world_.trace.say("asks", who, what, cid.value, static_cast<std::int64_t>(id));
  if (who >= 0) ++person(who).asked;
  const bool is_free = !cid || ++busy_[cid] == 1;
  requests_[id] = {who, std::move(what), cid, cid ? ++versions_[cid] : 0, is_free,
                   world_.store->refusals()};
  return id;
}

template <class T>
bool People::end(RequestId id, const Result<T>& result) {
  const Request request = requests_[id];
  requests_.erase(id);
  if (request.who >= 0) --person(request.who).asked;
  if (request.who >= 0) person(request.who).vexed_at = result ? ContainerId{} : request.cid;
  const ErrorCode code = result ? ErrorCode{} : result.error().code;
  world_.trace.say(
      "answer", static_cast<std::int64_t>(id), request.what,
      result ? std::string("ok") : result.error().message + " " + result.error().details);
  if (!result && code == ErrorCode::kInternal) {
    world_.truths.violate(request.what +
                          " was answered with an internal error: " + result.error().message);
  }
  if (!request.cid) return true;
  --busy_[request.cid];
  return request.was_alone && versions_[request.cid] == request.version;
}

std::string People::who_waits() const {
  std::string all;
  for (const auto& [id, request] : requests_) {
    all += request.what + " of cid " + std::to_string(request.cid.value) + " (" +
           std::to_string(id) + "); ";
  }
  return all;
}

void People::forget_requests() {
  for (const auto& [id, request] : requests_) {
    if (request.cid) ++versions_[request.cid];
  }
  requests_.clear();
  busy_.clear();
  for (Person& person : people_) person.asked = 0;
}

// --- what they do

void People::do_something() {
  Random& random = world_.random;
  if (random.chance(0.08)) {
    const std::vector<std::string> verbs{"create", "create", "destroy", "restart", "health"};
    return ask_matlab(random.between(1, kSessions), random.pick(verbs));
  }
  const int who = random.between(0, kPeople - 1);
  Person& one = person(who);
  if (one.asked >= static_cast<int>(kRequestsEach)) return;
  if (!one.is_registered) return ask_register(who);
  if (one.token.empty()) return ask_login(who);
  const ContainerId mine = draw_container(one);
  const int dice = random.between(0, 99);
  if (dice < 2) return ask_logout(who);
  if (dice < 4) return ask_login(who);
  if (dice < 22 || !mine) {
    const ImageId image = draw_image(one);
    if (!image) return;
    const DeviceId did = world_.truths.image(image)->did;
    return ask_create(who, image, random.between(1, 4), 512 * random.between(1, 8), draw_gpus(did));
  }
  if (dice < 42) {
    const bool other_gpus = random.chance(0.4);
    const ContainerRow* row = world_.truths.row(mine);
    const DeviceId did = row == nullptr ? DeviceId{} : row->did;
    auto gpus = other_gpus ? std::optional(draw_gpus(did)) : std::nullopt;
    return ask_start(who, mine, std::move(gpus));
  }
  if (dice < 58) return ask_stop(who, mine);
  if (dice < 70) return ask_remove(who, mine);
  if (dice < 80) return ask_save(who, mine);
  if (dice < 92 && !one.images.empty()) return ask_remove_image(who, random.pick(one.images));
  return ask_look(who, mine);
}

// Mostly of the device in question; sometimes another's, or one that nobody has.
std::vector<GpuId> People::draw_gpus(DeviceId did) {
  std::vector<GpuId> there{{99}};
  for (const auto& [gid, gpu] : world_.truths.gpus()) {
    const int copies = gpu.did == did ? 10 : 1;
    for (int i = 0; i < copies; ++i) there.push_back(gid);
  }
  std::vector<GpuId> gpus;
  const int count = world_.random.pick(std::vector<int>{0, 0, 1, 1, 1, 2});
  for (int i = 0; i < count; ++i) gpus.push_back(world_.random.pick(there));
  return gpus;
}

// Mostly one they may use; sometimes anything.
ImageId People::draw_image(const Person& one) {
  std::vector<ImageId> all;
  for (ImageId iid : one.images) {
    if (world_.truths.image(iid) != nullptr) all.push_back(iid);
  }
  for (const auto& [iid, image] : world_.truths.images()) {
    if (image.is_public || world_.random.chance(0.1)) all.push_back(iid);
  }
  return all.empty() ? ImageId{} : world_.random.pick(all);
}

// Whoever was refused something tries something else there.
ContainerId People::draw_container(const Person& one) {
  if (one.vexed_at && world_.random.chance(0.5)) return one.vexed_at;
  if (world_.random.chance(0.05) && !world_.truths.rows().empty()) {  // somebody's
    auto at = world_.truths.rows().begin();
    std::advance(at, world_.random.below(world_.truths.rows().size()));
    if (at->second.kind == ContainerKind::kWorkspace) return at->first;
  }
  return one.containers.empty() ? ContainerId{} : world_.random.pick(one.containers);
}

void People::ask_register(int who) { spawn(register_one(begin(who, "register"), who)); }
void People::ask_login(int who) { spawn(log_in(begin(who, "login"), who)); }
void People::ask_logout(int who) { spawn(log_out(begin(who, "logout"), who)); }

void People::ask_create(int who, ImageId image, int cpu, std::int64_t memory_mb,
                        std::vector<GpuId> gpus) {
  const RequestId id = begin(who, "create");
  NewContainer wanted{image, "made by " + std::to_string(id), cpu, memory_mb, std::move(gpus)};
  spawn(create(id, who, std::move(wanted)));
}

void People::ask_start(int who, ContainerId cid, std::optional<std::vector<GpuId>> gpus) {
  spawn(start(begin(who, gpus ? "start with GPUs" : "start", cid), who, cid, std::move(gpus)));
}

void People::ask_stop(int who, ContainerId cid) { spawn(stop(begin(who, "stop", cid), who, cid)); }

void People::ask_remove(int who, ContainerId cid) {
  const ContainerRow* row = world_.truths.row(cid);
  if (row != nullptr && row->owner == person(who).uid) world_.truths.asked_to_remove(cid);
  spawn(remove(begin(who, "delete", cid), who, cid));
}

void People::ask_save(int who, ContainerId cid) {
  const RequestId id = begin(who, "save", cid);
  spawn(save(id, who, cid, "saved by " + std::to_string(id)));
}

void People::ask_remove_image(int who, ImageId iid) {
  const ImageRow* row = world_.truths.image(iid);
  if (row != nullptr && row->owner == person(who).uid) world_.truths.asked_to_remove(iid);
  spawn(remove_image(begin(who, "delete image"), who, iid));
}

void People::ask_look(int who, ContainerId cid) { spawn(look(begin(who, "look", cid), who, cid)); }

void People::ask_matlab(int user, const std::string& verb) {
  spawn(matlab(begin(-1, "matlab " + verb, session_of(user)), user, verb));
}

ContainerId People::session_of(int user) const {
  for (const auto& [cid, row] : world_.truths.rows()) {
    if (row.kind == ContainerKind::kMatlab && row.slot == user) return cid;
  }
  return {};
}

// --- files

void People::write_file(ContainerId cid, const std::string& engine_id) {
  const ContainerRow* row = world_.truths.row(cid);
  SimEngine* engine = row == nullptr ? nullptr : world_.engine(row->did);
  if (engine == nullptr) return;
  newest_files_[cid] = next_mark_;
  engine->write_file(engine_id, next_mark_++);
}

std::int64_t People::newest_file(ContainerId cid) const {
  auto found = newest_files_.find(cid);
  return found == newest_files_.end() ? 0 : found->second;
}

// --- what they make of the answers

void People::check_owner(int who, ContainerId cid, bool succeeded) {
  const ContainerRow* row = world_.truths.row(cid);
  if (succeeded && row != nullptr && row->owner != person(who).uid) {
    world_.truths.violate(person(who).name + " got at cid " + std::to_string(cid.value) +
                          " of another");
  }
}

void People::check_running(ContainerId cid, bool expected, const std::string& what) {
  const ContainerRow* row = world_.truths.row(cid);
  if (row == nullptr) return world_.truths.violate(what + " succeeded and there is no row");
  const auto* there = world_.engine(row->did)->machine.find(
      world_.truths.naming().container(*row, row->generation));
  if (runs(there) != expected) {
    world_.truths.violate(what + " succeeded and cid " + std::to_string(cid.value) +
                          (expected ? " does not run" : " still runs"));
  }
  if (row->kind == ContainerKind::kWorkspace && row->holds != expected) {
    world_.truths.violate(what + " succeeded and cid " + std::to_string(cid.value) +
                          (expected ? " holds nothing" : " still holds its resources"));
  }
}

Task<Result<Actor>> People::identify(int who) {
  const std::string name = person(who).name;
  const std::string token = person(who).token;
  auto actor = co_await world_.life->control.accounts.authenticate(name, token);
  const bool is_refused = !actor && actor.error().code == ErrorCode::kUnauthenticated;
  if (is_refused && token == person(who).token) {
    world_.truths.violate(name + "'s session is lost: " + actor.error().message);
  }
  co_return actor;
}

Task<> People::register_one(RequestId id, int who) {
  const NewAccount account{person(who).name, person(who).password, person(who).name + "@lab", ""};
  auto made = co_await world_.life->control.accounts.register_account(account, "10.0.0.1");
  const bool was_there = !made && made.error().code == ErrorCode::kConflict;
  end(id, made);
  if (!made && !was_there) co_return;
  person(who).is_registered = true;
  if (!made) co_return;
  person(who).token = made->token;
  person(who).uid = made->actor.uid;
}

Task<> People::log_in(RequestId id, int who) {
  const std::string peer = "10.0.0." + std::to_string(who);
  auto login =
      co_await world_.life->control.accounts.login(person(who).name, person(who).password, peer);
  end(id, login);
  if (!login) {
    if (login.error().code == ErrorCode::kUnauthenticated) {
      world_.truths.violate(person(who).name + " cannot log in any more");
    }
    co_return;
  }
  if (person(who).uid && person(who).uid != login->actor.uid) {
    world_.truths.violate(person(who).name + " is somebody else now");
  }
  person(who).uid = login->actor.uid;
  person(who).token = login->token;
}

// Told or not: this token is not used again.
Task<> People::log_out(RequestId id, int who) {
  const std::string token = std::exchange(person(who).token, "");
  auto out = co_await world_.life->control.accounts.logout(token);
  end(id, out);
  if (!out) co_return;
  auto actor = co_await world_.life->control.accounts.authenticate(person(who).name, token);
  if (actor) world_.truths.violate(person(who).name + "'s session goes on after its end");
}

Task<> People::create(RequestId id, int who, NewContainer wanted) {
  auto actor = co_await identify(who);
  if (!actor) {
    end(id, actor);
    co_return;
  }
  auto made = co_await world_.life->control.containers.create(*actor, wanted);
  const bool is_doubtful = !made && made.error().code == ErrorCode::kUnknown &&
                           world_.store->refusals() > requests_[id].refusals;
  end(id, made);
  if (!made) {
    if (!is_doubtful) refused_names_.insert(wanted.name);
    co_return;
  }
  const ContainerRow& row = made->container;
  const ImageRow* image = world_.truths.image(wanted.image);
  if (image != nullptr && !image->is_public && image->owner != actor->uid) {
    world_.truths.violate(actor->name + " runs a private image of another");
  }
  if (row.owner != actor->uid) world_.truths.violate("a container was made for somebody else");
  person(who).containers.push_back(row.cid);
  world_.truths.promised(row.cid, made->password);
  if (world_.truths.row(row.cid) == nullptr && versions_[row.cid] == 0) {
    world_.truths.violate("create succeeded and there is no row");
  }
}

Task<> People::start(RequestId id, int who, ContainerId cid,
                     std::optional<std::vector<GpuId>> gpus) {
  auto actor = co_await identify(who);
  if (!actor) {
    end(id, actor);
    co_return;
  }
  auto started = co_await world_.life->control.containers.start(*actor, cid, gpus);
  check_owner(who, cid, started.has_value());
  if (!end(id, started) || !started) co_return;
  check_running(cid, true, "start");
  const ContainerRow* row = world_.truths.row(cid);
  if (row == nullptr || !gpus) co_return;
  std::ranges::sort(*gpus);
  gpus->erase(std::ranges::unique(*gpus).begin(), gpus->end());
  const auto* there = world_.engine(row->did)->machine.find(
      world_.truths.naming().container(*row, row->generation));
  if (there != nullptr && Naming::built_gpus(there->labels) != *gpus) {
    world_.truths.violate("start succeeded and cid " + std::to_string(cid.value) +
                          " has other GPUs than asked for");
  }
}

Task<> People::stop(RequestId id, int who, ContainerId cid) {
  auto actor = co_await identify(who);
  if (!actor) {
    end(id, actor);
    co_return;
  }
  auto stopped = co_await world_.life->control.containers.stop(*actor, cid);
  check_owner(who, cid, stopped.has_value());
  if (end(id, stopped) && stopped) check_running(cid, false, "stop");
}

Task<> People::remove(RequestId id, int who, ContainerId cid) {
  auto actor = co_await identify(who);
  if (!actor) {
    end(id, actor);
    co_return;
  }
  const ContainerRow* before = world_.truths.row(cid);
  const DeviceId did = before == nullptr ? DeviceId{} : before->did;
  auto removed = co_await world_.life->control.containers.remove(*actor, cid);
  end(id, removed);
  if (!removed) co_return;
  std::erase(person(who).containers, cid);
  if (const ContainerRow* row = world_.truths.row(cid)) {
    check_owner(who, cid, true);
    if (row->wanted != Wanted::kGone || row->holds)
      world_.truths.violate("delete succeeded and the row is there");
  }
  SimEngine* engine = world_.engine(did);
  if (engine == nullptr) co_return;
  for (const auto& container : engine->machine.containers()) {
    const auto owner = world_.truths.naming().owner(container.labels);
    const bool lives =
        container.state == EngineState::kRunning || container.state == EngineState::kPaused;
    if (lives && owner &&
        owner->cid == cid) {  // an older generation may wait for the sweep, at rest
      world_.truths.violate("delete succeeded and " + container.spec.name + " runs");
    }
  }
}

Task<> People::save(RequestId id, int who, ContainerId cid, std::string name) {
  auto actor = co_await identify(who);
  if (!actor) {
    end(id, actor);
    co_return;
  }
  auto saved = co_await world_.life->control.images.save(*actor, cid, std::move(name), false);
  check_owner(who, cid, saved.has_value());
  end(id, saved);
  if (!saved) co_return;
  person(who).images.push_back(*saved);
  world_.truths.promised(*saved);
  const ImageRow* image = world_.truths.image(*saved);
  if (image == nullptr || image->state != ImageState::kReady) {
    world_.truths.violate("save succeeded and there is no image");
  } else if (const SimEngine& engine = *world_.engine(image->did);
             !engine.is_another() && !engine.machine.inspect_image(image->reference)) {
    world_.truths.violate("save succeeded and the engine has no image");
  }
}

Task<> People::remove_image(RequestId id, int who, ImageId iid) {
  auto actor = co_await identify(who);
  if (!actor) {
    end(id, actor);
    co_return;
  }
  auto removed = co_await world_.life->control.images.remove(*actor, iid);
  end(id, removed);
  if (!removed) co_return;
  std::erase(person(who).images, iid);
  if (const ImageRow* image = world_.truths.image(iid)) {
    world_.truths.violate(image->owner == actor->uid ? "delete image succeeded and the row is there"
                                                     : actor->name + " deleted another's image");
  }
}

Task<> People::look(RequestId id, int who, ContainerId cid) {
  auto actor = co_await identify(who);
  if (!actor) {
    end(id, actor);
    co_return;
  }
  auto property = co_await world_.life->control.containers.property(*actor, cid);
  check_owner(who, cid, property.has_value());
  const std::string* password = world_.truths.password(cid);
  if (property && password != nullptr && property->password != *password) {
    world_.truths.violate("cid " + std::to_string(cid.value) +
                          " shows another password than before");
  }
  auto status = co_await world_.life->control.containers.status(*actor, cid);
  end(id, status);
}

Task<> People::matlab(RequestId id, int user, std::string verb) {
  Matlab& sessions = world_.life->control.matlab;
  if (verb == "create") {
    auto made = co_await sessions.create(user, "session");
    if (end(id, made) && made && !versions_[made->container.cid]) {
      check_running(made->container.cid, true, "matlab create");
    }
  } else if (verb == "destroy") {
    auto destroyed = co_await sessions.destroy(user);
    end(id, destroyed);
  } else if (verb == "restart") {
    auto restarted = co_await sessions.restart(user);
    if (end(id, restarted) && restarted) {
      if (const ContainerId cid = session_of(user)) check_running(cid, true, "matlab restart");
    }
  } else {
    auto health = co_await sessions.health(user);
    end(id, health);
  }
}

// --- at rest

void People::check_promises() {
  Truths& truths = world_.truths;
  for (const Person& one : people_) {
    for (ContainerId cid : one.containers) {
      const ContainerRow* row = truths.row(cid);
      if (row == nullptr) {
        if (!truths.is_promised(cid)) continue;
      } else if (row->owner != one.uid) {
        truths.violate("cid " + std::to_string(cid.value) + " belongs to somebody else now");
      } else {
        auto password = the_sealer().open(row->sealed_password, truths.naming().data_folder(cid));
        if (!password || *password != *truths.password(cid)) {
          truths.violate("cid " + std::to_string(cid.value) +
                         " has another password than was promised");
        }
      }
    }
  }
  for (const auto& [cid, row] : truths.rows()) {
    if (refused_names_.contains(row.name)) {
      truths.violate("cid " + std::to_string(cid.value) +
                     " is there, and making it was answered with a failure");
    }
  }
}

}  // namespace berth::sim
