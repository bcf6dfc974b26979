#pragma once

#include <string>

#include "async/task.hpp"
#include "control/accounts.hpp"
#include "http/message.hpp"

namespace berth::api {

// "DELETE /containers/7" of a request that would change something, fit for the audit log; empty for
// one that reads.
std::string change_of(const http::Request& request);

// Gives the answer back. One that refused a change to somebody who is logged in leaves a record
// first; what is not there and what is somebody else's leave the same.
Task<http::Response> noting_denial(Accounts& accounts, Actor actor, std::string change,
                                   http::Response response);

}  // namespace berth::api
