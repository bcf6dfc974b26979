#include "host/cgroup_sampler.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace berth {
namespace {

namespace fs = std::filesystem;

const std::string kId(64, 'a');

// A machine's /proc and /sys in a folder.
class CgroupSamplerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "berth-cgroup-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    write("proc/meminfo", "MemTotal: 8388608 kB\n");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const fs::path& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  void make_v1(const std::string& group) {
    write("proc/self/mountinfo",
          "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
          "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
          "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n");
    write("proc/42/cgroup", "9:name=systemd:" + group + "\n4:memory:" + group +
                                "\n2:cpu,cpuacct:" + group + "\n0::/\n");
    write("sys/fs/cgroup/cpu,cpuacct" + group + "/cpuacct.usage", "1234567890\n");
    write("sys/fs/cgroup/memory" + group + "/memory.usage_in_bytes", "100000000\n");
    write("sys/fs/cgroup/memory" + group + "/memory.stat",
          "inactive_file 1\ntotal_inactive_file 30000000\n");
    write("sys/fs/cgroup/memory" + group + "/memory.limit_in_bytes", "4294967296\n");
  }

  void make_v2(const std::string& group) {
    write("proc/self/mountinfo",
          "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n");
    write("proc/42/cgroup", "0::" + group + "\n");
    write("sys/fs/cgroup" + group + "/cpu.stat", "usage_usec 1234567\nuser_usec 1\n");
    write("sys/fs/cgroup" + group + "/memory.current", "100000000\n");
    write("sys/fs/cgroup" + group + "/memory.stat", "anon 5\ninactive_file 30000000\n");
    write("sys/fs/cgroup" + group + "/memory.max", "max\n");
  }

  fs::path root_;
};

TEST_F(CgroupSamplerTest, ReadsTheOlderLayout) {
  make_v1("/docker/" + kId);
  const auto stats = CgroupSampler(root_).read(42);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->cpu_ns, 1234567890);
  EXPECT_EQ(stats->memory_bytes, 70000000);
  EXPECT_EQ(stats->memory_limit_bytes, 4294967296);
}

TEST_F(CgroupSamplerTest, ReadsTheNewerLayout) {
  make_v2("/system.slice/docker-" + kId + ".scope");
  const auto stats = CgroupSampler(root_).read(42);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->cpu_ns, 1234567000);
  EXPECT_EQ(stats->memory_bytes, 70000000);
  EXPECT_EQ(stats->memory_limit_bytes, 8589934592);  // no limit: the machine's memory
}

TEST_F(CgroupSamplerTest, CacheLargerThanTheUsageIsNotSubtracted) {
  make_v2("/docker/" + kId);
  write("sys/fs/cgroup/docker/" + kId + "/memory.current", "20\n");
  EXPECT_EQ(CgroupSampler(root_).read(42)->memory_bytes, 20);
}

TEST_F(CgroupSamplerTest, AProcessOutsideContainersIsNotRead) {
  make_v1("/user.slice");
  EXPECT_FALSE(CgroupSampler(root_).read(42));
  make_v2("/");
  EXPECT_FALSE(CgroupSampler(root_).read(42));
  EXPECT_FALSE(CgroupSampler().read(::getpid()));
}

TEST_F(CgroupSamplerTest, WhatIsGoneOrGarbledIsNothing) {
  make_v1("/docker/" + kId);
  CgroupSampler sampler(root_);
  for (std::int64_t pid : {0, -1, 43}) EXPECT_FALSE(sampler.read(pid));
  for (const char* text : {"", "x", "-5", "99999999999999999999", "1 2"}) {
    write("sys/fs/cgroup/cpu,cpuacct/docker/" + kId + "/cpuacct.usage", text);
    EXPECT_FALSE(sampler.read(42)) << text;
  }
  make_v1("/docker/" + kId);
  fs::remove(root_ / ("sys/fs/cgroup/memory/docker/" + kId +
                      "/memory.stat"));  // it ends while it is being read
  EXPECT_EQ(sampler.read(42)->memory_bytes, 100000000);
}

TEST_F(CgroupSamplerTest, ReadsAgainWhatHasChanged) {
  make_v1("/docker/" + kId);
  CgroupSampler sampler(root_);
  ASSERT_TRUE(sampler.read(42));
  write("sys/fs/cgroup/cpu,cpuacct/docker/" + kId + "/cpuacct.usage", "2234567890\n");
  EXPECT_EQ(sampler.read(42)->cpu_ns, 2234567890);
}

TEST_F(CgroupSamplerTest, APidThatIsUsedAnewIsLookedUpAnew) {
  const std::string other(64, 'b');
  make_v1("/docker/" + kId);
  CgroupSampler sampler(root_);
  ASSERT_TRUE(sampler.read(42));
  write("sys/fs/cgroup/cpu,cpuacct/docker/" + kId + "/cpuacct.usage", "");  // its group is gone
  make_v1("/docker/" + other);
  EXPECT_FALSE(sampler.read(42));
  write("sys/fs/cgroup/cpu,cpuacct/docker/" + other + "/cpuacct.usage", "77\n");
  EXPECT_EQ(sampler.read(42)->cpu_ns, 77);
}

TEST_F(CgroupSamplerTest, FollowsAMountThatShowsAPartOfTheTree) {
  make_v2("/lab/docker/" + kId);
  write("proc/self/mountinfo", "30 23 0:26 /lab /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  EXPECT_FALSE(CgroupSampler(root_).read(42));
  fs::rename(root_ / "sys/fs/cgroup/lab/docker", root_ / "sys/fs/cgroup/docker");
  EXPECT_TRUE(CgroupSampler(root_).read(42));
}

}  // namespace
}  // namespace berth
