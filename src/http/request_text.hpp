#pragma once

#include <string>
#include <string_view>

#include "http/client.hpp"

namespace berth::http {

// Whether the request can be written without a line of its own choosing: no control characters
// anywhere in its head.
bool is_sound(const ClientRequest& request);

// The bytes of a sound request, body and all.
std::string to_text(const ClientRequest& request, std::string_view host);

}  // namespace berth::http
