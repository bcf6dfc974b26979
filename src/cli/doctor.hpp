#pragma once

#include <string>
#include <vector>

#include "settings/settings.hpp"

namespace berth::cli {

enum class Verdict { kGood, kWarning, kBad };

struct Finding {
  Verdict verdict = Verdict::kGood;
  std::string subject;  // "engine", "ports", ...
  std::string text;     // what is so, and what to do about it
};

// Whether a runc or engine version is one with a known way out of a container. Pure.
Finding judge_engine_version(const std::string& version);
Finding judge_runc_version(const std::string& version);

// "32768\t60999" of the kernel against the ports that Berth publishes. Pure.
Finding judge_port_range(const std::string& ephemeral_range, int first, int last, bool with_matlab);

// Looks at this machine and prints what it finds. Exit code 0 when nothing is bad, else 1.
int doctor(const Settings& settings, bool json);

}  // namespace berth::cli
