#include "cli/table.hpp"

#include <algorithm>
#include <clocale>
#include <cwchar>

namespace berth::cli {
namespace {

// Printable width of UTF-8 text in a terminal; bytes that are no text count one each.
std::size_t width_of(const std::string& text) {
  std::size_t width = 0;
  std::mbstate_t state{};
  const char* at = text.data();
  std::size_t left = text.size();
  while (left > 0) {
    wchar_t c = 0;
    const std::size_t used = std::mbrtowc(&c, at, left, &state);
    if (used == 0 || used > left) {
      state = {};
      ++width, ++at, --left;
      continue;
    }
    width += static_cast<std::size_t>(std::max(0, wcwidth(c)));
    at += used;
    left -= used;
  }
  return width;
}

void append_row(std::string& out, const std::vector<std::string>& cells,
                const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += cells[i] + std::string(widths[i] - width_of(cells[i]) + 2, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + '\n';
}

}  // namespace

std::string format_table(const std::vector<std::string>& heading,
                         const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const std::string& cell : heading) widths.push_back(width_of(cell));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  append_row(out, heading, widths);
  for (const auto& row : rows) append_row(out, row, widths);
  return out;
}

}  // namespace berth::cli
