#pragma once

#include <optional>

#include "api/v1/v1.hpp"
#include "json/encode.hpp"

namespace berth::api::v1 {

// How things look on the wire, for somebody: the names of docs/openapi.json live here.
json::Answer device_answer(const Services& services, const Actor& actor, const DeviceBoard& board);
json::Answer image_answer(const Actor& actor, const ImageOverview& found);
json::Answer container_answer(const Services& services, const Actor& actor,
                              const ContainerProperty& found);
json::Answer operation_answer(const Operation& operation);
json::Answer room_answer(const Room& room);
json::Answer history_answer(const HistoryEntry& found);

boost::json::value time_or_null(std::optional<WallTime> at);
boost::json::value time_or_null(WallTime at);  // null for never
boost::json::value load_answer(const std::optional<Usage>& usage);
// What it and its GPUs did in the last hour, after `since`.
json::Answer usage_answer(const Services& services, const ContainerProperty& found, WallTime since);
std::string_view state_word(const ContainerRow& row);

}  // namespace berth::api::v1
