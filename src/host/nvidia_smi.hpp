#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace berth {

// What nvidia-smi prints for --query-gpu=FIELDS --format=csv,noheader,nounits: a line for each of
// this machine's cards. Blocks the thread. kNotFound: there is no such program here. kUnavailable:
// it failed, did not end in time, or printed more than any machine has cards for.
Result<std::string> query_gpus(std::string_view fields, std::chrono::milliseconds deadline);

// GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
bool is_gpu_uuid(std::string_view text);

std::unexpected<Error> not_understood(std::string_view line);

}  // namespace berth
