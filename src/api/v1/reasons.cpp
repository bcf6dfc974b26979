#include "api/v1/reasons.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "api/v1/details_zh.hpp"

namespace berth::api::v1 {
namespace {

constexpr Reason kReasons[] = {
    {"invalid", 400, "The request is not valid.", "请求无效。"},
    {"not_logged_in", 401, "You are not logged in.", "您尚未登录。"},
    {"wrong_credentials", 401, "The user name or the password is wrong.", "用户名或密码错误。"},
    {"forbidden", 403, "You may not do this.", "您无权执行此操作。"},
    {"cross_site", 403, "A page of another site may not do this.",
     "不允许其他网站的页面执行此操作。"},
    {"not_found", 404, "There is no such thing, or it is not yours.", "不存在，或不属于您。"},
    {"method_not_allowed", 405, "This address does not take that method.",
     "该地址不支持此请求方法。"},
    {"timeout", 408, "The request took too long to arrive.", "请求传输超时。"},
    {"name_taken", 409, "The user name or the e-mail address is taken.", "用户名或邮箱已被使用。"},
    {"already_running", 409, "The container is running already.", "容器已在运行。"},
    {"already_stopped", 409, "The container is stopped already.", "容器已停止。"},
    {"busy", 409, "Something else is being done with it; try again when that has ended.",
     "正在执行其他操作，请等待其完成后再试。"},
    {"cpu_or_memory_not_enough", 409, "The device has not enough CPU or memory left.",
     "设备剩余的 CPU 或内存不足。"},
    {"gpu_not_available", 409, "The GPU is not available.", "该 GPU 不可用。"},
    {"limit_reached", 409, "There are as many as there may be; remove one first.",
     "数量已达上限，请先删除一些。"},
    {"image_in_use", 409, "Containers stand on this image, so it cannot be deleted.",
     "仍有容器基于此镜像，无法删除。"},
    {"too_large", 413, "The request is too large.", "请求过大。"},
    {"unsupported_media_type", 415, "The body must be sent as application/json.",
     "请求正文必须为 application/json。"},
    {"misdirected", 421, "This server does not go by that name.", "服务器名称不匹配。"},
    {"too_many_attempts", 429, "Too many attempts; wait a while.", "尝试次数过多，请稍后再试。"},
    {"headers_too_large", 431, "The request's header is too large.", "请求头过大。"},
    {"registration_closed", 403, "Registration is closed; ask an admin for an account.",
     "注册已关闭，请联系管理员开通账号。"},
    {"wrong_code", 403, "The code is wrong, or has been used.", "验证码错误或已被使用。"},
    {"internal", 500, "Something went wrong in Berth itself; its log says what.",
     "Berth 内部出错，详情见日志。"},
    {"not_implemented", 501, "Berth does not understand this kind of request.", "不支持此类请求。"},
    {"engine_refused", 502, "The device's Docker Engine refused.",
     "设备上的 Docker 引擎拒绝了请求。"},
    {"unavailable", 503, "Berth cannot do this just now; try again.", "暂时无法执行，请稍后再试。"},
    {"image_missing", 502,
     "The device's Docker Engine does not have this image any more, and Berth fetches none: an "
     "admin can get it there with docker pull.",
     "设备上的 Docker 引擎已没有这个镜像，Berth 不会自动下载：请管理员在该设备上执行 docker "
     "pull。"},
    {"device_draining", 503, "The device takes nothing new: an admin is emptying it.",
     "该设备已被管理员设为暂不接收新容器。"},
    {"device_retired", 503,
     "The device is not in Berth's settings any more; an admin can put it back.",
     "该设备已不在 Berth 的设置中，可请管理员恢复。"},
    {"device_unreachable", 503, "The device cannot be reached.", "无法连接到设备。"},
    {"outcome_unknown", 504, "The device did not answer; whether it was done is not known yet.",
     "设备没有响应，操作结果尚不明确。"},
    {"version_not_supported", 505, "This HTTP version is not served.", "不支持该 HTTP 版本。"},
};

// From an error's code and how its message begins. The first that fits counts; an empty beginning
// fits all.
struct Rule {
  ErrorCode code;
  std::string_view begins;
  std::string_view reason;
};
constexpr Rule kRules[] = {
    {ErrorCode::kInvalid, "", "invalid"},
    {ErrorCode::kUnauthenticated, "Invalid username or password", "wrong_credentials"},
    {ErrorCode::kUnauthenticated, "", "not_logged_in"},
    {ErrorCode::kForbidden, "registration is closed", "registration_closed"},
    {ErrorCode::kForbidden, "code:", "wrong_code"},
    {ErrorCode::kForbidden, "", "forbidden"},
    {ErrorCode::kNotFound, "", "not_found"},
    {ErrorCode::kConflict, "Username or email", "name_taken"},
    {ErrorCode::kConflict, "container already running", "already_running"},
    {ErrorCode::kConflict, "container already stopped", "already_stopped"},
    {ErrorCode::kConflict, "some containers is based", "image_in_use"},
    {ErrorCode::kConflict, "", "busy"},
    {ErrorCode::kExhausted, "cpu or memory", "cpu_or_memory_not_enough"},
    {ErrorCode::kExhausted, "gpu ", "gpu_not_available"},
    {ErrorCode::kExhausted, "", "limit_reached"},
    {ErrorCode::kTooLarge, "", "too_large"},
    {ErrorCode::kTooMany, "", "too_many_attempts"},
    {ErrorCode::kRefused, "", "engine_refused"},
    {ErrorCode::kUnavailable, "the database", "unavailable"},
    {ErrorCode::kUnavailable, "database", "unavailable"},
    {ErrorCode::kUnavailable, "the disk", "unavailable"},
    {ErrorCode::kUnavailable, "too many", "unavailable"},
    {ErrorCode::kUnavailable, "too much", "unavailable"},
    {ErrorCode::kUnavailable, "its turn", "unavailable"},
    {ErrorCode::kUnavailable, "no memory", "unavailable"},
    {ErrorCode::kUnavailable, "the device takes nothing new", "device_draining"},
    {ErrorCode::kUnavailable, "the device is not in the settings", "device_retired"},
    {ErrorCode::kUnavailable, "", "device_unreachable"},
    {ErrorCode::kUnknown, "", "outcome_unknown"},
    {ErrorCode::kInternal, "", "internal"},
};

// "name: rule" -> its two parts; an empty name where the message is about no field.
std::pair<std::string_view, std::string_view> split_field(std::string_view message) {
  const auto colon = message.find(": ");
  if (colon == std::string_view::npos) return {{}, message};
  const std::string_view name = message.substr(0, colon);
  const bool is_name = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  });
  if (!is_name) return {{}, message};
  return {name, message.substr(colon + 2)};
}

