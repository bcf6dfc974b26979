// The first line names a parser, the rest is what an engine says to it: whatever that is, there is
// a value as promised or kUnknown.
#include <algorithm>
#include <map>

#include "base/limits.hpp"
#include "engine/arguments.hpp"
#include "engine/docker/answers.hpp"
#include "engine/docker/verdict.hpp"
#include "fuzz.hpp"
#include "http/line_splitter.hpp"

namespace berth::fuzz {
namespace {

using namespace docker;

template <class T>
bool is_known(const Result<T>& result) {
  if (result) return true;
  require(result.error().code == ErrorCode::kUnknown && !result.error().details.empty(),
          "what is not understood is unknown");
  return false;
}

void check_created(std::string_view body) {
  if (const auto id = parse_created(body); is_known(id)) require(is_hex_id(*id), "an id");
  if (const auto id = parse_committed(body); is_known(id)) require(is_image_id(*id), "an image id");
}

void check_inspect(std::string_view body) {
  const auto seen = parse_inspect(body);
  if (!is_known(seen)) return;
  require(is_hex_id(seen->id) && is_image_id(seen->image_id), "ids");
  require(!seen->name.empty(), "a name");
  require(seen->pid >= 0, "a process or none");
}

void check_list(std::string_view body) {
  const auto all = parse_list(body);
  if (!is_known(all)) return;
  for (const ListedContainer& one : *all)
    require(is_hex_id(one.id) && !one.state.empty(), "listed");
}

void check_images(std::string_view body) {
  if (const auto image = parse_image(body); is_known(image)) {
    require(is_image_id(image->id) && image->size_bytes >= 0, "an image");
  }
  if (const auto tags = parse_tags(body); is_known(tags)) {
    require(std::ranges::find(*tags, "<none>:<none>") == tags->end(), "tags that are some");
  }
}

// Lines as they come off the wire, in pieces.
void check_events(std::string_view body) {
  http::LineSplitter splitter(limits::kEngineLineBytes);
  const auto on_line = [](std::string_view line) {
    if (const auto event = parse_event(line); is_known(event)) {
      require(!event->type.empty() && !event->id.empty(), "an event");
      require(!event->action.contains(':'), "nobody's command line");
    }
    return true;
  };
  for (const std::string_view piece : pieces_of(body)) splitter.put(piece, on_line);
}

void check_stats(std::string_view body) {
  const auto stats = parse_stats(body);
  if (!is_known(stats) || !*stats) return;
  require((*stats)->cpu_ns >= 0 && (*stats)->memory_bytes >= 0 && (*stats)->memory_limit_bytes >= 0,
          "no counter is negative");
}

void check_changes(std::string_view body) {
  if (const auto changes = parse_changes(body); is_known(changes)) {
    require(std::ranges::is_sorted(changes->files), "by path");
    for (const auto& [path, change] : changes->files) require(!path.empty(), "a path");
  }
  if (const auto bytes = parse_written_bytes(body); is_known(bytes))
    require(bytes->value_or(0) >= 0, "a size");
}

void check_engine(std::string_view body) {
  if (const auto version = parse_version(body); is_known(version)) {
    if (const auto chosen = choose_api(version->newest, version->oldest)) {
      require(*chosen <= version->newest && *chosen >= kOldestApi, "a version that it speaks");
      require(parse_api_version(to_string(*chosen)) == *chosen, "there and back");
    }
  }
  if (const auto info = parse_info(body); is_known(info)) {
    require(!info->engine_id.empty() && info->cpus >= 0 && info->memory_bytes >= 0, "an engine");
  }
}

void check_message(std::string_view body) {
  const std::string message = parse_message(body);
  require(message.size() <= limits::kEngineMessageBytes, "a message in bounds");
  require(std::ranges::all_of(message, [](char c) { return c >= ' ' && c < 0x7F; }), "printable");
  for (const int status : {304, 400, 404, 409, 500}) {
    const auto error =
        refusal({.status = status, .body = std::string(body)}, "try", Subject::kContainer);
    require(!error.message.empty(), "a sentence");
    require(error.code != ErrorCode::kNotFound || status == 404, "gone only by a 404");
  }
}

void check(std::string_view input) {
  static const std::map<std::string_view, void (*)(std::string_view)> kChecks{
      {"created", check_created}, {"inspect", check_inspect}, {"list", check_list},
      {"image", check_images},    {"events", check_events},   {"stats", check_stats},
      {"changes", check_changes}, {"engine", check_engine},   {"message", check_message}};
  const auto found = kChecks.find(take_line(input));
  if (found != kChecks.end()) found->second(input);
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
