#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/docker/api_version.hpp"
#include "engine/engine.hpp"

// What the engine's JSON says, typed. Pure and total: whatever the text, each gives a value or
// kUnknown with the field that is not as it must be.
namespace berth::docker {

Result<std::string> parse_created(std::string_view body);    // {"Id": container}
Result<std::string> parse_committed(std::string_view body);  // {"Id": image}
Result<ContainerSeen> parse_inspect(std::string_view body);
Result<std::vector<ListedContainer>> parse_list(std::string_view body);
Result<ImageSeen> parse_image(std::string_view body);
Result<std::vector<std::string>> parse_tags(std::string_view body);
Result<EngineEvent> parse_event(std::string_view line);
// None: the container does not run, so there is nothing to count.
Result<std::optional<EngineStats>> parse_stats(std::string_view body);

// [{"Path","Kind"}], or null for none; in the order of their paths.
Result<EngineChanges> parse_changes(std::string_view body);
// Of an inspect with sizes.
Result<std::optional<std::int64_t>> parse_written_bytes(std::string_view body);

struct VersionSeen {
  ApiVersion newest;
  ApiVersion oldest;
  std::string runc;
};
Result<VersionSeen> parse_version(std::string_view body);
// Without what only GET /version knows: api_version and runc_version.
Result<EngineInfo> parse_info(std::string_view body);

struct ExecSeen {
  bool is_running = false;
  std::optional<int> exit_code;  // none: it has not ended, or not begun
};
Result<ExecSeen> parse_exec(std::string_view body);

// {"message": ...}, or as much of the text as is fit to print.
std::string parse_message(std::string_view body);

}  // namespace berth::docker
