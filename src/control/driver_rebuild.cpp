// The same container with other GPUs: a successor is made from its files, started, and takes its
// place.
#include "base/log.hpp"
#include "control/driver_look.hpp"

namespace berth {

Task<Result<>> Driver::create_next(const Look& look) {
  const int generation = look.row.generation + 1;
  const std::string image = naming_.rebuild_image(look.row.cid, generation);
  auto saved = co_await look.engine->commit(naming_.container(look.row, look.row.generation), image,
                                            naming_.relabel_rebuild());
  if (!saved) co_return std::unexpected(saved.error());
  co_return co_await create(look, generation, image);
}

// From here on the successor is the container. The old one and its hidden image are swept if this
// is cut short.
Task<Result<>> Driver::adopt_next(const Look& look) {
  ContainerRow row = look.row;
  const std::string old_name = naming_.container(row, row.generation);
  const std::string old_image = naming_.rebuild_image(row.cid, row.generation);
  row.generation += 1;
  row.rebuild = false;
  row.state = State::kRunning;
  row.start_pending = false;
  row.reason.clear();
  row.started_at = started_at(look.next);
  if (auto r = co_await save(row); !r) co_return r;
  if (auto r = co_await look.engine->remove(old_name); !r) {
    log(LogLevel::kWarn, "old container left for the sweep",
        {{"name", old_name}, {"error", r.error().details}});
  }
  if (auto r = co_await look.engine->remove_image(old_image);
      !r && r.error().code != ErrorCode::kNotFound) {
    log(LogLevel::kWarn, "old image left for the sweep",
        {{"image", old_image}, {"error", r.error().details}});
  }
  co_return ok();
}

Task<Result<>> Driver::remove_next(const Look& look) {
  const int generation = look.row.generation + 1;
  if (auto r = co_await look.engine->remove(naming_.container(look.row, generation)); !r)
    co_return std::unexpected(r.error());
  auto removed =
      co_await look.engine->remove_image(naming_.rebuild_image(look.row.cid, generation));
  if (!removed && removed.error().code != ErrorCode::kNotFound) co_return removed;
  co_return ok();
}

}  // namespace berth
