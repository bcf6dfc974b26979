#include "settings/toml_file.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>

namespace berth {
namespace {

std::string place(const std::string& file, const toml::source_position& position) {
  return file + ":" + std::to_string(position.line);
}

SettingValue convert(const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* text = node.as_string()) return text->get();
  const auto* list = node.as_array();
  if (list == nullptr) return OtherKind{};
  std::vector<std::string> texts;
  for (const toml::node& item : *list) {
    const auto* text = item.as_string();
    if (text == nullptr) return OtherKind{};
    texts.push_back(text->get());
  }
  return texts;
}

void collect(const toml::table& table, const std::string& prefix, const std::string& file,
             std::vector<SettingLine>& lines) {
  for (const auto& [key, node] : table) {
    const std::string dotted = prefix + std::string(key.str());
    const auto* section = node.as_table();
    if (section != nullptr && prefix.empty() && !section->empty()) {
      collect(*section, dotted + ".", file, lines);
    } else if (section == nullptr || !section->empty() || !prefix.empty()) {
      lines.push_back({dotted, convert(node), place(file, key.source().begin)});
    }
  }
}

}  // namespace

Result<std::vector<SettingLine>> read_setting_lines(std::string_view text,
                                                    const std::string& file) {
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return fail(ErrorCode::kInvalid,
                place(file, error.source().begin) + ": " + std::string(error.description()));
  }
  std::vector<SettingLine> lines;
  collect(parsed.table(), "", file, lines);
  // The first mistake in the file is the one to name; toml++ keeps its keys in the order of the
  // alphabet.
  auto line_of = [](const SettingLine& line) {
    return std::stoul(line.where.substr(line.where.rfind(':') + 1));
  };
  std::ranges::stable_sort(lines, {}, line_of);
  return lines;
}

}  // namespace berth
