// Stored secrets, as a broken disk or somebody with the database may change them: "context", then
// what was stored. Only what we sealed opens, and only where it belongs. Log-in tokens beside it.
#include <cstdlib>
#include <filesystem>

#include "fuzz.hpp"
#include "secrets/seal.hpp"
#include "secrets/tokens.hpp"

namespace berth::fuzz {
namespace {

namespace fs = std::filesystem;

const secrets::Sealer& sealer() {
  static const secrets::Sealer kSealer = [] {
    std::string pattern = (fs::temp_directory_path() / "berth-fuzz-XXXXXX").string();
    require(::mkdtemp(pattern.data()) != nullptr, "a folder");
    auto made = secrets::Sealer::open_or_create(fs::path(pattern) / "key");
    fs::remove_all(pattern);
    return made.value();
  }();
  return kSealer;
}

void check_changed(std::string_view plain, std::string_view context) {
  const std::string sealed = sealer().seal(plain, context);
  const auto opened = sealer().open(sealed, context);
  require(opened && *opened == plain, "there and back");
  require(!sealer().open(sealed, std::string(context) + "1"), "elsewhere it does not open");

  Chance chance(plain);
  std::string changed = sealed;
  changed[chance.below(changed.size())] ^= static_cast<char>(1 << chance.below(7));
  require(!sealer().open(changed, context), "changed it does not open");
  changed = sealed;
  changed.resize(chance.below(sealed.size()));
  require(!sealer().open(changed, context), "cut it does not open");
  require(!sealer().open(sealed + static_cast<char>(plain.size() + 1), context), "nor with more");
}

void check(std::string_view input) {
  const std::string_view context = take_line(input);
  const auto opened = sealer().open(input, context);
  require(!opened, "what we never sealed");
  require(opened.error().code == ErrorCode::kInternal, "why");
  check_changed(input, context);

  const std::string hash = secrets::hash_token(input);
  require(hash.size() == 64 && secrets::equal_in_constant_time(hash, secrets::hash_token(input)),
          "a hash");
  require(secrets::equal_in_constant_time(input, context) == (input == context),
          "compared as ever");
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
