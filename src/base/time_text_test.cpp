#include "base/time_text.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

TEST(TimeTextTest, ReadsWhatEnginesPrint) {
  EXPECT_EQ(to_unix_ms(*parse_rfc3339("2025-10-13T10:30:00.123456789Z")), 1760351400123);
  EXPECT_EQ(parse_rfc3339("2025-10-13T18:30:00+08:00"), parse_rfc3339("2025-10-13T10:30:00Z"));
}

TEST(TimeTextTest, RefusesWhatIsNoTime) {
  for (const char* bad :
       {"", "0001-01-01T00:00:00Z", "2025-13-01T00:00:00Z", "2025-02-30T00:00:00Z",
        "2025-10-13 10:30:00", "2025-10-13T10:30:00", "2025-10-13T10:30:00+8",
        "x025-10-13T10:30:00Z", "2025-10-13T25:30:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
  }
}

TEST(TimeTextTest, FormatsWithMilliseconds) {
  EXPECT_EQ(format_rfc3339(from_unix_ms(1760351400007)), "2025-10-13T10:30:00.007Z");
  EXPECT_EQ(parse_rfc3339(format_rfc3339(from_unix_ms(1760351400007))),
            from_unix_ms(1760351400007));
}

}  // namespace
}  // namespace berth