json::Answer body_of(const Reason& why) {
  return {{"type", "about:blank"},
          {"status", why.status},
          {"code", why.code},
          {"title", why.english},
          {"title_zh", why.chinese}};
}

}  // namespace

std::span<const Reason> reasons() { return kReasons; }

const Reason& reason(std::string_view code) {
  const auto* found = std::ranges::find(kReasons, code, &Reason::code);
  assert(found != std::end(kReasons) && "a reason must stand in the table");
  return *found;
}

const Reason& reason_for(const Error& error) {
  if (error.code == ErrorCode::kRefused && error.details.starts_with("No such image"))
    return reason("image_missing");
  const auto* rule = std::ranges::find_if(kRules, [&](const Rule& candidate) {
    return candidate.code == error.code && error.message.starts_with(candidate.begins);
  });
  return reason(rule == std::end(kRules) ? "internal" : rule->reason);
}

json::Answer problem_body(const Error& error) {
  const Reason& why = reason_for(error);
  json::Answer body = body_of(why);
  if (error.code == ErrorCode::kInvalid || why.code == "wrong_code") {
    const auto [field, rule] = split_field(error.message);
    body["detail"] = rule;
    if (!field.empty()) body["field"] = field;
  } else if (!error.details.empty()) {
    body["detail"] = error.details;
  } else if (why.code == "gpu_not_available" || why.code == "limit_reached" ||
             why.code == "too_many_attempts") {
    body["detail"] = error.message;
  }
  const auto* detail = body.if_contains("detail");
  if (detail == nullptr) return body;
  if (auto chinese = detail_zh(detail->as_string())) body["detail_zh"] = *chinese;
  return body;
}

http::Response problem_response(int status, json::Answer body) {
  return {.status = status,
          .body = json::encode(body),
          .content_type = "application/problem+json",
          .headers = {{"Cache-Control", "no-store"}}};
}

http::Response problem(const http::Request& request, const Error& error) {
  json::Answer body = problem_body(error);
  body["request_id"] = request.id;
  return problem_response(reason_for(error).status, std::move(body));
}

http::Response problem(const http::Request& request, std::string_view code) {
  json::Answer body = body_of(reason(code));
  body["request_id"] = request.id;
  return problem_response(reason(code).status, std::move(body));
}

http::Response refusal(int status, std::string_view detail) {
  const auto* found = std::ranges::find_if(kReasons, [status](const Reason& candidate) {
    return candidate.status == status && candidate.code != "forbidden";
  });
  const Reason& why = found == std::end(kReasons) ? reason("invalid") : *found;
  json::Answer body = body_of(why);
  body["status"] = status;
  body["detail"] = detail;
  return problem_response(status, std::move(body));
}

std::optional<json::Answer> reason_of(const std::string& why) {
  auto say = [](std::string_view code, std::string english, std::string chinese) {
    return std::optional(json::Answer{{"code", code}, {"text", english}, {"text_zh", chinese}});
  };
  if (why.empty() || why == "ok" || why == "stopped on request") return std::nullopt;
  if (why == "out of memory") {
    return say("out_of_memory", "It used more memory than it had and was ended by the system.",
               "内存用尽，被系统终止。");
  }
  constexpr std::string_view kEnded = "ended by itself, exit code ";
  if (why.starts_with(kEnded)) {
    const std::string code = why.substr(kEnded.size());
    return say("exited", "It ended by itself, with exit code " + code + ".",
               "已自行结束，退出码 " + code + "。");
  }
  if (why.starts_with("removed outside Berth")) {
    return say("removed_outside", "It was removed outside Berth; the files in /workspace are kept.",
               "已在 Berth 之外被删除；/workspace 中的文件仍保留。");
  }
  if (why.starts_with("paused outside Berth")) {
    return say("paused_outside", "It was paused outside Berth; start lets it go on.",
               "已在 Berth 之外被暂停；启动即可继续运行。");
  }
  return say("start_failed", "It could not be started: " + why, "无法启动：" + why);
}

}  // namespace berth::api::v1
