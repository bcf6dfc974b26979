#include "engine/endpoint.hpp"

#include <gtest/gtest.h>

#include <random>

namespace berth {
namespace {

Endpoint parsed(std::string_view text) {
  auto endpoint = parse_endpoint(text);
  EXPECT_TRUE(endpoint) << text << ": " << (endpoint ? "" : endpoint.error().message);
  return endpoint ? *endpoint : Endpoint{};
}

TEST(EndpointTest, ReadsTheThreeKinds) {
  EXPECT_EQ(parsed("unix:///var/run/docker.sock"), (Endpoint{.path = "/var/run/docker.sock"}));
  EXPECT_EQ(parsed("tcp://127.0.0.1:2375"),
            (Endpoint{.kind = EndpointKind::kTcp, .host = "127.0.0.1", .port = 2375}));
  EXPECT_EQ(parsed("tcp://[::1]:2375/"),
            (Endpoint{.kind = EndpointKind::kTcp, .host = "::1", .port = 2375}));
  EXPECT_EQ(parsed("ssh://lab@gpu-1.example"),
            (Endpoint{.kind = EndpointKind::kSsh, .user = "lab", .host = "gpu-1.example"}));
  EXPECT_EQ(parsed("ssh://gpu-1:2222"),
            (Endpoint{.kind = EndpointKind::kSsh, .host = "gpu-1", .port = 2222}));
}

TEST(EndpointTest, RefusesEverythingElse) {
  for (std::string_view text : {"",
                                "unix://",
                                "unix://relative",
                                "unix:///with space",
                                "unix:///new\nline",
                                "/var/run/docker.sock",
                                "http://localhost:80",
                                "UNIX:///x",
                                "tcp://",
                                "tcp://host",
                                "tcp://host:",
                                "tcp://host:0",
                                "tcp://host:65536",
                                "tcp://host:1x",
                                "tcp://host:+1",
                                "tcp://host:1/path",
                                "tcp://u@host:1",
                                "tcp://[::1]",
                                "tcp://[::1",
                                "tcp://[x]:1",
                                "tcp://-host:1",
                                "tcp://a b:1",
                                "ssh://",
                                "ssh://@host",
                                "ssh://-oProxyCommand=x",
                                "ssh://-l@host",
                                "ssh://u@-host",
                                "ssh://u@host/path",
                                "ssh://u;x@host",
                                "ssh://u@v@host",
                                "://",
                                "unix:/x"}) {
    auto endpoint = parse_endpoint(text);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_EQ(endpoint.error().code, ErrorCode::kInvalid) << text;
    EXPECT_FALSE(endpoint.error().message.empty()) << text;
  }
  EXPECT_FALSE(parse_endpoint("unix:///" + std::string(107, 'x')));
  EXPECT_FALSE(parse_endpoint(std::string_view("unix:///a\0b", 11)));
}

TEST(EndpointTest, PlainTcpOnlyToThisMachine) {
  for (auto text : {"tcp://127.0.0.1:2375", "tcp://127.1.2.3:2375", "tcp://localhost:2375",
                    "tcp://[::1]:2375", "unix:///var/run/docker.sock"}) {
    EXPECT_TRUE(check_secured(parsed(text), false)) << text;
    EXPECT_TRUE(is_local(parsed(text))) << text;
  }
  for (auto text : {"tcp://10.0.0.1:2375", "tcp://127.example.com:2375",
                    "tcp://127.0.0.1.example.com:1", "tcp://gpu-1:2375", "tcp://[::2]:2375"}) {
    auto secured = check_secured(parsed(text), false);
    ASSERT_FALSE(secured) << text;
    EXPECT_EQ(secured.error().code, ErrorCode::kInvalid);
    EXPECT_TRUE(check_secured(parsed(text), true)) << text;
    EXPECT_FALSE(is_local(parsed(text))) << text;
  }
  EXPECT_TRUE(check_secured(parsed("ssh://lab@gpu-1"), false));
  EXPECT_FALSE(is_local(parsed("ssh://lab@localhost")));
  EXPECT_FALSE(check_secured(parsed("ssh://lab@gpu-1"), true));
}

TEST(EndpointTest, WhatIsAcceptedPrintsAndParsesBack) {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  const std::string_view pieces[] = {"unix://", "tcp://", "ssh://", "/",   "a",  "-", "@",
                                     ":",       "[",      "]",      "::1", "22", ".", "x"};
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (auto n = random() % 7; n > 0; --n) text += pieces[random() % std::size(pieces)];
    auto endpoint = parse_endpoint(text);
    if (!endpoint) continue;
    ++accepted;
    auto again = parse_endpoint(to_string(*endpoint));
    ASSERT_TRUE(again) << text << " seed " << seed;
    ASSERT_EQ(*again, *endpoint) << text << " seed " << seed;
    ASSERT_FALSE(endpoint->host.starts_with('-') || endpoint->user.starts_with('-')) << text;
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace berth
