#pragma once

#include <string>
#include <vector>

#include "../wire_cases.hpp"

// What only Berth's own ports can be asked: whose they are, who asks, and what a body may be.
namespace berth::http::wire {

inline std::string to_host(std::string_view host) {
  return "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
}

inline std::string send_json(std::string_view method, std::string_view target,
                             std::string_view body, std::string_view lines = "") {
  return std::string(method) + " " + std::string(target) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + std::string(lines) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

inline std::string ask_with(std::string_view cookie_lines) {
  return "GET /containers HTTP/1.1\r\nHost: localhost\r\n" + std::string(cookie_lines) + "\r\n";
}

inline std::vector<Case> host_cases() {
  std::vector<Case> cases;
  const auto foreign = [&cases](std::string name, std::string_view host) {
    cases.push_back(
        on_faces({"Host" + std::move(name), to_host(host), {200}, End::kOpen}, {200}, {421}));
  };
  foreign("OfAnotherSite", "evil.example");
  foreign("OfAnotherSiteWithPort", "evil.example:8080");
  foreign("ThatBeginsWithOurs", "localhost.evil.example");
  foreign("ThatBeginsWithOurAddress", "127.0.0.1.evil.example");
  foreign("ThatEndsWithOurs", "evil-localhost");
  foreign("OfAllAddresses", "0.0.0.0");
  foreign("OfAnotherLoopback", "127.0.0.2");
  foreign("OfThisNetwork", "10.0.0.1:8080");
  foreign("Ipv6OfAnother", "[2001:db8::1]:8080");
  foreign("MappedLoopback", "[::ffff:127.0.0.1]");
  cases.push_back({"HostLocalhostWithPort", to_host("localhost:1"), {200}, End::kOpen});
  cases.push_back({"HostLoopbackAddress", to_host("127.0.0.1:8080"), {200}, End::kOpen});
  cases.push_back({"ForwardedHostCountsForNothing",
                   with("X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n"),
                   {200},
                   End::kOpen});
  cases.push_back({"ForwardedForCountsForNothing",
                   with("X-Forwarded-For: 10.9.9.9\r\nX-Real-IP: 10.9.9.9\r\n"),
                   {200},
                   End::kOpen});
  return cases;
}

inline std::vector<Case> platform_cases() {
  const std::string login = R"({"username":"nobody","password":"x"})";
  const auto post_as = [&](std::string_view type, std::string_view more = "") {
    return "POST /api/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + std::string(type) +
           "\r\n" + std::string(more) + "Content-Length: 2\r\n\r\n{}";
  };
  const auto post_body = [](std::string_view body) {
    return send_json("POST", "/api/register", body);
  };
  std::string many = "Cookie: ";
  for (int i = 0; i < 65; ++i) many += "a" + std::to_string(i) + "=b;";
  return {
      {"NobodyIsLoggedIn", ask_with(""), {401}, End::kOpen, {"not logged in"}},
      {"CookieNameTwice",
       ask_with("Cookie: username=a; username=b; user_token=t\r\n"),
       {401},
       End::kOpen},
      {"CookieNameTwiceTheSame",
       ask_with("Cookie: username=a; username=a; user_token=t\r\n"),
       {401},
       End::kOpen},
      {"CookieTokenTwice",
       ask_with("Cookie: username=a; user_token=t; user_token=u\r\n"),
       {401},
       End::kOpen},
      {"CookieTwiceInTwoFields",
       ask_with("Cookie: username=a; user_token=t\r\nCookie: username=b\r\n"),
       {401},
       End::kOpen},
      {"CookieQuoted", ask_with("Cookie: username=\"a\"; user_token=\"t\"\r\n"), {401}, End::kOpen},
      {"CookieVersion",
       ask_with("Cookie: $Version=1; username=a; user_token=t\r\n"),
       {401},
       End::kOpen},
      {"CookieWithHighBytes",
       ask_with("Cookie: username=\xE4\xB8\xAD; user_token=t\r\n"),
       {401},
       End::kOpen},
      {"CookieEmpty", ask_with("Cookie:\r\n"), {401}, End::kOpen},
      {"CookieOnlySemicolons", ask_with("Cookie: ;;;; ;\r\n"), {401}, End::kOpen},
      {"CookieTooLong",
       ask_with("Cookie: a=" + std::string(9'000, 'b') + "\r\n"),
       {413},
       End::kOpen},
      {"CookiesTooMany", ask_with(many + "\r\n"), {413}, End::kOpen},
      {"Head", "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", {-1}},
      {"OtherMethod",
       "GET /api/login HTTP/1.1\r\nHost: localhost\r\n\r\n",
       {405},
       End::kOpen,
       {"Allow: POST\r\n"}},
      {"BodyOfAForm", post_as("application/x-www-form-urlencoded"), {415}, End::kOpen},
      {"BodyOfText", post_as("text/plain"), {415}, End::kOpen},
      {"BodyOfParts", post_as("multipart/form-data; boundary=x"), {415}, End::kOpen},
      {"BodyOfNoType", post("Content-Length: 2\r\n", "{}"), {415}, End::kOpen},
      {"BodyOfAlmostJson", post_as("application/jsonx"), {415}, End::kOpen},
      {"BodyOfJsonInTwoFields",
       post_as("text/plain", "Content-Type: application/json\r\n"),
       {415},
       End::kOpen},
      {"BodyOfJsonWithCharset", post_as("Application/JSON ; charset=utf-8"), {400}, End::kOpen},
      {"OriginOfAnother",
       post_as("application/json", "Origin: http://evil\r\n"),
       {403},
       End::kOpen},
      {"OriginNull", post_as("application/json", "Origin: null\r\n"), {403}, End::kOpen},
      {"OriginOfOurs",
       post_as("application/json", "Origin: http://localhost\r\n"),
       {400},
       End::kOpen},
      {"OriginThatBeginsWithOurs",
       post_as("application/json", "Origin: http://localhost.evil\r\n"),
       {403},
       End::kOpen},
      {"FetchedAcrossSites",
       post_as("application/json", "Sec-Fetch-Site: cross-site\r\n"),
       {403},
       End::kOpen},
      {"FetchedFromTheSameSite",
       post_as("application/json", "Sec-Fetch-Site: same-site\r\n"),
       {403},
       End::kOpen},
      {"FetchedFromHere",
       post_as("application/json", "Sec-Fetch-Site: same-origin\r\n"),
       {400},
       End::kOpen},
      {"GzipIsNotUndone",
       send_json("POST", "/api/register", raw("\x1f\x8b\x08\0\0\0\0\0", 8),
                 "Content-Encoding: gzip\r\n"),
       {400},
       End::kOpen},
      {"JsonCut", post_body("{\"username\":"), {400}, End::kOpen},
      {"JsonOfAList", post_body("[]"), {400}, End::kOpen},
      {"JsonWithMoreBehind", post_body("{}{}"), {400}, End::kOpen},
      {"JsonWithAMark", post_body("\xEF\xBB\xBF{}"), {400}, End::kOpen},
      {"JsonTwice",
       post_body(R"({"username":"a","username":"b"})"),
       {400},
       End::kOpen,
       {"is there twice"}},
      {"JsonTooDeep",
       post_body("{\"a\":" + std::string(17, '[') + std::string(17, ']') + "}"),
       {400},
       End::kOpen,
       {"nested too deeply"}},
      {"JsonVeryDeep", post_body("{\"a\":" + std::string(60'000, '[')), {400}, End::kOpen},
      {"JsonWithNul", post_body(R"({"username":"a\u0000b"})"), {400}, End::kOpen},
      {"JsonNotUtf8", post_body("{\"username\":\"\xFF\"}"), {400}, End::kOpen},
      {"JsonOverlong", post_body("{\"username\":\"\xC0\xAE\"}"), {400}, End::kOpen},
      {"JsonHalfASurrogate", post_body(R"({"username":"\ud800"})"), {400}, End::kOpen},
      {"JsonUtf16", post_body(raw("{\0\"\0a\0\"\0", 8)), {400}, End::kOpen},
      {"JsonNotANumber", post_body(R"({"username":NaN})"), {400}, End::kOpen},
      {"NameThatTurnsTextAround",
       post_body("{\"username\":\"a\xE2\x80\xAE\",\"password\":\"secret9\",\"email\":\"a@b\"}"),
       {400},
       End::kOpen},
      {"NameWithALineEnd",
       post_body(R"({"username":"a\r\nSet-Cookie: x=y","password":"secret9","email":"a@b"})"),
       {400},
       End::kOpen,
       {},
       {"Set-Cookie"}},
      {"IdOfNobody", get("/api/v1/containers/1"), {401}, End::kOpen},
      {"V1IsNotBelow", get("/api/v1/../../containers"), {400}},
      {"V1HasItsOwnForm", get("/api/v1/none"), {404}, End::kOpen, {"\"code\":\"not_found\""}},
      {"PageOfNoName", get("/assets/none.js"), {404}, End::kOpen},
      {"PageAboveTheRoot", get("/assets/%2e%2e/%2e%2e/etc/passwd"), {400}},
  };
}

inline std::vector<Case> matlab_cases() {
  std::vector<Case> cases;
  const auto refuse_id = [&cases](std::string name, std::string_view id, int status = 400) {
    cases.push_back({"Id" + std::move(name),
                     get("/health/" + std::string(id)),
                     {status},
                     status == 400 && id.contains("%") ? End::kClosed : End::kOpen});
  };
  refuse_id("Zero", "matlab-user-0");
  refuse_id("OneTooMany", "matlab-user-101");
  refuse_id("Negative", "matlab-user--1");
  refuse_id("LeadingZero", "matlab-user-07");
  refuse_id("LeadingPlus", "matlab-user-+7");
  refuse_id("Huge", "matlab-user-18446744073709551617");
  refuse_id("Fraction", "matlab-user-1.0");
  refuse_id("Exponent", "matlab-user-1e1");
  refuse_id("UpperCase", "MATLAB-USER-1");
  refuse_id("OtherContainer", "berth-x-1-g1");
  refuse_id("WithMore", "matlab-user-1;rm");
  refuse_id("LineFeed", "matlab-user-1%0A");
  refuse_id("Nul", "matlab-user-1%00");
  refuse_id("Slash", "matlab-user-1%2F..");
  cases.push_back({"IdFullWidth", get("/health/matlab-user-%EF%BC%91"), {400}, End::kOpen});
  cases.push_back({"IdSpace", get("/health/matlab-user-1%20"), {400}, End::kOpen});
  cases.push_back({"IdEmpty", get("/health/"), {404}, End::kOpen});
  cases.push_back({"IdTwice", get("/health/matlab-user-1/matlab-user-1"), {404}, End::kOpen});
  cases.push_back({"IdOfNoSession", get("/health/matlab-user-1"), {404}, End::kOpen});
  cases.push_back({"OtherMethod", get("/create"), {405}, End::kOpen, {"Allow: POST\r\n"}});
  const auto refuse_body = [&cases](std::string name, std::string_view body) {
    cases.push_back({"Body" + std::move(name),
                     send_json("POST", "/create", body),
                     {400},
                     End::kOpen,
                     {"\"error\""}});
  };
  refuse_body("Zero", R"({"user_id":0})");
  refuse_body("OneTooMany", R"({"user_id":101})");
  refuse_body("Text", R"({"user_id":"1"})");
  refuse_body("Truth", R"({"user_id":true})");
  refuse_body("Fraction", R"({"user_id":1.0})");
  refuse_body("Exponent", R"({"user_id":1e0})");
  refuse_body("Huge", R"({"user_id":18446744073709551617})");
  refuse_body("Twice", R"({"user_id":1,"user_id":2})");
  refuse_body("Range", R"({"user_id":"1-30"})");
  refuse_body("Nothing", "");
  refuse_body("SessionWithALineEnd", R"({"user_id":1,"session_id":"a\nb"})");
  refuse_body("SessionTooLong", R"({"user_id":1,"session_id":")" + std::string(200, 'a') + R"("})");
  cases.push_back({"CrossSiteForm",
                   "POST /create HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                   "Content-Length: 13\r\n\r\n{\"user_id\":1}",
                   {415},
                   End::kOpen});
  cases.push_back({"CrossSiteOrigin",
                   send_json("POST", "/create", R"({"user_id":1})", "Origin: http://evil\r\n"),
                   {403},
                   End::kOpen});
  return cases;
}

}  // namespace berth::http::wire
