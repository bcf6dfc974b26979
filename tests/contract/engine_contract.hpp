#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "contract/engine_under_test.hpp"
#include "fakes/run.hpp"

namespace berth::testing {

enum class Kind { kFake, kDocker };

// What one engine is asked, and what of it is cleared away afterwards. A suite stands on it and is
// made real with `INSTANTIATE_TEST_SUITE_P(Engines, Suite, kEngines, name_of_engine)`.
class EngineContract : public ::testing::TestWithParam<Kind> {
 protected:
  EngineContract();
  void SetUp() override;
  void TearDown() override;

  Engine& engine() { return under_test->engine(); }
  template <class T>
  T run(Task<T> task) {
    return testing::run(io, std::move(task));
  }
  template <class T>
  ErrorCode code_of(Task<Result<T>> task) {
    auto result = run(std::move(task));
    EXPECT_FALSE(result) << "it succeeded";
    return result ? ErrorCode::kInternal : result.error().code;
  }
  template <class T>
  void succeed(Task<Result<T>> task) {
    auto result = run(std::move(task));
    ASSERT_TRUE(result) << result.error().message << ": " << result.error().details;
  }

  std::string name(int number = 0) const;
  std::string new_tag();
  ContainerSpec spec(int number = 0);
  std::string create(const ContainerSpec& wanted);
  std::string create_and_start(int number = 0);
  ContainerSeen inspect(const std::string& id);
  int free_port();

  boost::asio::io_context io;
  std::unique_ptr<EngineUnderTest> under_test;
  const std::string suffix;
  const std::string label;
  std::vector<std::string> tags;
};

inline const auto kEngines = ::testing::Values(Kind::kFake, Kind::kDocker);
std::string name_of_engine(const ::testing::TestParamInfo<Kind>& info);

}  // namespace berth::testing
