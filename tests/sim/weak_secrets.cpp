// Takes the place of the slow parts of src/secrets at link time. argon2id (13 ms) and sha512-crypt
// (3 ms) would be all that a simulation does, and their threads would make its order depend on the
// machine.
#include "weak_secrets.hpp"

#include <sodium.h>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "secrets/password_gate.hpp"
#include "secrets/tar.hpp"
#include "secrets/workspace_credentials.hpp"

namespace berth::sim {
namespace {

Random* source = nullptr;

const char* name() { return "the seed"; }
std::uint32_t draw() { return static_cast<std::uint32_t>(source->next()); }
void fill(void* const to, const std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    static_cast<unsigned char*>(to)[i] = static_cast<unsigned char>(draw());
}

randombytes_implementation implementation{name, draw, nullptr, nullptr, fill, nullptr};

}  // namespace

void draw_secrets_from(Random& random) {
  source = &random;
  randombytes_set_implementation(&implementation);
}

std::string uploaded_password(const std::string& tar) {
  const auto at = tar.find("plain=");
  return at == tar.npos ? "" : tar.substr(at + 6, tar.find('\n', at) - at - 6);
}

}  // namespace berth::sim

namespace berth::secrets {

class PasswordGate::Pool {};

PasswordGate::PasswordGate() : PasswordGate(Bounds{}) {}
PasswordGate::PasswordGate(Bounds) : pool_(nullptr) {}
PasswordGate::~PasswordGate() = default;

Task<Result<std::string>> PasswordGate::hash(std::string password) {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
  co_return "weak:" + password;
}

Task<Result<bool>> PasswordGate::verify(std::string hash, std::string password) {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
  co_return hash == "weak:" + password;
}

Result<WorkspaceCredentials> hash_workspace_password(std::string_view password) {
  return WorkspaceCredentials{std::string(password), std::string(password)};
}

Result<std::string> workspace_credentials(std::string_view password) {
  return tar_with_file("etc/berth/credentials", "plain=" + std::string(password) + "\n", 0600);
}

}  // namespace berth::secrets
