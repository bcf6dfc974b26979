#include "http/listen_address.hpp"

#include <gtest/gtest.h>
#include <sys/un.h>

namespace berth::http {
namespace {

TEST(ListenAddressTest, RefusesWhatIsNoAddress) {
  for (const char* bad :
       {"", "5000", ":5000", "localhost:5000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:x", "127.0.0.1:80 ", "127.0.0.1:-1", "::1:5000", "[::1]", "[::1:5000", "[x]:1",
        "unix:", "unix:relative", "256.0.0.1:80"}) {
    const auto parsed = parse_listen_address(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalid) << bad;
  }
  EXPECT_FALSE(parse_listen_address("unix:/" + std::string(200, 'x')));
  EXPECT_FALSE(parse_listen_address(std::string_view("127.0.0.1\0x:80", 14)));
  EXPECT_TRUE(parse_listen_address("[::1]:5000"));
}

TEST(ListenAddressTest, ReadsEachFamily) {
  EXPECT_EQ(parse_listen_address("0.0.0.0:0")->family(), AF_INET);
  EXPECT_EQ(parse_listen_address("[::]:65535")->family(), AF_INET6);
  const auto local = parse_listen_address("unix:/run/berth.sock");
  ASSERT_TRUE(local);
  EXPECT_STREQ(reinterpret_cast<const sockaddr_un*>(local->get())->sun_path, "/run/berth.sock");
}

}  // namespace
}  // namespace berth::http
