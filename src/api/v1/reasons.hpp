#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"
#include "json/encode.hpp"

namespace berth::api::v1 {

// Why something was refused or failed: a code that programs can stand on, and one sentence for
// people in each language. The one table of /api/v1.
struct Reason {
  std::string_view code;
  int status = 500;
  std::string_view english;
  std::string_view chinese;
};

std::span<const Reason> reasons();
// The reason with this code; it must be one of the table.
const Reason& reason(std::string_view code);
// Of an error of control/, whose words are fixed by the platform's contract or by its header.
const Reason& reason_for(const Error& error);

// RFC 9457, without what only the request knows.
json::Answer problem_body(const Error& error);
http::Response problem(const http::Request& request, const Error& error);
http::Response problem(const http::Request& request, std::string_view code);
http::Response problem_response(int status, json::Answer body);
// What the router, the framing and the guards refuse, by status.
http::Response refusal(int status, std::string_view detail);

// Why a container is as it is, from the words that its row and the audit have for it: {code, text,
// text_zh}, or nothing where there is nothing to explain.
std::optional<json::Answer> reason_of(const std::string& why);

}  // namespace berth::api::v1
