#include "host/cpu_memory.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

TEST(CpuMemoryTest, ReadsThisMachine) {
  const CpuMemory machine = read_cpu_memory();
  EXPECT_GE(machine.cores, 1);
  EXPECT_FALSE(machine.cpu_name.empty());
  EXPECT_GT(machine.memory_mb, 100);
}

TEST(CpuMemoryTest, FindsTheModelsNameWhereverItStands) {
  EXPECT_EQ(
      parse_cpu_name(
          "processor\t: 0\nmodel\t\t: 183\nmodel name\t: Intel(R) Core(TM) i7-14700K\nflags : a\n"),
      "Intel(R) Core(TM) i7-14700K");
  EXPECT_EQ(parse_cpu_name("processor\t: 0\nHardware\t: BCM2835\n"), "BCM2835");
  EXPECT_EQ(parse_cpu_name("processor : 0\nBogoMIPS : 50.00\n"), "");
  EXPECT_EQ(parse_cpu_name(""), "");
}

TEST(CpuMemoryTest, ReadsTheTotalInMebibytes) {
  EXPECT_EQ(parse_total_memory_mb("MemTotal:       25165824 kB\nMemFree: 1 kB\n"), 24576);
  EXPECT_EQ(parse_total_memory_mb("MemFree: 1 kB\n"), 0);
  EXPECT_EQ(parse_total_memory_mb("MemTotal: -5 kB"), 0);
  EXPECT_EQ(parse_total_memory_mb("MemTotal: x"), 0);
}

}  // namespace
}  // namespace berth
