#include "protocol.hpp"

#include <boost/beast/core/detail/base64.hpp>
#include <boost/json.hpp>
#include <utility>

#include "limits.hpp"

namespace bridge {
namespace {

namespace json = boost::json;

std::string to_data_url(const std::string& png) {
  namespace base64 = boost::beast::detail::base64;
  std::string url = "data:image/png;base64,";
  const std::size_t prefix = url.size();
  url.resize(prefix + base64::encoded_size(png.size()));
  url.resize(prefix + base64::encode(url.data() + prefix, png.data(), png.size()));
  return url;
}

bool is_id(const json::value& id) {
  if (id.is_object() || id.is_array()) return false;
  return json::serialize(id).size() <= limits::kIdBytes;
}

std::optional<Op> find_op(std::string_view name) {
  if (name == "interrupt") return Op::kInterrupt;
  if (name == "restart") return Op::kRestart;
  if (name == "ping") return Op::kPing;
  return std::nullopt;
}

std::variant<Command, Control, Refusal> parse_control(json::value id, const json::value& name) {
  if (!name.is_string()) return Refusal{std::move(id), "'op' must be a string"};
  const auto op = find_op(name.get_string());
  if (!op) return Refusal{std::move(id), "'op' must be interrupt, restart or ping"};
  return Control{std::move(id), *op};
}

}  // namespace

std::variant<Command, Control, Refusal> parse_message(std::string_view message) {
  boost::system::error_code failure;
  json::value parsed = json::parse(message, failure);
  if (failure || !parsed.is_object()) return Refusal{nullptr, "the message is not a JSON object"};
  json::object& object = parsed.get_object();

  json::value id = nullptr;
  if (auto* given = object.if_contains("id")) {
    if (!is_id(*given)) return Refusal{nullptr, "'id' must be a short string or a number"};
    id = std::move(*given);
  }
  if (auto* op = object.if_contains("op")) return parse_control(std::move(id), *op);

  auto* code = object.if_contains("code");
  if (code == nullptr) return Refusal{std::move(id), "'code' is missing"};
  if (!code->is_string()) return Refusal{std::move(id), "'code' must be a string"};
  return Command{std::move(id), std::string(code->get_string())};
}

std::string write_answer(const Answer& answer) {
  json::object object{{"id", answer.id}, {"stdout", answer.out}, {"stderr", answer.err}};
  object["error"] = answer.error ? json::value(*answer.error) : json::value(nullptr);
  object["ms"] = answer.milliseconds;
  if (answer.truncated) object["truncated"] = true;
  if (!answer.figures.empty()) {
    json::array figures;
    for (const auto& png : answer.figures) figures.emplace_back(to_data_url(png));
    object["figures"] = std::move(figures);
  }
  return json::serialize(object);
}

std::string write_refusal(const Refusal& refusal) {
  Answer answer;
  answer.id = refusal.id;
  answer.error = refusal.error;
  return write_answer(answer);
}

std::string write_live_text(const json::value& id, Stream stream, std::string_view text) {
  const char* name = stream == Stream::kStdout ? "stdout" : "stderr";
  return json::serialize(json::object{{"id", id}, {"stream", name}, {"text", text}});
}

std::string write_done(const json::value& id, std::string_view op, bool ready) {
  return json::serialize(json::object{{"id", id}, {"op", op}, {"done", true}, {"ready", ready}});
}

}  // namespace bridge
