// What the driver sees before each step: the row, and what the engine says of its container.
#include "control/driver_look.hpp"

namespace berth {
namespace {

Seen to_seen(EngineState state) {
  switch (state) {
    case EngineState::kCreated:
      return Seen::kCreated;
    case EngineState::kRunning:
    case EngineState::kRestarting:
      return Seen::kRunning;
    case EngineState::kPaused:
      return Seen::kPaused;
    case EngineState::kRemoving:
      return Seen::kRemoving;
    case EngineState::kExited:
    case EngineState::kDead:
      return Seen::kExited;
  }
  return Seen::kUnknown;
}

}  // namespace

Task<Result<std::optional<Driver::Look>>> Driver::look_at(ContainerId cid) {
  auto work = [cid](Transaction& tx) -> Result<std::optional<Look>> {
    auto row = tx.container(cid);
    if (!row) return std::nullopt;
    Look look{.row = *row};
    if (auto device = tx.device(row->did)) look.device = *device;
    if (auto image = tx.image(row->iid)) look.image = image->reference;
    for (GpuId gid : row->gpus) {
      if (auto gpu = tx.gpu(gid)) look.gpu_uuids.push_back(gpu->uuid);
    }
    return look;
  };
  auto rows = co_await parts_.store.read(work);
  if (!rows || !*rows) co_return rows;
  Look& look = **rows;
  look.engine = parts_.devices.engine(look.row.did);
  if (!look.engine)
    co_return fail(ErrorCode::kUnavailable, "the device is not in the settings any more");
  if (look.row.kind == ContainerKind::kMatlab) look.image = shape_.matlab_image;
  if (auto r = co_await see(look); !r) co_return std::unexpected(r.error());
  co_return rows;
}

// Fills in what the engine says. Only a clear "no such container" counts as absent.
Task<Result<>> Driver::see(Look& look) {
  const ContainerRow& row = look.row;
  auto current = co_await look.engine->inspect(naming_.container(row, row.generation));
  if (!current && current.error().code != ErrorCode::kNotFound)
    co_return std::unexpected(current.error());
  if (current) {
    const auto owner = naming_.owner(current->labels);
    look.name_taken = !owner || owner->cid != row.cid;
    if (!look.name_taken) look.current = *current;
  }
  if (row.rebuild) {
    auto next = co_await look.engine->inspect(naming_.container(row, row.generation + 1));
    if (!next && next.error().code != ErrorCode::kNotFound) co_return std::unexpected(next.error());
    if (next) look.next = *next;
  }
  look.facts = {.wanted = row.wanted,
                .state = row.state,
                .start_pending = row.start_pending,
                .made = row.made,
                .rebuild = row.rebuild,
                .holds = row.holds,
                .seen = look.current ? to_seen(look.current->state) : Seen::kAbsent,
                .next_seen = look.next ? to_seen(look.next->state) : Seen::kAbsent};
  co_return ok();
}

}  // namespace berth
