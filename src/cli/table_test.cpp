#include "cli/table.hpp"

#include <gtest/gtest.h>

#include <clocale>

namespace berth::cli {
namespace {

TEST(TableTest, AlignsColumnsAndCountsWideCharactersTwice) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  EXPECT_EQ(
      format_table({"ID", "NAME", "STATE"}, {{"1", "实验", "running"}, {"20", "a", "stopped"}}),
      "ID  NAME  STATE\n"
      "1   实验  running\n"
      "20  a     stopped\n");
}

}  // namespace
}  // namespace berth::cli
