#include "engine/arguments.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

const std::string kId(64, 'a');

ContainerSpec workspace() {
  ContainerSpec spec;
  spec.name = "berth-1";
  spec.image = "sha256:aa";
  spec.cpu_cores = 2;
  spec.memory_mb = 64;
  spec.ports = {{22, 20001, "127.0.0.1"}};
  spec.mounts = {{"/data/7", "/workspace", false}};
  return spec;
}

TEST(ArgumentsTest, ContainerNames) {
  for (auto name : {"a", "berth-1", "0_.-x", "a..b"}) EXPECT_TRUE(check_container(name)) << name;
  EXPECT_TRUE(check_container(kId));
  for (auto name : {"", "-a", ".", "..", "a/b", "a b", "a?b", "a%2fb", "a\n", "é"}) {
    auto checked = check_container(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalid);
  }
  EXPECT_FALSE(check_container(std::string(256, 'a')));
}

TEST(ArgumentsTest, ImageNames) {
  for (auto name : {"a", "a:1", "reg:5000/a/b:1", "a@sha256:0", "debian:bookworm-slim"})
    EXPECT_TRUE(check_image(name)) << name;
  EXPECT_TRUE(check_image("sha256:" + kId));
  for (auto name : {"", "/", "a/", "/a", "a//b", "../a", "a/../b", "a/./b", "a b", "a?b", "a#b",
                    "a\n", "a..b"}) {
    EXPECT_FALSE(check_image(name)) << name;
  }
}

TEST(ArgumentsTest, SplitsTags) {
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

TEST(ArgumentsTest, Ids) {
  EXPECT_TRUE(is_hex_id(kId));
  EXPECT_TRUE(is_image_id("sha256:" + kId));
  EXPECT_FALSE(is_hex_id(kId + "a"));
  EXPECT_FALSE(is_hex_id(std::string(64, 'A')));
  EXPECT_FALSE(is_hex_id("../" + std::string(61, 'a')));
  EXPECT_FALSE(is_image_id(kId));
}

TEST(ArgumentsTest, LabelsAndChanges) {
  EXPECT_TRUE(check_label("berth.cid=7"));
  for (auto label : {"", "a\"]}", "a\\", "a b", "a\n"}) EXPECT_FALSE(check_label(label)) << label;
  EXPECT_TRUE(check_change("CMD [\"a\", \"b\"]"));
  for (auto change : {"", "CMD a\nENV b=c", "CMD a\r"})
    EXPECT_FALSE(check_change(change)) << change;
}

TEST(ArgumentsTest, RefusesWhatTheEngineWouldTakeForUnlimited) {
  const auto refused = [](auto change) {
    auto spec = workspace();
    change(spec);
    auto checked = check_spec(spec);
    return !checked && checked.error().code == ErrorCode::kInvalid;
  };
  EXPECT_TRUE(refused([](auto& spec) { spec.name = "../x"; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.cpu_cores = 0; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.memory_mb = 0; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.memory_mb = std::int64_t{1} << 60; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.pids = 0; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.pids = -1; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.shm_mb = 0; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.image = ""; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.env = {{"A=B", "C"}}; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.env = {{"", "C"}}; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.env = {{"A", std::string(1, '\0')}}; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.mounts[0].host_path = "relative"; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.ports[0].host_port = 0; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.ports[0].container_port = 65'536; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.gpu_uuids = {"all"}; }));
  EXPECT_FALSE(refused([](auto&) {}));
}

TEST(ArgumentsTest, ATerminalHasACommandAndASize) {
  const TerminalSpec sound{.command = {"sh"}, .env = {{"TERM", "dumb"}}};
  EXPECT_TRUE(check_terminal("c", sound));
  EXPECT_FALSE(check_terminal("../c", sound));
  const auto refused = [&](auto change) {
    auto spec = sound;
    change(spec);
    return !check_terminal("c", spec);
  };
  EXPECT_TRUE(refused([](auto& spec) { spec.command = {}; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.command = {""}; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.command.push_back(std::string(1, '\0')); }));
  EXPECT_TRUE(refused([](auto& spec) { spec.env = {{"A=B", "C"}}; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.size.columns = 0; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.size.rows = 1001; }));
}

}  // namespace
}  // namespace berth
