#include "json/encode.hpp"

#include <boost/json/serialize.hpp>

#include "base/utf8.hpp"

namespace berth::json {
namespace {

// What is not UTF-8 can only stand inside strings, so mending the whole line is the same as mending
// each.
std::string mend(std::string line) { return count_code_points(line) ? line : repair_utf8(line); }

}  // namespace

std::string encode(const Answer& answer) { return mend(boost::json::serialize(answer)); }
std::string encode_list(const AnswerList& list) { return mend(boost::json::serialize(list)); }

}  // namespace berth::json
