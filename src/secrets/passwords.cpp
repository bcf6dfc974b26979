#include "secrets/passwords.hpp"

#include <sodium.h>

#include <array>

#include "secrets/sodium.hpp"

namespace berth::secrets {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemoryBytes = 19 * 1024 * 1024;

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  ensure_sodium();
  std::array<char, crypto_pwhash_argon2id_STRBYTES> hash;
  if (crypto_pwhash_argon2id_str(hash.data(), password.data(), password.size(), kPasses,
                                 kMemoryBytes) != 0) {
    return fail(ErrorCode::kUnavailable, "no memory to check passwords now, try again");
  }
  return std::string(hash.data());
}

bool verify_password(const std::string& hash, std::string_view password) {
  ensure_sodium();
  return crypto_pwhash_argon2id_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool verify_dummy(std::string_view password) {
  // Of the password "berth", with the cost above; the answer is not used.
  static const std::string kHash = hash_password("berth").value_or("");
  (void)verify_password(kHash, password);
  return false;
}

}  // namespace berth::secrets
