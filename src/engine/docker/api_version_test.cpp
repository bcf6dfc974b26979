#include "engine/docker/api_version.hpp"

#include <gtest/gtest.h>

namespace berth::docker {
namespace {

TEST(ApiVersionTest, Parses) {
  EXPECT_EQ(parse_api_version("1.41"), (ApiVersion{1, 41}));
  for (auto text : {"", "1", "1.", ".1", "1.41x", "v1.41", "-1.2", "1.-2", "1.41.0",
                    "1.99999999999", "1 .41"}) {
    EXPECT_FALSE(parse_api_version(text)) << text;
  }
}

TEST(ApiVersionTest, SpeaksOursOrTheNearestThereIs) {
  EXPECT_EQ(*choose_api({1, 41}, {1, 12}), (ApiVersion{1, 41}));
  EXPECT_EQ(*choose_api({1, 40}, {1, 12}), (ApiVersion{1, 40}));
  EXPECT_EQ(*choose_api({1, 47}, {1, 24}), (ApiVersion{1, 41}));
  EXPECT_EQ(*choose_api({1, 52}, {1, 44}), (ApiVersion{1, 44}));
}

TEST(ApiVersionTest, RefusesVersionsThatContradictEachOther) {
  EXPECT_EQ(choose_api({1, 41}, {2, 12}).error().code, ErrorCode::kRefused);
}

TEST(ApiVersionTest, RefusesTooOldClearly) {
  auto chosen = choose_api({1, 39}, {1, 12});
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, ErrorCode::kRefused);
  EXPECT_NE(chosen.error().message.find("1.39"), std::string::npos);
}

}  // namespace
}  // namespace berth::docker
