#include "api/v1/wire.hpp"

#include "api/v1/reasons.hpp"
#include "base/time_text.hpp"

namespace berth::api::v1 {
namespace {

using boost::json::value;

value text_or_null(const std::string& text) { return text.empty() ? value() : value(text); }

template <class T>
value known_or_null(const std::optional<T>& figure) {
  return figure ? value(*figure) : value();
}

value gpu_load_answer(const std::optional<GpuUsage>& usage) {
  if (!usage) return nullptr;
  return json::Answer{{"busy_percent", known_or_null(usage->busy_percent)},
                      {"memory_bytes", known_or_null(usage->memory_bytes)},
                      {"memory_total_bytes", known_or_null(usage->memory_total_bytes)},
                      {"at", format_rfc3339(usage->at)}};
}

json::AnswerList gpu_samples(const std::vector<UsageSample>& samples) {
  json::AnswerList list;
  for (const UsageSample& sample : samples) {
    list.emplace_back(json::Answer{{"at", format_rfc3339(sample.at)},
                                   {"busy_percent", known_or_null(sample.busy_percent)},
                                   {"memory_bytes", known_or_null(sample.memory_bytes)}});
  }
  return list;
}

std::string_view gpu_state(const Actor& actor, const GpuOnBoard& card, bool is_reachable) {
  if (card.holder) return card.holder->owner == actor.uid ? "mine" : "used";
  return is_reachable ? "free" : "unknown";
}

json::Answer gpu_answer(const Services& services, const Actor& actor, const GpuOnBoard& card,
                        bool is_reachable) {
  json::Answer body{{"gid", card.gpu.gid.value},
                    {"model", card.gpu.model},
                    {"state", gpu_state(actor, card, is_reachable)},
                    {"holder", nullptr},
                    {"cid", nullptr},
                    {"since", nullptr},
                    {"load", gpu_load_answer(services.gpu_sampler.usage(card.gpu.gid))}};
  if (!card.holder) return body;
  const ContainerRow& holder = *card.holder;
  body["holder"] = text_or_null(card.holder_name);
  if (actor.may_touch(holder.owner)) body["cid"] = holder.cid.value;
  body["since"] = time_or_null(std::max(holder.started_at, holder.created_at));
  return body;
}

json::Answer device_admin_answer(const DeviceRow& device) {
  return {{"endpoint", device.endpoint},     {"engine_id", device.engine_id},
          {"data_dir", device.data_dir},     {"pub_dir", device.pub_dir},
          {"port_first", device.port_first}, {"port_last", device.port_last},
          {"draining", device.draining}};
}

std::string_view device_state(const Devices& devices, const DeviceRow& device) {
  if (!devices.is_attached(device.did)) return "retired";
  if (!devices.is_reachable(device.did)) return "unreachable";
  return device.draining ? "draining" : "ready";
}

std::string_view image_state(ImageState state) {
  switch (state) {
    case ImageState::kSaving:
      return "saving";
    case ImageState::kReady:
      return "ready";
    case ImageState::kRemoving:
      return "removing";
  }
  return "ready";
}

std::string_view kind_word(OperationKind kind) {
  switch (kind) {
    case OperationKind::kCreate:
      return "container.create";
    case OperationKind::kStart:
      return "container.start";
    case OperationKind::kStop:
      return "container.stop";
    case OperationKind::kRestart:
      return "container.restart";
    case OperationKind::kRemove:
      return "container.delete";
    case OperationKind::kSaveImage:
      return "image.save";
    case OperationKind::kMatlabCreate:
      return "matlab.create";
    case OperationKind::kMatlabRestart:
      return "matlab.restart";
    case OperationKind::kMatlabRemove:
      return "matlab.delete";
  }
  return "container.create";
}

std::string_view progress_word(Progress progress) {
  switch (progress) {
    case Progress::kPending:
      return "pending";
    case Progress::kRunning:
      return "running";
    case Progress::kDone:
      return "done";
    case Progress::kFailed:
      return "failed";
  }
  return "failed";
}

template <class Tag>
value id_or_null(Id<Tag> id) {
  return id ? value(id.value) : value();
}

}  // namespace

value time_or_null(std::optional<WallTime> at) { return at ? value(format_rfc3339(*at)) : value(); }
value time_or_null(WallTime at) { return at == WallTime{} ? value() : value(format_rfc3339(at)); }

value load_answer(const std::optional<Usage>& usage) {
  if (!usage) return nullptr;
  return json::Answer{{"cpu_percent", usage->cpu_percent},
                      {"memory_bytes", usage->memory_bytes},
                      {"at", format_rfc3339(usage->at)}};
}

// What is wanted and what is seen, as one word for people.
std::string_view state_word(const ContainerRow& row) {
  if (row.wanted == Wanted::kGone) return "deleting";
  if (row.wanted == Wanted::kStopped && row.state != State::kStopped) return "stopping";
  if (row.wanted == Wanted::kRunning && row.start_pending)
    return row.made ? "starting" : "creating";
  return to_string(row.state);
}

json::Answer device_answer(const Services& services, const Actor& actor, const DeviceBoard& board) {
  const DeviceRow& device = board.device;
  const bool is_reachable = services.devices.is_reachable(device.did);
  json::AnswerList gpus;
  for (const GpuOnBoard& card : board.gpus)
    gpus.emplace_back(gpu_answer(services, actor, card, is_reachable));
  json::Answer body{{"did", device.did.value},
                    {"name", device.name},
                    {"ip", device.ip},
                    {"cpu_name", device.cpu_name},
                    {"state", device_state(services.devices, device)}};
  body["total"] = json::Answer{{"cpu", device.cpu_cores}, {"memory_mb", device.memory_mb}};
  body["used"] = json::Answer{{"cpu", board.used.cpu_cores}, {"memory_mb", board.used.memory_mb}};
  body["load"] = load_answer(services.sampler.device_load(device.did));
  body["containers"] = board.running;
  body["gpus"] = std::move(gpus);
  body["admin"] = actor.is_admin() ? value(device_admin_answer(device)) : value();
  return body;
}

json::Answer image_answer(const Actor& actor, const ImageOverview& found) {
  const ImageRow& image = found.image;
  json::Answer body{{"iid", image.iid.value},
                    {"name", image.name},
                    {"did", image.did.value},
                    {"device", found.device_name},
                    {"owner", text_or_null(found.owner_name)},
                    {"mine", image.owner && image.owner == actor.uid},
                    {"public", image.is_public},
                    {"state", image_state(image.state)},
                    {"size_bytes", image.size_bytes},
                    {"source", nullptr},
                    {"containers", found.containers},
                    {"created_at", format_rfc3339(image.created_at)}};
  if (image.source) {
    body["source"] =
        json::Answer{{"cid", image.source.value}, {"name", text_or_null(found.source_name)}};
  }
  return body;
}

json::Answer container_answer(const Services& services, const Actor& actor,
                              const ContainerProperty& found) {
  const ContainerRow& row = found.container;
  json::AnswerList gpus;
  for (std::size_t i = 0; i < row.gpus.size() && i < found.gpu_models.size(); ++i) {
    const bool holds = row.state == State::kRunning;  // else what they do is another's
    gpus.emplace_back(json::Answer{
        {"gid", row.gpus[i].value},
        {"model", found.gpu_models[i]},
        {"load", holds ? gpu_load_answer(services.gpu_sampler.usage(row.gpus[i])) : value()}});
  }
  const auto why = reason_of(row.reason);
  const Operation* working = services.operations.working_on(row.cid);
  json::Answer body{{"cid", row.cid.value},      {"name", row.name},
                    {"owner", found.owner_name}, {"mine", row.owner == actor.uid},
                    {"did", row.did.value},      {"device", found.device.name}};
  body["image"] = json::Answer{{"iid", row.iid.value}, {"name", found.image_name}};
  body["cpu"] = row.cpu_cores;
  body["memory_mb"] = row.memory_mb;
  body["gpus"] = std::move(gpus);
  body["state"] = state_word(row);
  body["live"] = services.devices.is_reachable(row.did);
  body["reason"] = why ? value(*why) : value();
  body["ip"] = found.device.ip;
  body["ports"] = json::Answer{{"ssh", host_port(row, kSshPort)},
                               {"jupyter", host_port(row, kJupyterPort)},
                               {"tensorboard", host_port(row, kTensorboardPort)}};
  body["load"] = load_answer(services.sampler.usage(row.cid));
  body["operation"] = working != nullptr ? value(working->oid) : value();
  body["created_at"] = format_rfc3339(row.created_at);
  body["started_at"] = time_or_null(row.started_at);
  return body;
}

json::Answer usage_answer(const Services& services, const ContainerProperty& found,
                          WallTime since) {
  const ContainerRow& row = found.container;
  constexpr std::int64_t kMiB = 1024 * 1024;
  json::AnswerList samples;
  for (const UsageSample& sample : services.sampler.series(row.cid, since)) {
    samples.emplace_back(json::Answer{{"at", format_rfc3339(sample.at)},
                                      {"cpu_percent", sample.busy_percent.value_or(0)},
                                      {"memory_bytes", sample.memory_bytes.value_or(0)}});
  }
  json::AnswerList gpus;
  for (const GpuId gid : row.gpus) {
    const auto of_gpu = services.gpu_sampler.series(row.cid, gid, since);
    gpus.emplace_back(json::Answer{{"gid", gid.value}, {"samples", gpu_samples(of_gpu)}});
  }
  json::Answer body{{"interval_s", UsageSeries::kInterval.count()},
                    {"gpus_measured", services.sampler.is_here(row.did)},
                    {"memory_limit_bytes", row.memory_mb * kMiB}};
  body["samples"] = std::move(samples);
  body["gpus"] = std::move(gpus);
  return body;
}

json::Answer operation_answer(const Operation& operation) {
  json::AnswerList steps;
  for (const OperationStep& step : operation.steps) {
    steps.emplace_back(json::Answer{{"name", step.name},
                                    {"state", progress_word(step.state)},
                                    {"started_at", time_or_null(step.started_at)},
                                    {"ended_at", time_or_null(step.ended_at)}});
  }
  json::Answer body{{"oid", operation.oid},
                    {"kind", kind_word(operation.kind)},
                    {"state", progress_word(operation.state)},
                    {"cid", id_or_null(operation.cid)},
                    {"iid", id_or_null(operation.iid)},
                    {"subject", operation.subject}};
  body["steps"] = std::move(steps);
  body["progress"] = nullptr;
  if (const auto& count = operation.count) {
    body["progress"] =
        json::Answer{{"done", count->done}, {"failed", count->failed}, {"total", count->total}};
  }
  body["problem"] = operation.problem ? value(problem_body(*operation.problem)) : value();
  body["started_at"] = format_rfc3339(operation.started_at);
  body["ended_at"] = time_or_null(operation.ended_at);
  return body;
}

json::Answer room_answer(const Room& room) {
  return {{"did", room.did.value},
          {"cpu", room.cpu_cores},
          {"memory_mb", room.memory_mb},
          {"gpus", json::numbers(room.gpus)}};
}

json::Answer history_answer(const HistoryEntry& found) {
  const auto why = reason_of(found.entry.outcome);
  return {{"at", format_rfc3339(found.entry.at)}, {"action", found.entry.action},
          {"by", text_or_null(found.by)},         {"subject", found.entry.subject},
          {"outcome", found.entry.outcome},       {"reason", why ? value(*why) : value()}};
}

}  // namespace berth::api::v1
