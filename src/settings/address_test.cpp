#include "settings/address.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

TEST(AddressTest, ReadsAddressAndPort) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:5000"), (ListenAddress{"127.0.0.1", 5000}));
  EXPECT_EQ(parse_listen_address("[::]:80"), (ListenAddress{"::", 80}));
  EXPECT_EQ(parse_listen_address("0.0.0.0:0"), (ListenAddress{"0.0.0.0", 0}));
  for (const char* bad :
       {"", ":", "5000", ":5000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:+1", "127.0.0.1: 1", "127.0.0.1:80x", "localhost:80", "::1:80", "[::1]",
        "[1.2.3.4]:80", "256.0.0.1:80", "127.1:80", "[]:80", "127.0.0.1:99999999999999"}) {
    EXPECT_FALSE(parse_listen_address(bad)) << bad;
  }
}

TEST(AddressTest, AZeroByteEndsNothing) {
  const std::string_view hidden("::\0x]:80", 8);
  EXPECT_FALSE(parse_listen_address("[" + std::string(hidden)));
  EXPECT_FALSE(is_ip_address(std::string("127.0.0.1\0x", 11)));
  EXPECT_FALSE(parse_network(std::string_view("10.0.0.0\0/8", 11)));
}

TEST(AddressTest, KnowsLoopback) {
  for (const char* ip : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
    EXPECT_TRUE(is_loopback_address(ip)) << ip;
  for (const char* ip : {"0.0.0.0", "::", "10.0.0.1", "::2", "128.0.0.1", "x", ""})
    EXPECT_FALSE(is_loopback_address(ip)) << ip;
}

TEST(AddressTest, NetworksContainTheirAddresses) {
  const Network ten = *parse_network("10.0.0.0/8");
  EXPECT_TRUE(contains(ten, "10.255.3.4"));
  EXPECT_TRUE(contains(ten, "::ffff:10.1.1.1"));
  EXPECT_FALSE(contains(ten, "11.0.0.0"));
  EXPECT_FALSE(contains(ten, "::1"));
  const Network odd = *parse_network("172.16.0.0/12");
  EXPECT_TRUE(contains(odd, "172.31.255.255"));
  EXPECT_FALSE(contains(odd, "172.32.0.0"));
  EXPECT_TRUE(contains(*parse_network("0.0.0.0/0"), "8.8.8.8"));
  EXPECT_TRUE(contains(*parse_network("fd00::/7"), "fc12::1"));
  EXPECT_TRUE(contains(*parse_network("192.168.1.7"), "192.168.1.7"));
  EXPECT_FALSE(contains(*parse_network("192.168.1.7"), "192.168.1.8"));
  for (const char* bad :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "x/8", "fd00::/129"}) {
    EXPECT_FALSE(parse_network(bad)) << bad;
  }
}

}  // namespace
}  // namespace berth
