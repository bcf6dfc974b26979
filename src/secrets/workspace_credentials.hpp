#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace berth::secrets {

// What a workspace is told of its password: hashes only.
struct WorkspaceCredentials {
  std::string root;     // sha512-crypt, for chpasswd -e
  std::string jupyter;  // sha256:SALT:HEX of password and salt together, as Jupyter reads it
};

Result<WorkspaceCredentials> hash_workspace_password(std::string_view password);

// The tar archive to upload at / between create and start: etc/berth/credentials, 0600, root's. The
// image's init applies and deletes it; the plain password never leaves Berth, and nothing shows in
// inspect, events or a saved image. A few milliseconds of a core.
Result<std::string> workspace_credentials(std::string_view password);

}  // namespace berth::secrets
