#pragma once

#include <chrono>
#include <cstdint>
#include <string>

// Figures as `docker stats` prints them. Whatever the counters say, the answer is a finite number,
// never negative.
namespace berth::figures {

// Of one core, from a cumulative counter at two moments: 200 = two cores busy. 0 when time stood
// still or the counter went backwards (the container was restarted in between).
double cpu_percent(std::int64_t before_ns, std::int64_t after_ns,
                   std::chrono::milliseconds elapsed);

// "2.74%"
std::string percent(double value);

// Four significant digits and a binary unit: "2.302GiB", "512MiB", "0B".
std::string bytes(std::int64_t count);

// "2.302GiB / 4GiB"
std::string memory_usage(std::int64_t used_bytes, std::int64_t limit_bytes);

// "57.55%"; "0.00%" where there is no limit.
std::string memory_percent(std::int64_t used_bytes, std::int64_t limit_bytes);

}  // namespace berth::figures
