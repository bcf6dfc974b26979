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
  EXPECT_EQ(parse_total_memory_mb("MemTotal: 9223372036854775807 kB"), 0) << "in no machine";
}

TEST(CpuMemoryTest, CountsWhatTheMachineHasDone) {
  const auto counters = parse_machine_counters("cpu  10 1 5 100 7 2 3 4 9 9\ncpu0 1 1\n",
                                               "MemTotal: 1000 kB\nMemAvailable: 400 kB\n");
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->total_ticks, 132);
  EXPECT_EQ(counters->busy_ticks, 25) << "neither idle nor waiting for a disk";
  EXPECT_EQ(counters->memory_used_bytes, 600 * 1024);
  EXPECT_FALSE(parse_machine_counters("", "MemTotal: 1000 kB\n"));
  EXPECT_FALSE(parse_machine_counters("cpu  10 1 x", "MemTotal: 1000 kB\n"));
  for (const char* stat : {"cpu  10 1 5 -100 7 2 3 4", "cpu  9223372036854775807 1 1 1 1 1 1 1"})
    EXPECT_FALSE(parse_machine_counters(stat, "MemTotal: 1000 kB\n")) << stat;
  EXPECT_TRUE(read_machine_counters());
}

}  // namespace
}  // namespace berth
