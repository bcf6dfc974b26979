#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace berth::secrets {

// Seals what must be shown again (container passwords) with a key that is not in the database. Each
// text is bound to a context, such as "cid 7", so that a sealed value moved to another row does not
// open. XChaCha20-Poly1305.
class Sealer {
 public:
  // The key file is made (0600, on disk before this returns) when it is missing. kInvalid when
  // anybody but its owner may read it, when it belongs to another user, or when it is not a key.
  static Result<Sealer> open_or_create(const std::filesystem::path& key_file);

  // With a key that is gone with this object: what it seals must not outlive it.
  static Sealer with_passing_key();

  // The file was made just now: rows sealed before, if there are any, were sealed with a key that
  // is lost.
  bool is_new() const { return is_new_; }

  std::string seal(std::string_view plain, std::string_view context) const;
  // kInternal when the text was not sealed with this key and this context.
  Result<std::string> open(std::string_view sealed, std::string_view context) const;

 private:
  struct Key;
  Sealer(std::shared_ptr<const Key> key, bool is_new) : key_(std::move(key)), is_new_(is_new) {}

  std::shared_ptr<const Key> key_;
  bool is_new_ = false;
};

}  // namespace berth::secrets
