#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/admin_client.hpp"

namespace berth::cli {

// How an admin command ended, as the process's exit code.
enum class Exit { kOk = 0, kRefused = 1, kUsage = 2, kNoServer = 3 };

// What one admin command prints: the answer's list as a table, or the whole answer as JSON.
struct Listing {
  std::string key;                   // the list's name in the answer
  std::vector<std::string> columns;  // member names, in order; the heading in capitals
};

class Commands {
 public:
  Commands(AdminClient client, bool json) : client_(std::move(client)), json_(json) {}

  bool json() const { return json_; }
  Exit list(const std::string& target, const Listing& listing) const;
  Exit show(const std::string& target, const std::string& key) const;
  // A change; `done` is the sentence for people, in which {member} is the answer's member.
  Exit change(const std::string& method, const std::string& target, const boost::json::object& body,
              const std::string& done) const;

 private:
  Exit refuse(const Error& error) const;

  AdminClient client_;
  bool json_;
};

// A new password: asked for twice on a terminal; the first line of standard input where there is
// none or when told so. kInvalid when the two differ.
Result<std::string> read_new_password(bool from_stdin);

}  // namespace berth::cli
