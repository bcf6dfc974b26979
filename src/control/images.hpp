#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/chores.hpp"
#include "async/keyed_lock.hpp"
#include "async/task.hpp"
#include "base/clock.hpp"
#include "control/actor.hpp"
#include "control/devices.hpp"
#include "control/driver.hpp"
#include "store/store.hpp"

namespace berth {

struct ImageProperty {
  ImageRow image;
  std::string owner_name;  // "public" when it belongs to nobody
};

struct ImageOverview {
  ImageRow image;
  std::string device_name;
  std::string owner_name;   // empty when it belongs to nobody
  std::string source_name;  // of the container it was saved from; empty: gone, or not the actor's
  std::int64_t containers = 0;  // that stand on it
};

// Images people start from: the public ones, and those they saved from their containers.
class Images {
 public:
  Images(Store& store, Devices& devices, Driver& driver, Clock& clock);

  Task<Result<std::vector<ImageId>>> list_own(Actor actor);
  Task<Result<std::vector<ImageId>>> list_public(Actor actor);
  // Those the actor may use on that device; kNotFound "no device".
  Task<Result<std::vector<ImageProperty>>> list_on(Actor actor, DeviceId did);
  Task<Result<ImageProperty>> property(Actor actor, ImageId iid);

  // Saves a container's files, all but what is mounted. Takes as long as the engine needs (about
  // 155 MB a second).
  Task<Result<ImageId>> save(Actor actor, ContainerId cid, std::string name, bool is_public);
  // The same in two halves, as in Containers. `on_saved` is called before its size is asked for.
  struct BegunSave {
    ImageRow image;
    std::string container_name;  // on the engine
    std::shared_ptr<Engine> engine;
    KeyedLock::Guard guard;
  };
  Task<Result<BegunSave>> begin_save(Actor actor, ContainerId cid, std::string name,
                                     bool is_public);
  Task<Result<>> finish_save(BegunSave begun, std::function<void()> on_saved);
  Task<Result<>> remove(Actor actor, ImageId iid);

  // For a page that shows everything: the actor's own in every state, and what everybody may use.
  Task<Result<std::vector<ImageOverview>>> overview(Actor actor);
  Task<Result<std::vector<ImageOverview>>> overview_of_all(Actor actor);  // for admins
  Task<Result<ImageOverview>> look(Actor actor, ImageId iid);

  // For admins: an image that the engine has already becomes one that everybody may use.
  Task<Result<ImageId>> add(Actor actor, DeviceId did, std::string reference, std::string name);
  Task<Result<>> set_public(Actor actor, ImageId iid, bool is_public);
  Task<Result<std::vector<ImageProperty>>> list_all(Actor actor);

  // Finishes or takes back what a crash interrupted, and removes saved images that have no row.
  Task<> recover(DeviceId did);

 private:
  struct Saving {
    ImageRow image;
    std::string container_name;  // on the engine
  };

  Task<Result<Saving>> reserve(Actor actor, ContainerId cid, std::string name, bool is_public);
  Task<Result<>> settle_save(ImageRow image, std::shared_ptr<Engine> engine);
  Task<Result<>> finish_remove(ImageRow image, std::shared_ptr<Engine> engine);
  Task<> recover_one(ImageId iid, ContainerId source, std::shared_ptr<Engine> engine);
  Task<> finish_all(std::vector<ImageRow> images, std::shared_ptr<Engine> engine);
  Task<> sweep_saved(DeviceId did, std::shared_ptr<Engine> engine);
  Task<> sweep_one(std::string tag, std::shared_ptr<Engine> engine);
  Task<Result<>> forget_gone(const ImageRow& image);
  Task<Result<>> forget(ImageId iid);

  Store& store_;
  Devices& devices_;
  Driver& driver_;
  Clock& clock_;
  KeyedLock removals_;  // by image: the answers of two removals at once would contradict each other
  Chores chores_;
};

}  // namespace berth
