#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>

namespace berth::json {

// Answers are Boost.JSON values: they keep the order in which members are put in.
//   encode({{"status", 0}, {"cid", json::numbers(ids)}})
using Answer = boost::json::object;
using AnswerList = boost::json::array;

// One line of JSON. Text stays UTF-8; bytes that are not (an engine's message, say) become U+FFFD,
// so that an answer is always valid. Mind that `AnswerList{x}` with a list x copies x: a list of
// one list is emplace_back's work.
std::string encode(const Answer& answer);
std::string encode_list(const AnswerList& list);

// Strong ids as their numbers.
template <class Ids>
AnswerList numbers(const Ids& ids) {
  AnswerList list;
  list.reserve(ids.size());
  for (const auto& id : ids) list.emplace_back(id.value);
  return list;
}

}  // namespace berth::json
