#pragma once

#include <boost/asio/io_context.hpp>
#include <vector>

#include "control/control.hpp"
#include "settings/settings.hpp"

namespace berth::cli {

// One of the machines beside this one, with its row.
struct OtherMachine {
  Settings::OtherDevice settings;
  DeviceRow row;
};

// Rows of those in the settings, made or refreshed. Nobody is asked for this.
Task<Result<std::vector<OtherMachine>>> put_other_devices(Store& store, Settings settings);

void attach_other_devices(boost::asio::io_context& io, Control& control,
                          const std::vector<OtherMachine>& machines);

// The public workspace image is introduced on a device as soon as its engine has it.
Task<> introduce_workspace_image(Control& control, DeviceId device, Settings::Image image);

// Once its engine answers: what only that knows of the machine (cores, memory, GPUs), and the
// workspace image.
Task<> get_to_know(Control& control, OtherMachine machine, Settings::Image image);

// What may be given of `there` to containers. Pure.
DeviceRow with_capacity(DeviceRow row, const Settings::OtherDevice& settings,
                        const EngineInfo& there);
// Those that the settings name, with the models that were found; all that were found where they
// name none. Pure.
std::vector<GpuRow> choose_gpus(const std::vector<std::string>& named,
                                const std::vector<GpuRow>& found);

}  // namespace berth::cli
