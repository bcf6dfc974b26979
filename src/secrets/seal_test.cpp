#include "secrets/seal.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace berth::secrets {
namespace {

namespace fs = std::filesystem;

class SealTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "berth-seal-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path key() const { return folder_ / "key"; }
  void write_key(const std::string& bytes, fs::perms mode) {
    std::ofstream(key(), std::ios::binary) << bytes;
    fs::permissions(key(), mode);
  }
  std::string refusal() {
    auto sealer = Sealer::open_or_create(key());
    return sealer ? "accepted" : sealer.error().message;
  }

  fs::path folder_;
};

constexpr auto kOwnerOnly = fs::perms::owner_read | fs::perms::owner_write;

TEST_F(SealTest, MakesAPrivateKeyOnceAndReadsItAgain) {
  const auto first = Sealer::open_or_create(key());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->is_new());
  struct stat status{};
  ASSERT_EQ(::stat(key().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);

  const auto second = Sealer::open_or_create(key());
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->is_new());
  EXPECT_EQ(*second->open(first->seal("dzgihSH45GKdry39", "cid 7"), "cid 7"), "dzgihSH45GKdry39");
}

TEST_F(SealTest, OpensOnlyInItsOwnRowWithItsOwnKey) {
  const auto sealer = *Sealer::open_or_create(key());
  const auto other = *Sealer::open_or_create(folder_ / "other");
  const std::string sealed = sealer.seal("secret", "cid 7");
  EXPECT_FALSE(sealer.open(sealed, "cid 8"));
  EXPECT_FALSE(other.open(sealed, "cid 7"));
  EXPECT_NE(sealed, sealer.seal("secret", "cid 7"));
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
}

TEST_F(SealTest, RefusesEveryChangedCharacterAndEveryCut) {
  const auto sealer = *Sealer::open_or_create(key());
  const std::string sealed = sealer.seal("secret", "c");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sealer.open(changed, "c")) << i;
    EXPECT_FALSE(sealer.open(sealed.substr(0, i), "c")) << i;
  }
  EXPECT_EQ(*sealer.open(sealer.seal("", ""), ""), "");
}

TEST_F(SealTest, RefusesAKeyThatOthersMayReadOrThatIsNone) {
  write_key(std::string(32, 'k'), kOwnerOnly | fs::perms::group_read);
  EXPECT_NE(refusal().find("chmod 600"), std::string::npos);
  write_key(std::string(32, 'k'), kOwnerOnly | fs::perms::others_read);
  EXPECT_NE(refusal().find("chmod 600"), std::string::npos);
  write_key(std::string(31, 'k'), kOwnerOnly);
  EXPECT_NE(refusal().find("32 bytes"), std::string::npos);
  write_key("", kOwnerOnly);
  EXPECT_NE(refusal().find("32 bytes"), std::string::npos);
  write_key(std::string(32, 'k'), kOwnerOnly);
  EXPECT_EQ(refusal(), "accepted");
}

TEST_F(SealTest, FollowsNoLinkAndNeedsItsFolder) {
  fs::create_symlink(folder_ / "elsewhere", key());
  EXPECT_NE(refusal(), "accepted");
  EXPECT_FALSE(fs::exists(folder_ / "elsewhere"));
  EXPECT_FALSE(Sealer::open_or_create(folder_ / "missing" / "key"));
  EXPECT_FALSE(Sealer::open_or_create(folder_));
}

}  // namespace
}  // namespace berth::secrets
