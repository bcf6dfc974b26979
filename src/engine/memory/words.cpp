#include "engine/memory/words.hpp"

namespace berth::memory {

std::unexpected<Error> refused(std::string action, std::string details, ErrorCode code) {
  return fail(code, "the engine did not " + action, std::move(details));
}

bool has_label(const std::map<std::string, std::string>& labels, std::string_view wanted) {
  const auto equals = wanted.find('=');
  const auto found = labels.find(std::string(wanted.substr(0, equals)));
  return found != labels.end() &&
         (equals == wanted.npos || found->second == wanted.substr(equals + 1));
}

}  // namespace berth::memory
