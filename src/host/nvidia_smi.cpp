#include "host/nvidia_smi.hpp"

#include <algorithm>

#include "host/process.hpp"
#include "host/small_file.hpp"

namespace berth {
namespace {

constexpr std::size_t kUuidLength = 40;
constexpr std::size_t kOutputBytes = 64 * 1024;
constexpr std::size_t kSaidBytes = 200;

}  // namespace

Result<std::string> query_gpus(std::string_view fields, std::chrono::milliseconds deadline) {
  auto printed = run_process(
      {"nvidia-smi", "--query-gpu=" + std::string(fields), "--format=csv,noheader,nounits"},
      {.deadline = deadline, .output_bytes = kOutputBytes});
  if (!printed) return std::unexpected(printed.error());
  if (printed->exit_code != 0) {
    const std::string_view said = trim(printed->errors.empty() ? printed->output : printed->errors);
    return fail(ErrorCode::kUnavailable, "nvidia-smi failed",
                std::string(said.substr(0, kSaidBytes)));
  }
  if (printed->was_cut) return not_understood("more than fits");
  return std::move(printed->output);
}

bool is_gpu_uuid(std::string_view text) {
  return text.size() == kUuidLength && text.starts_with("GPU-") &&
         std::ranges::all_of(text.substr(4), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
         });
}

std::unexpected<Error> not_understood(std::string_view line) {
  return fail(ErrorCode::kUnavailable, "nvidia-smi printed what is not understood",
              std::string(line.substr(0, kSaidBytes)));
}

}  // namespace berth
