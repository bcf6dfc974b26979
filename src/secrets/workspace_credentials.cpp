#include "secrets/workspace_credentials.hpp"

#include <crypt.h>
#include <sodium.h>

#include <array>
#include <memory>

#include "secrets/sodium.hpp"
#include "secrets/tar.hpp"
#include "secrets/tokens.hpp"

namespace berth::secrets {
namespace {

// The least that crypt(5) allows. The password is ours, 16 random characters: nobody finds it by
// trying, however little a try costs, and more rounds only hold up everybody's requests.
constexpr unsigned long kRounds = 1000;

Result<std::string> hash_for_shadow(std::string_view password) {
  ensure_sodium();
  std::array<char, 32> random;
  randombytes_buf(random.data(), random.size());
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting;
  auto data = std::make_unique<crypt_data>();
  std::string plain(password);
  const char* hash = nullptr;
  if (crypt_gensalt_rn("$6$", kRounds, random.data(), random.size(), setting.data(),
                       setting.size()) != nullptr) {
    hash = crypt_rn(plain.c_str(), setting.data(), data.get(), sizeof *data);
  }
  auto result = hash != nullptr ? Result<std::string>(hash)
                                : fail(ErrorCode::kInternal, "a password cannot be hashed");
  sodium_memzero(data.get(), sizeof *data);
  wipe(plain);
  return result;
}

}  // namespace

Result<WorkspaceCredentials> hash_workspace_password(std::string_view password) {
  if (password.empty() || password.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::kInvalid, "password: must not be empty or contain a NUL");
  }
  auto root = hash_for_shadow(password);
  if (!root) return std::unexpected(root.error());
  const std::string salt = random_hex(8);
  std::string salted = std::string(password) + salt;
  WorkspaceCredentials credentials{*root, "sha256:" + salt + ":" + hash_token(salted)};
  wipe(salted);
  return credentials;
}

Result<std::string> workspace_credentials(std::string_view password) {
  auto hashes = hash_workspace_password(password);
  if (!hashes) return std::unexpected(hashes.error());
  const std::string lines = "root=" + hashes->root + "\njupyter=" + hashes->jupyter + "\n";
  return tar_with_file("etc/berth/credentials", lines, 0600);
}

}  // namespace berth::secrets
