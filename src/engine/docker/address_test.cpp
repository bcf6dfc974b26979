#include "engine/docker/address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::docker {
namespace {

using ::testing::ElementsAre;
using Kind = http::Address::Kind;

TEST(AddressTest, SaysHowEachKindOfEngineIsReached) {
  const auto here = to_address("unix:///run/docker.sock", "");
  EXPECT_EQ(here->kind, Kind::kUnix);
  EXPECT_EQ(here->path, "/run/docker.sock");
  const auto there = to_address("tcp://[fd00::7]:2376", "/etc/berth/gpu2");
  EXPECT_EQ(there->kind, Kind::kTcp);
  EXPECT_EQ(there->host, "fd00::7");
  EXPECT_EQ(there->port, 2376);
  EXPECT_EQ(there->certificates, "/etc/berth/gpu2");
  const auto by_ssh = to_address("ssh://berth@gpu3:2222", "");
  EXPECT_EQ(by_ssh->kind, Kind::kSsh);
  EXPECT_EQ(by_ssh->user, "berth");
  EXPECT_EQ(by_ssh->port, 2222);
  EXPECT_THAT(by_ssh->command, ElementsAre("docker", "system", "dial-stdio"));
  EXPECT_EQ(to_address("ssh://-oProxyCommand=x", "").error().code, ErrorCode::kInvalid);
}

TEST(AddressTest, LogInsAreFewAtOnce) {
  EXPECT_EQ(client_options(to_address("ssh://gpu3", "")).connections, limits::kSshConnections);
  EXPECT_GT(client_options(to_address("unix:///s", "")).connections, limits::kSshConnections);
}

}  // namespace
}  // namespace berth::docker
