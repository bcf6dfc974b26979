#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/background.hpp"
#include "async/timers.hpp"
#include "control/containers.hpp"
#include "control/images.hpp"
#include "control/matlab.hpp"
#include "control/operations.hpp"
#include "host/host.hpp"

namespace berth {

struct MatlabClass;  // of long_work.cpp

// What takes longer than an answer. Each call checks, refuses, and reserves; then it gives the
// operation that goes on in the background, which the journal follows step by step. kConflict
// "... is busy" while another operation works on the same container.
class LongWork {
 public:
  struct Parts {
    Containers& containers;
    Images& images;
    const Devices& devices;
    Matlab* matlab = nullptr;  // null: no MATLAB sessions here
    Operations& operations;
    Host& host;
    Clock& clock;
    Timers& timers;
    Background& background;
    std::string probe_ip;  // where workspaces' published ports answer from here, on this machine
  };

  explicit LongWork(Parts parts) : parts_(std::move(parts)) {}

  Task<Result<Operation>> create(Actor actor, NewContainer wanted);
  Task<Result<Operation>> start(Actor actor, ContainerId cid,
                                std::optional<std::vector<GpuId>> gpus);
  Task<Result<Operation>> stop(Actor actor, ContainerId cid);
  Task<Result<Operation>> restart(Actor actor, ContainerId cid);
  Task<Result<Operation>> remove(Actor actor, ContainerId cid);
  Task<Result<Operation>> save_image(Actor actor, ContainerId cid, std::string name,
                                     bool is_public);

  // For admins. Creating goes over the users first to last; those that run stay as they are.
  Task<Result<Operation>> create_matlab(Actor actor, int first, int last, std::string session_id);
  Task<Result<Operation>> restart_matlab(Actor actor, int user);
  Task<Result<Operation>> remove_matlab(Actor actor, int user);

 private:
  using Names = std::vector<std::string_view>;

  Result<> admit(const Actor& actor, ContainerId cid) const;
  Result<> admit_matlab(const Actor& actor, int first, int last) const;
  Operation begin(OperationKind kind, const Actor& actor, const ContainerRow& row,
                  const Names& steps);
  Operation begin_matlab(OperationKind kind, const Actor& actor, int first, int last,
                         const Names& steps);

  Task<Result<Operation>> drive(OperationKind kind, Actor actor, Result<Containers::Begun> begun,
                                Names steps);
  Task<> finish_create(std::string oid, Actor actor, ContainerId cid);
  Task<> finish(std::string oid, Actor actor, Containers::Begun begun);
  Task<> finish_save(std::string oid, Images::BegunSave begun);
  Task<> finish_matlab(std::string oid, OperationKind kind, int user);
  Task<> create_share(std::string oid, std::shared_ptr<MatlabClass> work);
  Task<> watch_doors(std::string oid, Actor actor, ContainerId cid);
  Task<bool> answers(std::string_view step, ContainerRow row);

  Parts parts_;
};

}  // namespace berth
