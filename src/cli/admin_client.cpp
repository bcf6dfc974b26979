#include "cli/admin_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <exception>
#include <optional>

#include "http/client.hpp"

namespace berth::cli {
namespace {

constexpr auto kPatience = std::chrono::minutes(11);  // saving an image may take ten

Task<Result<http::ClientResponse>> exchange(boost::asio::io_context& io, std::string socket_path,
                                            http::ClientRequest request) {
  http::Client client(io, "unix://" + socket_path);
  co_return co_await client.send(std::move(request));
}

Result<http::ClientResponse> run(std::string socket_path, http::ClientRequest request) {
  boost::asio::io_context io(1);
  std::optional<Result<http::ClientResponse>> response;
  boost::asio::co_spawn(io, exchange(io, std::move(socket_path), std::move(request)),
                        [&](std::exception_ptr error, Result<http::ClientResponse> result) {
                          if (!error) response = std::move(result);
                        });
  io.run();
  if (!response) return fail(ErrorCode::kInternal, "the call to the server failed");
  return std::move(*response);
}

std::string text_of(const boost::json::object& body, const char* key) {
  auto found = body.find(key);
  return found != body.end() && found->value().is_string() ? std::string(found->value().as_string())
                                                           : "";
}

}  // namespace

Result<boost::json::object> AdminClient::call(const std::string& method, const std::string& target,
                                              const boost::json::object& body) const {
  http::ClientRequest request{.method = method, .target = target, .deadline = kPatience};
  if (method == "POST" || method == "PUT") {
    request.content_type = "application/json";
    request.body = boost::json::serialize(body);
  }
  auto response = run(socket_path_, std::move(request));
  if (!response && response.error().code == ErrorCode::kUnavailable) {
    return fail(ErrorCode::kUnavailable,
                "no Berth answers at " + socket_path_ +
                    "; start it with `berth serve`, or name its folder with --state-dir");
  }
  if (!response) return std::unexpected(response.error());
  boost::system::error_code error;
  auto value = boost::json::parse(response->body, error);
  if (error || !value.is_object())
    return fail(ErrorCode::kInternal, "the server's answer makes no sense");
  boost::json::object& answer = value.as_object();
  if (response->status == 200) return answer;
  return fail(ErrorCode::kRefused, text_of(answer, "error"), text_of(answer, "details"));
}

std::string percent_encode(std::string_view text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace berth::cli
