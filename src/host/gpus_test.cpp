#include "host/gpus.hpp"

#include <gtest/gtest.h>

#include "fakes/nvidia_smi_in_path.hpp"

namespace berth {
namespace {

constexpr char kFirst[] = "GPU-5f9b2f0e-1c1b-6e1e-8f3a-0123456789ab";
constexpr char kSecond[] = "GPU-5f9b2f0e-1c1b-6e1e-8f3a-0123456789ac";

TEST(GpusTest, LabelsReadAsPeopleSayThem) {
  EXPECT_EQ(gpu_label("NVIDIA GeForce RTX 4060 Ti", 16380), "RTX 4060 Ti 16GB");
  EXPECT_EQ(gpu_label("NVIDIA GeForce RTX 3080", 10240), "RTX 3080 10GB");
  EXPECT_EQ(gpu_label("NVIDIA RTX A6000", 49140), "RTX A6000 48GB");
  EXPECT_EQ(gpu_label("NVIDIA A100 80GB PCIe", 81920), "A100 80GB PCIe");
  EXPECT_EQ(gpu_label("Tesla V100-SXM2-32GB", 32510), "Tesla V100-SXM2-32GB");
  EXPECT_EQ(gpu_label("NVIDIA H100", 81559), "H100 80GB");
  EXPECT_EQ(gpu_label("NVIDIA GB10", 0), "GB10");
}

TEST(GpusTest, ReadsEachLine) {
  const std::string csv = std::string("0, ") + kFirst + ", NVIDIA GeForce RTX 4060 Ti, 16380\n1, " +
                          kSecond + ", Odd, Name, [N/A]\r\n\n";
  const auto gpus = parse_gpus(csv);
  ASSERT_TRUE(gpus) << gpus.error().message;
  EXPECT_EQ(*gpus,
            (std::vector<HostGpu>{{0, kFirst, "RTX 4060 Ti 16GB"}, {1, kSecond, "Odd, Name"}}));
  EXPECT_TRUE(parse_gpus("")->empty());
}

TEST(GpusTest, RefusesWhatItDoesNotUnderstand) {
  const std::string uuid = kFirst;
  for (const std::string& bad :
       {std::string("No devices were found"), std::string("0"), "0, " + uuid,
        "0, " + uuid + ", 16380", "x, " + uuid + ", A, 1", "-1, " + uuid + ", A, 1",
        "0, " + uuid + "0, A, 1", "0, MIG" + uuid + ", A, 1", "0, " + uuid + ", , 1",
        "0, " + uuid + ", A, 1 MiB", "0, " + uuid + ", A\x1B[0m, 1", "0, " + uuid + ", A, -1",
        "0, " + uuid + ", A, 1\n1, " + uuid + ", A, 1"}) {
    const auto gpus = parse_gpus(bad);
    ASSERT_FALSE(gpus) << bad;
    EXPECT_EQ(gpus.error().code, ErrorCode::kUnavailable);
  }
}

using FindGpusTest = testing::NvidiaSmiInPath;

TEST_F(FindGpusTest, ThereAreNoneWithoutTheProgram) {
  have_none();
  const auto gpus = find_gpus();
  ASSERT_TRUE(gpus);
  EXPECT_TRUE(gpus->empty());
}

TEST_F(FindGpusTest, AsksTheProgram) {
  install(
      "[ \"$*\" = '--query-gpu=index,uuid,name,memory.total --format=csv,noheader,nounits' ] || "
      "exit 1\n"
      "echo '0, " +
      std::string(kFirst) + ", NVIDIA RTX A6000, 49140'\n");
  const auto gpus = find_gpus();
  ASSERT_TRUE(gpus) << gpus.error().message;
  EXPECT_EQ(*gpus, (std::vector<HostGpu>{{0, kFirst, "RTX A6000 48GB"}}));
}

TEST_F(FindGpusTest, AFailureIsNotTakenForNoCards) {
  install("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18\n");
  const auto gpus = find_gpus();
  ASSERT_FALSE(gpus);
  EXPECT_EQ(gpus.error().details, "Failed to initialize NVML: Driver/library version mismatch");
}

}  // namespace
}  // namespace berth
