// Where engines are and where we listen, names of images, containers and people: what is accepted
// comes back from its own text and can be taken for nothing else.
#include <algorithm>

#include "core/matlab_names.hpp"
#include "core/rules.hpp"
#include "engine/arguments.hpp"
#include "engine/endpoint.hpp"
#include "fuzz.hpp"
#include "http/listen_address.hpp"
#include "settings/address.hpp"

namespace berth::fuzz {
namespace {

bool is_graphic(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

void check_endpoint(std::string_view text) {
  const auto endpoint = parse_endpoint(text);
  if (!endpoint) {
    require(endpoint.error().code == ErrorCode::kInvalid && !endpoint.error().message.empty(),
            "why");
    return;
  }
  require(is_graphic(to_string(*endpoint)), "one word");
  require(!endpoint->host.starts_with('-') && !endpoint->user.starts_with('-'), "no option");
  const auto again = parse_endpoint(to_string(*endpoint));
  require(again && *again == *endpoint, "there and back");
  const bool leaves = endpoint->kind == EndpointKind::kTcp && !is_loopback(endpoint->host);
  require(!leaves || !check_secured(*endpoint, false), "nothing in the clear to elsewhere");
}

void check_listen(std::string_view text) {
  const auto listen = parse_listen_address(text);
  const auto native = http::parse_listen_address(text);
  require(!listen || native, "what the settings accept can be listened on");
  if (!listen) return;
  require(is_ip_address(listen->ip), "a number");
  const bool is_v6 = listen->ip.contains(':');
  const std::string again =
      (is_v6 ? "[" + listen->ip + "]" : listen->ip) + ":" + std::to_string(listen->port);
  require(parse_listen_address(again) == *listen, "there and back");
  require(contains(*parse_network(listen->ip), listen->ip), "a network of one has its one");
}

void check_network(std::string_view text) {
  const auto network = parse_network(text);
  if (!network) return;
  require(contains(*network, network->ip), "a network has its own address");
  require(contains(*parse_network("0.0.0.0/0"), network->ip) !=
              contains(*parse_network("::/0"), network->ip),
          "an address is of one kind");
}

void check_names(std::string_view text) {
  const std::string_view all = "/ \t\r\n?#%\\";
  if (check_container(text)) {
    require(is_graphic(text) && text.find_first_of(all) == text.npos, "one segment of a path");
    require(text != "." && text != ".." && !text.starts_with('-'), "no other name");
  }
  if (check_image(text)) {
    require(is_graphic(text) && !text.contains("..") && !text.starts_with('-'), "an image");
    if (const auto tag = split_tag(text)) {
      require(!tag->repository.empty() && !tag->tag.empty(), "both parts");
      const std::string whole = tag->repository + ":" + tag->tag;
      const auto again = split_tag(whole);
      // The tag that was left out can make it too long.
      require(!check_image(whole) ||
                  (again && again->repository == tag->repository && again->tag == tag->tag),
              "there and back");
    }
  }
  if (check_label(text)) require(is_graphic(text) && !text.contains('"'), "a label");
  if (check_change(text)) require(!text.contains('\n') && !text.contains('\0'), "one line");
}

void check_people(std::string_view text) {
  if (rules::check_user_name(text)) {
    require(is_graphic(text) && text.find_first_of(";,\"\\=") == text.npos, "a cookie's value");
  }
  if (rules::check_email(text)) require(is_graphic(text) && text.contains('@'), "an address");
  if (rules::check_name("name", text)) {
    require(!text.empty() && text.size() <= 4 * 64, "a name in bounds");
    require(std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }),
            "one line");
    require(rules::check_session_id(text).has_value(), "a name would do there too");
  }
  const auto user = matlab_names::parse_container_id(text);
  require(!user || matlab_names::container_id(*user) == text, "exactly one text a user");
}

void check(std::string_view input) {
  check_endpoint(input);
  check_listen(input);
  check_network(input);
  check_names(input);
  check_people(input);
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
