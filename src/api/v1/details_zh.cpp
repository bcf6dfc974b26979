#include "api/v1/details_zh.hpp"

#include <cctype>

namespace berth::api::v1 {
namespace {

// A # stands for a number: the first one of the English goes to the first one of the Chinese.
struct Words {
  std::string_view english;
  std::string_view chinese;
};
constexpr Words kWords[] = {
    {"is missing", "缺少这一项"},
    {"is not known here", "没有这一项"},
    {"must be UTF-8", "须为 UTF-8 编码"},
    {"must be # to # characters", "须为 # 至 # 个字符"},
    {"must be at least # characters", "至少 # 个字符"},
    {"must be at most # characters", "最多 # 个字符"},
    {"must be at most # bytes", "最多 # 字节"},
    {"must have # to # bytes", "须为 # 至 # 字节"},
    {"must be # to # of ASCII letters, digits and _ . -",
     "须为 # 至 # 个字母、数字或 _ . -（ASCII）"},
    {"must be an address with one @, in ASCII without spaces",
     "须为含一个 @ 的邮箱地址，只用 ASCII 字符，不含空格"},
    {"must not have control characters or marks that reverse text",
     "不能含控制字符或改变文字方向的标记"},
    {"must be a whole number between # and #", "须为 # 至 # 之间的整数"},
    {"must be a whole number of MiB, at least #", "须为整数（MiB），至少 #"},
    {"must name at least one", "至少选择一项"},
    {"must not be less than first", "不能小于起始编号"},
    {"too many failed log-ins, try again in # s", "登录失败次数过多，请在 # 秒后重试"},
    {"too many log-ins at once, try again in a second", "同时登录的人过多，请一秒后重试"},
    {"you have too many containers, delete one first", "容器数量已达上限，请先删除一个"},
    {"you have too many images, delete one first", "镜像数量已达上限，请先删除一个"},
    {"you have too many tokens, revoke one first", "令牌数量已达上限，请先撤销一个"},
    {"you have too many terminals open, close one first", "打开的终端过多，请先关闭一个"},
    {"there are too many accounts on this Berth", "账号数量已达上限"},
    {"no free ports left between # and #", "# 至 # 之间已没有空闲端口"},
};

std::string_view take_digits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && std::isdigit(static_cast<unsigned char>(text[length])) != 0)
    ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

// The Chinese with the numbers of `detail` in it, if `detail` is this English.
std::optional<std::string> match(std::string_view detail, const Words& words) {
  std::string text;
  std::string_view chinese = words.chinese;
  for (const char c : words.english) {
    if (c != '#') {
      if (!detail.starts_with(c)) return std::nullopt;
      detail.remove_prefix(1);
      continue;
    }
    const std::string_view number = take_digits(detail);
    if (number.empty()) return std::nullopt;
    const auto hole = chinese.find('#');
    text.append(chinese.substr(0, hole)).append(number);
    chinese.remove_prefix(hole + 1);
  }
  if (!detail.empty()) return std::nullopt;
  return text.append(chinese);
}

}  // namespace

std::optional<std::string> detail_zh(std::string_view detail) {
  for (const Words& words : kWords) {
    if (auto text = match(detail, words)) return text;
  }
  return std::nullopt;
}

}  // namespace berth::api::v1
