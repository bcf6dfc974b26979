#include "control/images.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "control/audit.hpp"
#include "core/rules.hpp"

namespace berth {
namespace {

std::unexpected<Error> no_image() {
  return fail(ErrorCode::kNotFound, "no image or not authorized to visit image");
}

std::unexpected<Error> not_removable() {
  return fail(ErrorCode::kNotFound, "no image or not authorized to remove");
}

std::unexpected<Error> in_use() {
  return fail(ErrorCode::kConflict,
              "some containers is based on the image, unable to remove image");
}

bool may_use(const Actor& actor, const ImageRow& image) {
  return image.state == ImageState::kReady && (image.is_public || actor.may_touch(image.owner));
}

ImageProperty with_owner(Transaction& tx, const ImageRow& image) {
  auto owner = image.owner ? tx.user(image.owner) : std::nullopt;
  return {image, owner ? owner->name : "public"};
}

ImageOverview read_overview(Transaction& tx, const Actor& actor, const ImageRow& image) {
  ImageOverview found{.image = image, .containers = tx.count_containers_of_image(image.iid)};
  if (auto device = tx.device(image.did)) found.device_name = device->name;
  if (auto owner = image.owner ? tx.user(image.owner) : std::nullopt)
    found.owner_name = owner->name;
  if (auto source = image.source ? tx.container(image.source) : std::nullopt;
      source && actor.may_touch(source->owner)) {
    found.source_name = source->name;
  }
  return found;
}

std::vector<ImageId> ready_ids(const std::vector<ImageRow>& images) {
  std::vector<ImageId> ids;
  for (const ImageRow& image : images) {
    if (image.state == ImageState::kReady) ids.push_back(image.iid);
  }
  return ids;
}

Result<> require_admin(const Actor& actor) {
  if (actor.is_admin()) return ok();
  return fail(ErrorCode::kForbidden, "only an admin may do this");
}

}  // namespace

Images::Images(Store& store, Devices& devices, Driver& driver, Clock& clock)
    : store_(store), devices_(devices), driver_(driver), clock_(clock) {}

Task<Result<std::vector<ImageId>>> Images::list_own(Actor actor) {
  auto work = [actor](Transaction& tx) -> Result<std::vector<ImageId>> {
    return ready_ids(tx.images_of(actor.uid, limits::kImagesPerUser));
  };
  co_return co_await store_.read(work);
}

Task<Result<std::vector<ImageId>>> Images::list_public(Actor) {
  co_return co_await store_.read([](Transaction& tx) -> Result<std::vector<ImageId>> {
    return ready_ids(tx.public_images(limits::kImages));
  });
}

Task<Result<std::vector<ImageProperty>>> Images::list_on(Actor actor, DeviceId did) {
  auto work = [actor, did](Transaction& tx) -> Result<std::vector<ImageProperty>> {
    if (!tx.device(did)) return fail(ErrorCode::kNotFound, "no device");
    std::vector<ImageProperty> usable;
    for (const ImageRow& image : tx.images_on(did, limits::kImages)) {
      if (may_use(actor, image)) usable.push_back(with_owner(tx, image));
    }
    return usable;
  };
  co_return co_await store_.read(work);
}

Task<Result<ImageProperty>> Images::property(Actor actor, ImageId iid) {
  auto work = [actor, iid](Transaction& tx) -> Result<ImageProperty> {
    auto image = tx.image(iid);
    if (!image || !may_use(actor, *image)) return no_image();
    return with_owner(tx, *image);
  };
  co_return co_await store_.read(work);
}

Task<Result<Images::Saving>> Images::reserve(Actor actor, ContainerId cid, std::string name,
                                             bool is_public) {
  const WallTime now = clock_.now();
  const Naming& naming = driver_.naming();
  auto work = [=, &naming](Transaction& tx) -> Result<Saving> {
    auto container = tx.container(cid);
    if (!container || container->kind != ContainerKind::kWorkspace ||
        !actor.may_touch(container->owner) || container->wanted == Wanted::kGone) {
      return fail(ErrorCode::kNotFound, "no container or not authorized to visit");
    }
    if (tx.images_of(actor.uid, limits::kImagesPerUser).size() >= limits::kImagesPerUser) {
      return fail(ErrorCode::kExhausted, "you have too many images, delete one first");
    }
    ImageRow image{.did = container->did,
                   .name = name,
                   .owner = container->owner,
                   .is_public = is_public,
                   .state = ImageState::kSaving,
                   .source = cid,
                   .created_at = now};
    image.iid = tx.insert_image(image);
    image.reference = naming.saved_image(image.iid);
    tx.update_image(image);
    audit(tx, now, actor.uid, "image.save", "iid " + std::to_string(image.iid.value));
    return Saving{image, naming.container(*container, container->generation)};
  };
  co_return co_await store_.write(work);
}

Task<Result<Images::BegunSave>> Images::begin_save(Actor actor, ContainerId cid, std::string name,
                                                   bool is_public) {
  if (auto r = rules::check_name("name", name); !r) co_return std::unexpected(r.error());
  // The engine pauses the container while it copies, and nobody may take that for its state;
  // recovery keeps away as well.
  auto guard = co_await driver_.hold(cid);
  auto saving = co_await reserve(actor, cid, std::move(name), is_public);
  if (!saving) co_return std::unexpected(saving.error());
  auto engine = devices_.reachable_engine(saving->image.did);
  if (!engine) {
    if (auto r = co_await forget(saving->image.iid); !r) co_return std::unexpected(r.error());
    co_return std::unexpected(engine.error());
  }
  co_return BegunSave{std::move(saving->image), std::move(saving->container_name), *engine,
                      std::move(guard)};
}

Task<Result<>> Images::finish_save(BegunSave begun, std::function<void()> on_saved) {
  auto saved = co_await begun.engine->commit(begun.container_name, begun.image.reference,
                                             driver_.naming().relabel_saved());
  if (saved && on_saved) on_saved();
  auto finished = co_await settle_save(begun.image, begun.engine);
  if (!saved && !finished)
    co_return fail(ErrorCode::kRefused, "docker commit failed", saved.error().details);
  co_return finished;
}

Task<Result<ImageId>> Images::save(Actor actor, ContainerId cid, std::string name, bool is_public) {
  auto begun = co_await begin_save(actor, cid, std::move(name), is_public);
  if (!begun) co_return std::unexpected(begun.error());
  const ImageId iid = begun->image.iid;
  auto finished = co_await finish_save(std::move(*begun), {});
  if (!finished) co_return std::unexpected(finished.error());
  co_return iid;
}

// The engine's answer to "have you got it" decides, whatever the commit said. Only a clear no takes
// the row back.
Task<Result<>> Images::settle_save(ImageRow image, std::shared_ptr<Engine> engine) {
  auto seen = co_await engine->inspect_image(image.reference);
  if (!seen && seen.error().code != ErrorCode::kNotFound) co_return std::unexpected(seen.error());
  if (!seen) {
    if (auto r = co_await forget_gone(image); !r) co_return r;
    co_return fail(ErrorCode::kRefused, "docker commit failed");
  }
  image.size_bytes = seen->size_bytes;
  image.state = ImageState::kReady;
  auto work = [image](Transaction& tx) -> Result<> {
    tx.update_image(image);
    return ok();
  };
  co_return co_await store_.write(work);
}

Task<Result<>> Images::remove(Actor actor, ImageId iid) {
  auto guard = co_await removals_.acquire(iid.value);
  const WallTime now = clock_.now();
  auto work = [=](Transaction& tx) -> Result<ImageRow> {
    auto row = tx.image(iid);
    if (!row || row->state == ImageState::kSaving || !actor.may_touch(row->owner))
      return not_removable();
    if (tx.count_containers_of_image(iid) > 0) return in_use();
    row->state = ImageState::kRemoving;
    tx.update_image(*row);
    audit(tx, now, actor.uid, "image.remove", "iid " + std::to_string(iid.value));
    return *row;
  };
  auto image = co_await store_.write(work);
  if (!image) co_return std::unexpected(image.error());
  auto engine = devices_.reachable_engine(image->did);
  if (!engine)
    co_return std::unexpected(engine.error());  // it stays marked, and recovery finishes it
  co_return co_await finish_remove(*image, *engine);
}

Task<Result<>> Images::finish_remove(ImageRow image, std::shared_ptr<Engine> engine) {
  auto removed = co_await engine->remove_image(image.reference);
  if (removed || removed.error().code == ErrorCode::kNotFound)
    co_return co_await forget_gone(image);
  if (removed.error().code != ErrorCode::kConflict && removed.error().code != ErrorCode::kRefused) {
    co_return std::unexpected(removed.error());
  }
  // It may have gone with an earlier attempt whose answer was lost: a refusal alone proves nothing.
  auto seen = co_await engine->inspect_image(image.reference);
  if (!seen && seen.error().code == ErrorCode::kNotFound) co_return co_await forget_gone(image);
  if (!seen) co_return std::unexpected(seen.error());
  // The engine still needs it, for a container that is not ours: it stays.
  image.state = ImageState::kReady;
  auto work = [image](Transaction& tx) -> Result<> {
    tx.update_image(image);
    return ok();
  };
  auto kept = co_await store_.write(work);
  if (!kept) co_return kept;
  co_return in_use();
}

// Only after its own engine has said that it has not got it.
Task<Result<>> Images::forget_gone(const ImageRow& image) {
  auto confirmed = co_await devices_.confirm_engine(image.did);
  if (!confirmed) co_return confirmed;
  co_return co_await forget(image.iid);
}

Task<Result<>> Images::forget(ImageId iid) {
  auto work = [iid](Transaction& tx) -> Result<> {
    tx.delete_image(iid);
    return ok();
  };
  co_return co_await store_.write(work);
}

Task<Result<ImageId>> Images::add(Actor actor, DeviceId did, std::string reference,
                                  std::string name) {
  if (auto r = require_admin(actor); !r) co_return std::unexpected(r.error());
  if (auto r = rules::check_name("name", name); !r) co_return std::unexpected(r.error());
  auto engine = devices_.engine(did);
  if (!engine) co_return fail(ErrorCode::kNotFound, "no device");
  auto seen = co_await engine->inspect_image(reference);
  if (!seen && seen.error().code == ErrorCode::kNotFound) {
    co_return fail(ErrorCode::kNotFound, "the engine has no image " + reference);
  }
  if (!seen) co_return std::unexpected(seen.error());
  const WallTime now = clock_.now();
  auto work = [=, size = seen->size_bytes](Transaction& tx) -> Result<ImageId> {
    for (ImageRow& known : tx.images_on(did, limits::kImages)) {
      if (known.reference != reference) continue;
      known.size_bytes = size;
      tx.update_image(known);
      return known.iid;
    }
    const ImageId iid = tx.insert_image({.did = did,
                                         .name = name,
                                         .is_public = true,
                                         .reference = reference,
                                         .size_bytes = size,
                                         .created_at = now});
    audit(tx, now, actor.uid, "image.add", "iid " + std::to_string(iid.value));
    return iid;
  };
  co_return co_await store_.write(work);
}

Task<Result<>> Images::set_public(Actor actor, ImageId iid, bool is_public) {
  const WallTime now = clock_.now();
  auto work = [=](Transaction& tx) -> Result<> {
    auto image = tx.image(iid);
    if (!image || image->state != ImageState::kReady || !actor.may_touch(image->owner))
      return no_image();
    image->is_public = is_public || !image->owner;
    tx.update_image(*image);
    audit(tx, now, actor.uid, is_public ? "image.publish" : "image.unpublish",
          "iid " + std::to_string(iid.value));
    return ok();
  };
  co_return co_await store_.write(work);
}

Task<Result<std::vector<ImageProperty>>> Images::list_all(Actor actor) {
  if (auto r = require_admin(actor); !r) co_return std::unexpected(r.error());
  co_return co_await store_.read([](Transaction& tx) -> Result<std::vector<ImageProperty>> {
    std::vector<ImageProperty> all;
    for (const ImageRow& image : tx.images(limits::kImages)) all.push_back(with_owner(tx, image));
    return all;
  });
}

Task<Result<std::vector<ImageOverview>>> Images::overview(Actor actor) {
  auto work = [actor](Transaction& tx) -> Result<std::vector<ImageOverview>> {
    std::vector<ImageOverview> usable;
    for (const ImageRow& image : tx.images_of(actor.uid, limits::kImagesPerUser)) {
      usable.push_back(read_overview(tx, actor, image));
    }
    for (const ImageRow& image : tx.public_images(limits::kImages)) {
      if (image.owner == actor.uid || image.state != ImageState::kReady) continue;
      usable.push_back(read_overview(tx, actor, image));
    }
    std::ranges::sort(usable, {}, [](const ImageOverview& found) { return found.image.iid; });
    return usable;
  };
  co_return co_await store_.read(work);
}

Task<Result<std::vector<ImageOverview>>> Images::overview_of_all(Actor actor) {
  if (auto r = require_admin(actor); !r) co_return std::unexpected(r.error());
  auto work = [actor](Transaction& tx) -> Result<std::vector<ImageOverview>> {
    std::vector<ImageOverview> all;
    for (const ImageRow& image : tx.images(limits::kImages))
      all.push_back(read_overview(tx, actor, image));
    return all;
  };
  co_return co_await store_.read(work);
}

Task<Result<ImageOverview>> Images::look(Actor actor, ImageId iid) {
  auto work = [actor, iid](Transaction& tx) -> Result<ImageOverview> {
    auto image = tx.image(iid);
    const bool is_own = image && image->owner && actor.may_touch(image->owner);
    if (!image || (!is_own && !may_use(actor, *image))) return no_image();
    return read_overview(tx, actor, *image);
  };
  co_return co_await store_.read(work);
}

}  // namespace berth
