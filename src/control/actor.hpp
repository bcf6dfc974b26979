#pragma once

#include <string>

#include "base/ids.hpp"
#include "store/store.hpp"

namespace berth {

// Who asks. Every operation of control/ that a face can reach takes it first, so that no face can
// forget it.
struct Actor {
  UserId uid;
  std::string name;
  Role role = Role::kUser;

  bool is_admin() const { return role == Role::kAdmin; }
  // Other people's things do not exist for anybody but an admin.
  bool may_touch(UserId owner) const { return is_admin() || owner == uid; }
};

// The admin who sits on the machine itself: `berth` over the local socket.
inline Actor local_admin() { return {.uid = {}, .name = "local", .role = Role::kAdmin}; }

}  // namespace berth
