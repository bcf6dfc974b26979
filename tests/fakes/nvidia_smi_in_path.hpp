#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace berth::testing {

// A machine with a program of our own in place of nvidia-smi, or with none.
class NvidiaSmiInPath : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "berth-gpus-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = std::getenv("PATH");
  }
  void TearDown() override {
    ::setenv("PATH", path_.c_str(), 1);
    std::filesystem::remove_all(folder_);
  }
  void install(const std::string& script) {
    std::ofstream(folder_ / "nvidia-smi") << "#!/bin/sh\n" << script;
    std::filesystem::permissions(folder_ / "nvidia-smi", std::filesystem::perms(0755));
    ::setenv("PATH", (folder_.string() + ":/usr/bin:/bin").c_str(), 1);
  }
  void have_none() { ::setenv("PATH", folder_.c_str(), 1); }
  // For a script that waits until "$0.go" is there.
  void let_it_go_on() { std::ofstream(folder_ / "nvidia-smi.go") << "now"; }

 private:
  std::filesystem::path folder_;
  std::string path_;
};

}  // namespace berth::testing
