#include "engine/docker/target.hpp"

#include <gtest/gtest.h>

namespace berth::docker {
namespace {

const std::string kId(64, 'a');

TEST(TargetTest, PartsAndValuesStayWhatTheyAre) {
  EXPECT_EQ(Target("/containers").part("a").path("/stop").query("t", "10").text(), "/containers/a/stop?t=10");
  EXPECT_EQ(Target("/x").part("../y?z#").text(), "/x/..%2Fy%3Fz%23");
  EXPECT_EQ(Target("/x").query("a b", "c&d=e").query("f", "\r\n+é").text(), "/x?a%20b=c%26d%3De&f=%0D%0A%2B%C3%A9");
}

TEST(TargetTest, ContainerNames) {
  for (auto name : {"a", "berth-1", "0_.-x", "a..b"}) EXPECT_TRUE(check_container(name)) << name;
  EXPECT_TRUE(check_container(kId));
  for (auto name : {"", "-a", ".", "..", "a/b", "a b", "a?b", "a%2fb", "a\n", "é"}) {
    auto checked = check_container(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalid);
  }
  EXPECT_FALSE(check_container(std::string(256, 'a')));
}

TEST(TargetTest, ImageNames) {
  for (auto name : {"a", "a:1", "reg:5000/a/b:1", "a@sha256:0", "debian:bookworm-slim"}) EXPECT_TRUE(check_image(name)) << name;
  EXPECT_TRUE(check_image("sha256:" + kId));
  for (auto name : {"", "/", "a/", "/a", "a//b", "../a", "a/../b", "a/./b", "a b", "a?b", "a#b", "a\n", "a..b"}) {
    EXPECT_FALSE(check_image(name)) << name;
  }
}

TEST(TargetTest, SplitsTags) {
  const auto split = [](std::string_view name) {
    auto parts = split_tag(name);
    return parts ? parts->repository + "|" + parts->tag : "";
  };
  EXPECT_EQ(split("a"), "a|latest");
  EXPECT_EQ(split("a/b:c"), "a/b|c");
  EXPECT_EQ(split("reg:5000/a"), "reg:5000/a|latest");
  EXPECT_EQ(split("reg:5000/a:1"), "reg:5000/a|1");
  EXPECT_EQ(split("a:"), "");
  EXPECT_EQ(split("a@sha256:1"), "");
  EXPECT_EQ(split("sha256:" + kId), "");
}

TEST(TargetTest, Ids) {
  EXPECT_TRUE(is_hex_id(kId));
  EXPECT_TRUE(is_image_id("sha256:" + kId));
  EXPECT_FALSE(is_hex_id(kId + "a"));
  EXPECT_FALSE(is_hex_id(std::string(64, 'A')));
  EXPECT_FALSE(is_hex_id("../" + std::string(61, 'a')));
  EXPECT_FALSE(is_image_id(kId));
}

}  // namespace
}  // namespace berth::docker
