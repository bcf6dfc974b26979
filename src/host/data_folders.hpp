#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace berth {

struct FolderOwner {
  uid_t uid = 0;
  gid_t gid = 0;
};

// The folders that containers see. Their content belongs to tenants, who may put links, pipes or
// anything else there, so every step opens one name without following links, and only what is made
// here is given an owner: nothing that is there already is touched, ever. Each folder appears under
// its name only when it is complete, so a crash leaves no half one. kUnavailable: the disk is full,
// read-only or gone. Messages carry no paths; the log does.

// data_dir/folder, 0700. `folder` is one name. There already: fine; kConflict when that is not a
// folder.
Result<> make_workspace_folder(const std::string& data_dir, const std::string& folder);

// kRefused when data_dir/folder has anything in it: for a container that was never made its folder
// is another's, of a time that the database does not know any more (a backup was put back).
Result<> check_workspace_unused(const std::string& data_dir, const std::string& folder);

// root/user_N with commands, results, scripts, logs, command_queue, models and Documents/MATLAB,
// 0700, and `startup` as Documents/MATLAB/startup.m where there is none. Where the tenant has put
// something else under one of these names, it stays and nothing is made below it.
Result<> make_matlab_folders(const std::string& root, int user, FolderOwner owner,
                             std::string_view startup);

}  // namespace berth
