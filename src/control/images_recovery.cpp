// What was cut short: saves and removals whose outcome nobody has heard, and images that have no
// row.
#include "async/together.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "control/images.hpp"

namespace berth {

Task<> Images::recover(DeviceId did) {
  auto work = [did](Transaction& tx) -> Result<std::vector<ImageRow>> {
    return tx.images_on(did, limits::kImages);
  };
  auto images = co_await store_.read(work);
  auto engine = devices_.reachable_engine(did);
  if (!images || !engine) co_return;
  auto unfinished = finish_all(std::move(*images), *engine);
  co_await together(std::move(unfinished), sweep_saved(did, *engine));
}

Task<> Images::finish_all(std::vector<ImageRow> images, std::shared_ptr<Engine> engine) {
  std::vector<Chore> chores;
  for (const ImageRow& image : images) {
    if (image.state == ImageState::kReady) continue;
    chores.push_back({"iid " + std::to_string(image.iid.value),
                      [this, iid = image.iid, source = image.source, engine] {
                        return recover_one(iid, source, engine);
                      }});
  }
  co_await chores_.run(std::move(chores), limits::kReconcileAtOnce);
}

// A save that was given up, by a deadline or by our own end, may still be done by the engine: long
// after its row was taken back.
Task<> Images::sweep_saved(DeviceId did, std::shared_ptr<Engine> engine) {
  auto tags = co_await engine->list_images(driver_.naming().saved_filter());
  if (!tags) co_return;
  std::vector<Chore> chores;
  for (const std::string& tag : *tags)
    chores.push_back({tag + " on " + std::to_string(did.value),
                      [this, tag, engine] { return sweep_one(tag, engine); }});
  co_await chores_.run(std::move(chores), limits::kReconcileAtOnce);
}

Task<> Images::sweep_one(std::string tag, std::shared_ptr<Engine> engine) {
  auto iid = driver_.naming().saved_owner(tag);
  if (!iid) co_return;
  auto work = [iid](Transaction& tx) -> Result<bool> { return tx.image(*iid).has_value(); };
  auto has_row = co_await store_.read(work);
  if (!has_row || *has_row) co_return;
  log(LogLevel::kWarn, "removing an image that has no row", {{"tag", tag}});
  auto removed = co_await engine->remove_image(tag);
  if (!removed)
    log(LogLevel::kDebug, "image stays", {{"tag", tag}, {"error", removed.error().details}});
}

// Under the locks that a save and a removal hold, so that only one that nobody works on any more is
// touched.
Task<> Images::recover_one(ImageId iid, ContainerId source, std::shared_ptr<Engine> engine) {
  auto guard = co_await driver_.hold(source);
  auto removal = co_await removals_.acquire(iid.value);
  auto work = [iid](Transaction& tx) -> Result<std::optional<ImageRow>> { return tx.image(iid); };
  auto image = co_await store_.read(work);
  if (!image || !*image || (*image)->state == ImageState::kReady) co_return;
  // Two statements: g++ 12 destroys a conditional's temporaries twice where there is a co_await.
  Result<> done = ok();
  if ((*image)->state == ImageState::kSaving) {
    done = co_await settle_save(**image, engine);
  } else {
    done = co_await finish_remove(**image, engine);
  }
  log(LogLevel::kInfo, "recovered image",
      {{"iid", iid.value}, {"outcome", done ? std::string("ok") : done.error().message}});
}

}  // namespace berth
