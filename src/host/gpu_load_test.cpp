#include "host/gpu_load.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "fakes/nvidia_smi_in_path.hpp"
#include "host/system_host.hpp"

namespace berth {
namespace {

constexpr char kFirst[] = "GPU-5f9b2f0e-1c1b-6e1e-8f3a-0123456789ab";
constexpr char kSecond[] = "GPU-5f9b2f0e-1c1b-6e1e-8f3a-0123456789ac";
constexpr std::int64_t kMiB = 1024 * 1024;

TEST(GpuLoadTest, ReadsEachLine) {
  const std::string csv =
      std::string(kFirst) + ", 97, 10234, 24564\r\n" + kSecond + ", 0, 1, 24564\n\n";
  const auto loads = parse_gpu_loads(csv);
  ASSERT_TRUE(loads) << loads.error().details;
  EXPECT_EQ(*loads, (std::vector<GpuLoad>{{kFirst, 97, 10'234 * kMiB, 24'564 * kMiB},
                                          {kSecond, 0, 1 * kMiB, 24'564 * kMiB}}));
  EXPECT_TRUE(parse_gpu_loads("")->empty());
}

TEST(GpuLoadTest, WhatTheDriverDoesNotTellIsNotZero) {
  for (const char* word : {"[N/A]", "[Not Supported]", "[Unknown Error]", "[GPU is lost]"}) {
    const auto loads =
        parse_gpu_loads(std::string(kFirst) + ", " + word + ", " + word + ", " + word + "\n");
    ASSERT_TRUE(loads) << word;
    EXPECT_EQ(*loads, (std::vector<GpuLoad>{{.uuid = kFirst}})) << word;
  }
}

TEST(GpuLoadTest, RefusesWhatItDoesNotUnderstand) {
  const std::string uuid = kFirst;
  for (const std::string& bad :
       {std::string("No devices were found"), uuid, uuid + ", 1, 2", uuid + ", 1, 2, 3, 4",
        uuid + ", 101, 2, 3", uuid + ", -1, 2, 3", uuid + ", 1, 2 MiB, 3", uuid + ", , 2, 3",
        uuid + ", 1, 99999999999999999999, 3", uuid + ", 1, 2, 9999999999999",
        std::string("0, 1, 2, 3"), uuid + ", 1, 2, 3\n" + uuid + ", 1, 2, 3"}) {
    const auto loads = parse_gpu_loads(bad);
    ASSERT_FALSE(loads) << bad;
    EXPECT_EQ(loads.error().code, ErrorCode::kUnavailable);
  }
}

using ReadGpuLoadsTest = testing::NvidiaSmiInPath;

TEST_F(ReadGpuLoadsTest, AsksTheProgram) {
  install(
      "[ \"$*\" = '--query-gpu=uuid,utilization.gpu,memory.used,memory.total "
      "--format=csv,noheader,nounits' ] || exit 1\necho '" +
      std::string(kFirst) + ", 55, 100, 24564'\n");
  const auto loads = read_gpu_loads();
  ASSERT_TRUE(loads) << loads.error().message;
  EXPECT_EQ(*loads, (std::vector<GpuLoad>{{kFirst, 55, 100 * kMiB, 24'564 * kMiB}}));
}

TEST_F(ReadGpuLoadsTest, WithoutTheProgramNothingIsKnown) {
  have_none();
  EXPECT_EQ(read_gpu_loads().error().code, ErrorCode::kNotFound);
}

TEST_F(ReadGpuLoadsTest, MoreThanAnyMachinePrintsIsNotTaken) {
  install("yes '" + std::string(kFirst) + ", 55, 100, 24564' | head -c 1000000\n");
  EXPECT_EQ(read_gpu_loads().error().code, ErrorCode::kUnavailable);
}

// The thread that asks is not the one that waits: else nobody would be served meanwhile.
TEST_F(ReadGpuLoadsTest, TheHostAsksElsewhere) {
  install("while [ ! -e \"$0.go\" ]; do sleep 0.01; done\necho '" + std::string(kFirst) +
          ", 55, 100, 24564'\n");
  boost::asio::io_context io;
  SystemHost host;
  std::optional<Result<std::vector<GpuLoad>>> loads;
  boost::asio::co_spawn(io, host.read_gpus(),
                        [&](std::exception_ptr, auto result) { loads.emplace(std::move(result)); });
  io.poll();
  EXPECT_FALSE(loads) << "this thread has come back";
  let_it_go_on();
  io.run();
  ASSERT_TRUE(loads && *loads);
  EXPECT_EQ((*loads)->size(), 1u);
}

}  // namespace
}  // namespace berth
