// What a real engine makes of what we send, in its own JSON: an engine in memory has no host to
// protect.
#include "contract/engine_contract.hpp"

namespace berth::testing {
namespace {

using ::testing::HasSubstr;

class EngineHardening : public EngineContract {};

INSTANTIATE_TEST_SUITE_P(Engines, EngineHardening, ::testing::Values(Kind::kDocker),
                         name_of_engine);

// Not what we sent but what the engine made of it.
TEST_P(EngineHardening, WhatTheEngineKeptIsHardened) {
  auto wanted = spec();
  wanted.mounts = {{"/tmp", "/pub_data", true}};
  wanted.ports = {{80, free_port(), "127.0.0.1"}};
  const auto id = create(wanted);
  const std::string kept = under_test->raw_inspect(id).value();
  for (auto promise :
       {R"("Privileged":false)", R"("CapDrop":["ALL"])", R"("PidsLimit":1024)",
        R"("Memory":67108864)", R"("MemorySwap":67108864)", R"("NanoCpus":1000000000)",
        R"("Name":"no")", R"("HostIp":"127.0.0.1")", R"("ReadOnly":true)",
        R"("Name":"core","Hard":0,"Soft":0)", R"("max-size":"10m")",
        R"("net.ipv4.ping_group_range":"0 2147483647")", R"("PidMode":"")", R"("Binds":null)",
        R"("Devices":null)", R"("AutoRemove":false)", R"("Init":true)"}) {
    EXPECT_THAT(kept, HasSubstr(promise));
  }
  succeed(engine().start(id));
}

TEST_P(EngineHardening, TheStrictestProfileStarts) {
  auto wanted = spec();
  wanted.minimal_capabilities = true;
  wanted.read_only_root = true;
  const auto id = create(wanted);
  succeed(engine().start(id));
  EXPECT_EQ(inspect(id).state, EngineState::kRunning);
  const std::string kept = under_test->raw_inspect(id).value();
  EXPECT_THAT(kept, HasSubstr(R"("SecurityOpt":["no-new-privileges:true"])"));
  EXPECT_THAT(kept, HasSubstr(R"("ReadonlyRootfs":true)"));
}

}  // namespace
}  // namespace berth::testing
