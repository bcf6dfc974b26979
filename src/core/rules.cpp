#include "core/rules.hpp"

#include <algorithm>
#include <cassert>
#include <string>

#include "base/limits.hpp"
#include "base/utf8.hpp"

namespace berth::rules {
namespace {

constexpr std::size_t kSessionIdCharacters = 128;

Result<> refuse(std::string_view field, std::string_view rule) {
  return fail(ErrorCode::kInvalid, std::string(field) + ": " + std::string(rule));
}

bool is_user_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

bool is_visible_ascii(char c) { return c > 0x20 && c < 0x7F; }

// C0, DEL and C1; U+2028/2029; embeddings, overrides (U+202A-E) and isolates (U+2066-9).
bool is_forbidden(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

Result<> check_text(std::string_view field, std::string_view text, std::size_t min,
                    std::size_t max) {
  assert(min <= max);
  std::string_view rest = text;
  std::size_t count = 0;
  for (; !rest.empty(); ++count) {
    const auto point = take_code_point(rest);
    if (!point) return refuse(field, "must be UTF-8");
    if (is_forbidden(*point))
      return refuse(field, "must not have control characters or marks that reverse text");
  }
  if (count >= min && count <= max) return ok();
  return refuse(field,
                "must be " + std::to_string(min) + " to " + std::to_string(max) + " characters");
}

}  // namespace

Result<> check_user_name(std::string_view name) {
  if (!name.empty() && name.size() <= limits::kUserNameLength &&
      std::ranges::all_of(name, is_user_name_character)) {
    return ok();
  }
  return refuse("username", "must be 1 to 32 of ASCII letters, digits and _ . -");
}

Result<> check_email(std::string_view email) {
  if (email.size() > limits::kEmailLength) return refuse("email", "must be at most 254 characters");
  const std::size_t at = email.find('@');
  const bool one_at =
      at != std::string_view::npos && at == email.rfind('@') && at > 0 && at + 1 < email.size();
  if (one_at && std::ranges::all_of(email, is_visible_ascii)) return ok();
  return refuse("email", "must be an address with one @, in ASCII without spaces");
}

Result<> check_password(std::string_view password, std::size_t min) {
  const auto characters = count_code_points(password);
  if (!characters) return refuse("password", "must be UTF-8");
  if (*characters < min)
    return refuse("password", "must be at least " + std::to_string(min) + " characters");
  if (password.size() > limits::kPasswordBytes)
    return refuse("password", "must be at most 256 bytes");
  return ok();
}

Result<> check_name(std::string_view field, std::string_view name) {
  return check_text(field, name, 1, limits::kNameCharacters);
}

Result<> check_session_id(std::string_view session_id) {
  return check_text("session_id", session_id, 0, kSessionIdCharacters);
}

}  // namespace berth::rules
