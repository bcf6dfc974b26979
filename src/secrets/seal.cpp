#include "secrets/seal.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "secrets/sodium.hpp"
#include "secrets/tokens.hpp"

namespace berth::secrets {

struct Sealer::Key {
  ~Key() { sodium_memzero(bytes.data(), bytes.size()); }
  std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_KEYBYTES> bytes{};
};

namespace {

constexpr std::string_view kVersion = "v1.";
constexpr int kBase64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<Error> refuse(const std::filesystem::path& file, const std::string& why) {
  return fail(ErrorCode::kInvalid, "key file " + file.string() + ": " + why);
}

// Written under another name and then linked: a crash never leaves half a key under the real one,
// and two programs that start together end with the same key. True when it was ours.
Result<bool> create_key(const std::filesystem::path& file) {
  const auto draft = std::filesystem::path(file).concat("." + random_hex(8));
  std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_KEYBYTES> key;
  randombytes_buf(key.data(), key.size());
  bool linked = false;
  int error = 0;
  {
    Fd fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd.get() < 0) return refuse(file, std::string("cannot be made: ") + std::strerror(errno));
    const bool written =
        ::write(fd.get(), key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
        ::fsync(fd.get()) == 0;
    linked = written && ::link(draft.c_str(), file.c_str()) == 0;
    error = errno;
  }
  sodium_memzero(key.data(), key.size());
  ::unlink(draft.c_str());
  if (!linked && error != EEXIST)
    return refuse(file, std::string("cannot be made: ") + std::strerror(error));
  Fd folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
  return linked;
}

std::optional<std::string> find_fault(const struct stat& status, std::size_t key_size) {
  if (!S_ISREG(status.st_mode)) return "is not a file";
  if (status.st_uid != ::geteuid()) return "belongs to another user";
  if ((status.st_mode & 077) != 0) return "others may read it; take that away with chmod 600";
  if (status.st_size != static_cast<off_t>(key_size))
    return "is not a key of " + std::to_string(key_size) + " bytes";
  return std::nullopt;
}

}  // namespace

Result<Sealer> Sealer::open_or_create(const std::filesystem::path& key_file) {
  ensure_sodium();
  bool is_new = false;
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::symlink_status(key_file, ignored))) {
    auto created = create_key(std::filesystem::absolute(key_file));
    if (!created) return std::unexpected(created.error());
    is_new = *created;
  }
  Fd fd(::open(key_file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status{};
  if (fd.get() < 0 || ::fstat(fd.get(), &status) != 0)
    return refuse(key_file, std::strerror(errno));
  auto key = std::make_shared<Key>();
  if (auto fault = find_fault(status, key->bytes.size())) return refuse(key_file, *fault);
  if (::read(fd.get(), key->bytes.data(), key->bytes.size()) !=
      static_cast<ssize_t>(key->bytes.size())) {
    return refuse(key_file, "cannot be read");
  }
  return Sealer(std::move(key), is_new);
}

Sealer Sealer::with_passing_key() {
  ensure_sodium();
  auto key = std::make_shared<Key>();
  randombytes_buf(key->bytes.data(), key->bytes.size());
  return Sealer(std::move(key), true);
}

std::string Sealer::seal(std::string_view plain, std::string_view context) const {
  std::vector<unsigned char> box(kNonceBytes + plain.size() + kTagBytes);
  randombytes_buf(box.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(box.data() + kNonceBytes, nullptr, bytes_of(plain),
                                             plain.size(), bytes_of(context), context.size(),
                                             nullptr, box.data(), key_->bytes.data());
  std::string text(sodium_base64_encoded_len(box.size(), kBase64), '\0');
  sodium_bin2base64(text.data(), text.size(), box.data(), box.size(), kBase64);
  text.pop_back();  // the terminating NUL
  return std::string(kVersion) + text;
}

Result<std::string> Sealer::open(std::string_view sealed, std::string_view context) const {
  const auto broken =
      fail(ErrorCode::kInternal, "a stored secret cannot be opened: its key file is another one");
  if (!sealed.starts_with(kVersion)) return broken;
  sealed.remove_prefix(kVersion.size());
  if (sealed.empty()) return broken;
  std::vector<unsigned char> box(sealed.size());
  std::size_t size = 0;
  if (sodium_base642bin(box.data(), box.size(), sealed.data(), sealed.size(), nullptr, &size,
                        nullptr, kBase64) != 0 ||
      size < kNonceBytes + kTagBytes) {
    return broken;
  }
  std::string plain(size - kNonceBytes - kTagBytes, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr, box.data() + kNonceBytes,
      size - kNonceBytes, bytes_of(context), context.size(), box.data(), key_->bytes.data());
  if (failed != 0) return broken;
  return plain;
}

}  // namespace berth::secrets
