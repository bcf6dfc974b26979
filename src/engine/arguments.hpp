#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/engine.hpp"

// What every engine refuses with kInvalid before anything is sent: names that could reach
// elsewhere, and sizes that the engine would understand as "unlimited".
namespace berth {

// An id or a name as Docker allows it.
Result<> check_container(std::string_view name);
// An id (sha256:...) or repository[:tag], in the characters of the OCI reference grammar, with no
// empty or dotted segment.
Result<> check_image(std::string_view name);
// key or key=value, as a filter: printable, without quotes.
Result<> check_label(std::string_view label);
// One Dockerfile instruction of a commit.
Result<> check_change(std::string_view change);
Result<> check_spec(const ContainerSpec& spec);
Result<> check_size(const TerminalSize& size);
Result<> check_terminal(std::string_view container, const TerminalSpec& spec);

struct RepositoryTag {
  std::string repository;
  std::string tag;
};
// "repository:tag"; without a tag it is "latest", as everywhere.
Result<RepositoryTag> split_tag(std::string_view name);

bool is_hex_id(std::string_view text);    // 64 lower-case hex digits
bool is_image_id(std::string_view text);  // sha256: and 64 of them

}  // namespace berth
