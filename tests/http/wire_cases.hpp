#pragma once

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"

// What no reader of HTTP may understand in two ways, and what every one must understand. The table
// is read by a server that echoes (wire_test.cpp), and by Berth's own two ports (faces/), which
// answer otherwise where a handler answers at all.
namespace berth::http::wire {

enum class End { kOpen, kClosed };

struct Case {
  std::string name;
  std::string bytes;
  std::vector<int> statuses;  // of all answers, in order
  End end = End::kClosed;
  std::vector<std::string> contains = {};
  std::vector<std::string> lacks = {};
  // Where Berth's own ports answer otherwise than the echo.
  std::vector<int> on_platform = {};
  std::vector<int> on_matlab = {};  // as on the platform's port, when empty
};

inline void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

inline std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}
// GET / with these lines between Host and the empty line.
inline std::string with(std::string_view lines) {
  return "GET / HTTP/1.1\r\nHost: localhost\r\n" + std::string(lines) + "\r\n";
}
inline std::string post(std::string_view lines, std::string_view body) {
  return "POST /p HTTP/1.1\r\nHost: localhost\r\n" + std::string(lines) + "\r\n" +
         std::string(body);
}
inline std::string raw(const char* bytes, std::size_t size) { return {bytes, size}; }

inline const std::string kOneOver = std::to_string(limits::kBodyBytes + 1);

// What an attacker hides behind the first request.
inline const std::string kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

inline Case on_faces(Case c, std::vector<int> platform, std::vector<int> matlab = {}) {
  c.on_platform = std::move(platform);
  c.on_matlab = std::move(matlab);
  return c;
}

inline std::vector<Case> good_cases() {
  return {
      on_faces({"Get", get("/a?b=c"), {200}, End::kOpen, {"GET /a?b=c"}}, {404}),
      on_faces({"PostWithBody",
                post("Content-Length: 5\r\n", "hello"),
                {200},
                End::kOpen,
                {"content-length=5\nhello"}},
               {415}),
      on_faces({"PostWithoutBody", post("", ""), {200}, End::kOpen}, {404}),
      on_faces({"PostEmptyBody", post("Content-Length: 0\r\n", ""), {200}, End::kOpen}, {404}),
      on_faces({"Put",
                "PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx",
                {200},
                End::kOpen,
                {"PUT /a"}},
               {415}),
      on_faces({"Delete",
                "DELETE /a HTTP/1.1\r\nHost: localhost\r\n\r\n",
                {200},
                End::kOpen,
                {"DELETE /a"}},
               {404}),
      {"GetWithBody", with("Content-Length: 3\r\n") + "abc", {200}, End::kOpen, {"\nabc"}},
      on_faces({"BodyOfExactlyTheLimit",
                post("Content-Length: " + std::to_string(limits::kBodyBytes) + "\r\n",
                     std::string(limits::kBodyBytes, 'x')),
                {200},
                End::kOpen},
               {415}),
      on_faces({"BodyThatLooksLikeARequest",
                post("Content-Length: " + std::to_string(kSmuggled.size()) + "\r\n", kSmuggled),
                {200},
                End::kOpen,
                {},
                {"GET /smuggled?"}},
               {415}),
      on_faces(
          {"BinaryBody", post("Content-Length: 4\r\n", raw("\0\r\n\xff", 4)), {200}, End::kOpen},
          {415}),
      on_faces({"Pipelined",
                get("/1") + get("/2") + get("/3"),
                {200, 200, 200},
                End::kOpen,
                {"GET /1", "GET /2", "GET /3"}},
               {404, 404, 404}),
      on_faces(
          {"PipelinedWithBodies",
           post("Content-Length: 2\r\n", "ab") + post("Content-Length: 2\r\n", "cd") + get("/"),
           {200, 200, 200},
           End::kOpen,
           {"\nab", "\ncd"}},
          {415, 415, 200}),
      {"NothingAfterClose",
       with("Connection: close\r\n") + get("/2"),
       {200},
       End::kClosed,
       {"Connection: close"},
       {"GET /2"}},
      {"CloseInAList", with("Connection: Upgrade, Close\r\n") + get("/2"), {200}},
      {"CloseBeatsKeepAlive",
       with("Connection: keep-alive\r\nConnection: close\r\n") + get("/2"),
       {200}},
      {"KeepAliveAfterClose",
       with("Connection: close\r\nConnection: keep-alive\r\n") + get("/2"),
       {200}},
      on_faces({"Http10Closes", "GET / HTTP/1.0\r\n\r\n" + get("/2"), {200}}, {200}, {421}),
      on_faces({"Http10KeepAlive",
                "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                {200},
                End::kOpen,
                {"Connection: keep-alive"}},
               {200}, {421}),
      {"Http10WithHost", "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", {200}},
      {"UpgradeIsIgnored",
       with("Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"),
       {200},
       End::kOpen},
      on_faces({"UpgradeWithBody",
                post("Upgrade: websocket\r\nContent-Length: 3\r\n", "abc"),
                {200},
                End::kOpen,
                {"\nabc"}},
               {415}),
      on_faces(
          {"HostWithPort", "GET / HTTP/1.1\r\nHost: example.org:5000\r\n\r\n", {200}, End::kOpen},
          {200}, {421}),
      {"HostIpv6", "GET / HTTP/1.1\r\nHost: [::1]:5000\r\n\r\n", {200}, End::kOpen},
      {"NamesInAnyCase",
       "GET / HTTP/1.1\r\nhOsT: localhost\r\nX-AbC: 1\r\n\r\n",
       {200},
       End::kOpen,
       {"x-abc=1"}},
      {"NoSpaceAfterColon", with("X-A:1\r\n"), {200}, End::kOpen, {"x-a=1\n"}},
      {"BlanksAroundAValue", with("X-A: \t 1 2\t \r\n"), {200}, End::kOpen, {"x-a=1 2\n"}},
      {"EmptyValue", with("X-A:\r\n"), {200}, End::kOpen, {"x-a=\n"}},
      {"Utf8InAValue", with("X-A: \xE4\xB8\xAD\r\n"), {200}, End::kOpen, {"x-a=\xE4\xB8\xAD"}},
      {"SixtyFourFields",
       [] {
         std::string lines;
         for (int i = 0; i < 63; ++i) lines += "a: b\r\n";
         return with(lines);
       }(),
       {200},
       End::kOpen},
      {"AnswerHasOurHeaders",
       get("/"),
       {200},
       End::kOpen,
       {"Server: berth\r\n", "X-Request-Id: ", "X-Content-Type-Options: nosniff\r\n",
        "Date: ", "Content-Type: text/plain\r\n"}},
      on_faces({"ExpectWithTheBodyAlreadyThere",
                post("Expect: 100-continue\r\nContent-Length: 2\r\n", "ab"),
                {200},
                End::kOpen},
               {415}),
      {"ExpectWithoutBody", with("Expect: 100-continue\r\n"), {200}, End::kOpen},
      on_faces({"ExpectInHttp10",
                "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
                {200}},
               {415}, {421}),
  };
}

inline std::vector<Case> request_line_cases() {
  return {
      {"BareLineFeed", "GET / HTTP/1.1\nHost: h\n\n", {400}},
      {"BareLineFeedInHeader", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", {400}},
      {"BareLineFeedInAnotherHeader", with("X: abc\nY: def\r\n"), {400}},
      {"BareLineFeedLast", with("X: abc\n"), {400}},
      {"BareLineFeedAtTheEnd", "GET / HTTP/1.1\r\nHost: localhost\r\n\n", {400}},
      {"BareCarriageReturn", "GET / HTTP/1.1\rHost: localhost\r\n\r\n", {400}},
      {"CarriageReturnTwice", "GET / HTTP/1.1\r\r\nHost: localhost\r\n\r\n", {400}},
      {"LeadingEmptyLine", "\r\n" + get("/"), {400}},
      {"LeadingSpace", " " + get("/"), {400}},
      {"TlsHello", raw("\x16\x03\x01\x02\x00\x01", 6), {400}},
      {"SshBanner", "SSH-2.0-OpenSSH_9.2\r\n", {400}},
      {"NulFirst", raw("\0", 1) + get("/"), {400}},
      {"NulInTarget", raw("GET /a\0b HTTP/1.1\r\nHost: localhost\r\n\r\n", 30), {400}},
      {"ControlInTarget", get("/a\x01"), {400}},
      {"HighByteInTarget", get("/\xC3\xA9"), {400}},
      {"TabInsteadOfSpace", "GET\t/\tHTTP/1.1\r\nHost: localhost\r\n\r\n", {400}},
      {"TwoSpaces", "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}},
      {"TwoSpacesBeforeVersion", "GET /  HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}},
      {"SpaceInTarget", get("/a b"), {400}},
      {"SpaceAtTheEnd", "GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n", {400}},
      {"NoVersion", "GET /\r\n\r\n", {400}},
      {"OnlyAMethod", "GET\r\n\r\n", {400}},
      {"NoTarget", "GET HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}},
      {"LowerCaseVersion", "GET / http/1.1\r\nHost: localhost\r\n\r\n", {400}},
      {"VersionWithMore", "GET / HTTP/1.10\r\nHost: localhost\r\n\r\n", {400}},
      {"VersionWithJunk", "GET / HTTP/1.x\r\nHost: localhost\r\n\r\n", {400}},
      {"VersionTwo", "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", {505}},
      {"VersionZeroNine", "GET / HTTP/0.9\r\nHost: localhost\r\n\r\n", {505}},
      {"VersionOneTwo", "GET / HTTP/1.2\r\nHost: localhost\r\n\r\n", {505}},
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505}},
      {"MethodConnect", "CONNECT h:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", {501}},
      {"MethodOptionsOfNoPath", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}},
      {"MethodLowerCase", "get / HTTP/1.1\r\nHost: localhost\r\n\r\n", {501}},
      {"MethodUnknown", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n" + kSmuggled, {501}},
      {"MethodNoToken", "G(T / HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}},
      {"AbsoluteForm", get("http://h/"), {400}},
      {"AbsoluteFormHttps", get("https://evil/"), {400}},
      {"AsteriskForm", get("*"), {400}},
      {"AuthorityForm", get("h:80"), {400}},
      {"RelativeTarget", get("a"), {400}},
      on_faces({"TargetOfTheLimit", get("/" + std::string(4095, 'a')), {200}, End::kOpen}, {404}),
      {"TargetOverTheLimit", get("/" + std::string(4096, 'a')), {414}},
      {"TargetFarOverTheLimit", get("/" + std::string(15'000, 'a')), {414}},
      {"TargetThatDoesNotEnd", "GET /" + std::string(20'000, 'a'), {414}},
      {"MethodThatDoesNotEnd", std::string(20'000, 'A'), {414}},
  };
}

inline std::vector<Case> header_cases() {
  std::string many;
  for (int i = 0; i < 64; ++i) many += "a: b\r\n";
  std::string cookies;
  for (int i = 0; i < 300; ++i) cookies += "Cookie: a=b\r\n";
  return {
      {"NoHost", "GET / HTTP/1.1\r\n\r\n", {400}},
      {"TwoHosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", {400}},
      {"TwoHostsInHttp10", "GET / HTTP/1.0\r\nHost: localhost\r\nHost: i\r\n\r\n", {400}},
      {"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n", {400}},
      {"HostList", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", {400}},
      {"HostWithUser", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", {400}},
      {"HostWithPath", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", {400}},
      {"HostWithSpace", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", {400}},
      {"HostTooLong", "GET / HTTP/1.1\r\nHost: " + std::string(300, 'h') + "\r\n\r\n", {400}},
      {"Folded", with("X-A: 1\r\n 2\r\n"), {400}},
      {"FoldedByTab", with("X-A: 1\r\n\t2\r\n"), {400}},
      {"FoldedFirst", "GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", {400}},
      {"SpaceBeforeColon", with("X-A : 1\r\n"), {400}},
      {"TabBeforeColon", with("X-A\t: 1\r\n"), {400}},
      {"NoColon", with("X-A\r\n"), {400}},
      {"EmptyName", with(": 1\r\n"), {400}},
      {"SpaceInName", with("X A: 1\r\n"), {400}},
      {"NameNoToken", with("X(A): 1\r\n"), {400}},
      {"NameWithHighByte", with("X-\xC3\xA9: 1\r\n"), {400}},
      {"NulInName", "GET / HTTP/1.1\r\nHost: localhost\r\n" + raw("X\0A: 1\r\n\r\n", 10), {400}},
      {"NulInValue", "GET / HTTP/1.1\r\nHost: localhost\r\n" + raw("X: a\0b\r\n\r\n", 10), {400}},
      {"ControlInValue",
       with("X: a\x01"
            "b\r\n"),
       {400}},
      {"EscapeInValue", with("X: \x1b[2J\r\n"), {400}},
      {"DeleteInValue", with("X: \x7f\r\n"), {400}},
      {"CarriageReturnInValue", with("X: a\rb\r\n"), {400}},
      {"CarriageReturnBeforeTheEnd", with("X: a\r\r\n"), {400}},
      {"SixtyFiveFields", with(many), {431}},
      {"CookieFlood", with(cookies), {431}},
      {"HeaderTooLarge", with("X: " + std::string(17'000, 'a') + "\r\n"), {431}},
      {"HeaderThatDoesNotEnd",
       "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(40'000, 'a'),
       {431}},
      {"HeaderOfManyLongLines",
       with([] {
         std::string lines;
         for (int i = 0; i < 20; ++i) lines += "X: " + std::string(900, 'a') + "\r\n";
         return lines;
       }()),
       {431}},
      {"ExpectSomethingElse", post("Expect: 200-maybe\r\nContent-Length: 1\r\n", "x"), {417}},
      {"ExpectTooMuch",
       post("Expect: 100-continue\r\nContent-Length: " + kOneOver + "\r\n", ""),
       {413},
       End::kClosed,
       {},
       {"100 Continue"}},
  };
}

inline std::vector<Case> smuggling_cases() {
  const std::string chunk = "0\r\n\r\n";
  return {
      {"LengthThenChunked",
       post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunk + kSmuggled),
       {411}},
      {"ChunkedThenLength",
       post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunk + kSmuggled),
       {411}},
      {"Chunked", post("Transfer-Encoding: chunked\r\n", chunk + kSmuggled), {411}},
      {"ChunkedTwice",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunk),
       {411}},
      {"ChunkedList", post("Transfer-Encoding: chunked, chunked\r\n", chunk), {411}},
      {"ChunkedIdentity", post("Transfer-Encoding: chunked, identity\r\n", chunk), {411}},
      {"Gzip", post("Transfer-Encoding: gzip\r\n", kSmuggled), {411}},
      {"Identity", post("Transfer-Encoding: identity\r\nContent-Length: 38\r\n", kSmuggled), {411}},
      {"XChunked", post("Transfer-Encoding: xchunked\r\nContent-Length: 38\r\n", kSmuggled), {411}},
      {"ChunkedUpperCase", post("TRANSFER-ENCODING: CHUNKED\r\n", chunk), {411}},
      {"ChunkedNoSpace", post("Transfer-Encoding:chunked\r\n", chunk), {411}},
      {"ChunkedTab", post("Transfer-Encoding:\tchunked\r\n", chunk), {411}},
      {"ChunkedVerticalTab",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n",
            chunk),
       {400}},
      {"ChunkedSpaceColon", post("Transfer-Encoding : chunked\r\n", chunk), {400}},
      {"ChunkedFolded", post("Transfer-Encoding:\r\n chunked\r\n", chunk), {411}},
      {"ChunkedHiddenByFold", post("X: y\r\n Transfer-Encoding: chunked\r\n", chunk), {400}},
      {"ChunkedBehindBareCr", post("X: y\rTransfer-Encoding: chunked\r\n", chunk), {400}},
      {"ChunkedQuoted", post("Transfer-Encoding: \"chunked\"\r\n", chunk), {411}},
      {"ChunkedEmpty", post("Transfer-Encoding:\r\n", chunk), {411}},
      {"ChunkedInHttp10",
       "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + kSmuggled,
       {411}},
      {"ChunkedWithTrailers",
       post("Transfer-Encoding: chunked\r\n", "0\r\nCookie: username=root\r\nHost: x\r\n\r\n"),
       {411}},
      {"ChunkExtension",
       post("Transfer-Encoding: chunked\r\n",
            "1;" + std::string(100'000, 'x') + "\r\na\r\n0\r\n\r\n"),
       {411}},
      {"ChunkedGet", with("Transfer-Encoding: chunked\r\n") + chunk, {411}},
      {"TwoLengths", post("Content-Length: 0\r\nContent-Length: 38\r\n", kSmuggled), {400}},
      {"TwoEqualLengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), {400}},
      {"LengthList", post("Content-Length: 3, 3\r\n", "abc"), {400}},
      {"LengthPlus", post("Content-Length: +3\r\n", "abc"), {400}},
      {"LengthMinus", post("Content-Length: -1\r\n", "abc"), {400}},
      {"LengthHex", post("Content-Length: 0x3\r\n", "abc"), {400}},
      {"LengthEmpty", post("Content-Length:\r\n", "abc"), {400}},
      {"LengthFraction", post("Content-Length: 3.0\r\n", "abc"), {400}},
      {"LengthExponent", post("Content-Length: 1e1\r\n", "abc"), {400}},
      {"LengthUnderscore", post("Content-Length: 1_0\r\n", "abc"), {400}},
      {"LengthInnerSpace", post("Content-Length: 1 0\r\n", "abc"), {400}},
      {"LengthQuoted", post("Content-Length: \"3\"\r\n", "abc"), {400}},
      {"LengthLeadingZero", post("Content-Length: 03\r\n", "abc"), {400}},
      {"LengthFullWidth", post("Content-Length: \xEF\xBC\x93\r\n", "abc"), {400}},
      {"LengthSpaceColon", post("Content-Length : 3\r\n", "abc"), {400}},
      {"LengthFolded", post("Content-Length:\r\n 3\r\n", "abc"), {400}},
      {"LengthOverflow", post("Content-Length: 18446744073709551617\r\n", "a"), {413}},
      {"LengthVeryLong", post("Content-Length: " + std::string(1000, '9') + "\r\n", "a"), {413}},
      {"LengthOneOver", post("Content-Length: " + kOneOver + "\r\n", ""), {413}},
      {"LengthTenGigabytes", post("Content-Length: 10000000000\r\n", "x"), {413}},
      {"BodyOverTheLimitSent",
       post("Content-Length: 200000\r\n", std::string(200'000, 'x')),
       {413}},
      on_faces({"PipelinedBehindAnError",
                get("/1") + "GET / HTTP/1.1\r\nHost : h\r\n\r\n" + kSmuggled,
                {200, 400}},
               {404, 400}),
      {"ErrorAnswerIsJson",
       "GET / HTTP/1.1\r\n\r\n",
       {400},
       End::kClosed,
       {"{\"error\":\"no Host field\"}", "Connection: close\r\n",
        "Content-Type: application/json\r\n"}},
  };
}

inline std::vector<Case> traversal_cases() {
  std::vector<Case> cases;
  const auto refuse = [&cases](std::string name, std::string_view target) {
    cases.push_back({"Path" + std::move(name), get(target), {400}});
  };
  refuse("DotDot", "/../etc/passwd");
  refuse("DotDotInside", "/a/../b");
  refuse("DotDotAtTheEnd", "/a/..");
  refuse("Dot", "/./a");
  refuse("EncodedDots", "/%2e%2e/a");
  refuse("EncodedDotsUpper", "/%2E%2E/a");
  refuse("HalfEncodedDots", "/.%2e/a");
  refuse("EncodedSlash", "/..%2fa");
  refuse("EncodedSlashUpper", "/a%2Fb");
  refuse("AllEncoded", "/%2e%2e%2f");
  refuse("Backslash", "/a\\b");
  refuse("EncodedBackslash", "/a%5cb");
  refuse("DoubleSlash", "//a");
  refuse("DoubleSlashInside", "/a//b");
  refuse("EncodedNul", "/1%00");
  refuse("EncodedLineFeed", "/matlab-user-1%0A");
  refuse("EncodedCrLf", "/a%0d%0aX:%20y");
  refuse("BadEscape", "/a%zz");
  refuse("ShortEscape", "/a%4");
  refuse("UnicodeEscape", "/a%u0041");
  refuse("Overlong", "/%c0%ae%c0%ae/a");
  refuse("NotUtf8", "/%ff");
  refuse("Surrogate", "/%ed%a0%80");
  refuse("Fragment", "/a#b");
  cases.push_back(on_faces(
      {"PathDecodedOnce", get("/%252e%252e/a"), {200}, End::kOpen, {"GET /%2e%2e/a?"}}, {404}));
  cases.push_back(
      on_faces({"PathSemicolon", get("/a;x=1"), {200}, End::kOpen, {"GET /a;x=1?"}}, {404}));
  cases.push_back(
      on_faces({"PathUtf8", get("/%E4%B8%AD"), {200}, End::kOpen, {"GET /\xE4\xB8\xAD?"}}, {404}));
  cases.push_back(on_faces(
      {"PathDotsInTheQuery", get("/a?x=/../%2f//"), {200}, End::kOpen, {"GET /a?x=/../%2f//"}},
      {404}));
  return cases;
}

// What proxies in front of others act upon, and we do not; and what only looks like a field that we
// know.
inline std::vector<Case> lookalike_cases() {
  std::vector<Case> cases{
      {"LengthWithUnderscore", with("Content_Length: 60\r\n"), {200}, End::kOpen},
      {"ChunkedWithUnderscore", with("Transfer_Encoding: chunked\r\n"), {200}, End::kOpen},
      {"LengthOfAnother", with("X-Content-Length: 60\r\n"), {200}, End::kOpen},
      {"TrailersAreWanted", with("TE: trailers\r\nTrailer: Cookie\r\n"), {200}, End::kOpen},
      {"ProxyConnection", with("Proxy-Connection: close\r\n"), {200}, End::kOpen},
      {"KeepAliveParameters", with("Keep-Alive: timeout=99999\r\n"), {200}, End::kOpen},
      {"ConnectionNamesFields", with("Connection: host, cookie\r\n"), {200}, End::kOpen},
      {"ConnectionEmpty", with("Connection:\r\n"), {200}, End::kOpen},
      {"ConnectionOfCommas", with("Connection: ,, ,\r\n"), {200}, End::kOpen},
      {"ConnectionAlmostClose", with("Connection: closed\r\n"), {200}, End::kOpen},
      {"MethodOverride", with("X-HTTP-Method-Override: DELETE\r\n"), {200}, End::kOpen},
      {"UrlOverride",
       with("X-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\n"),
       {200},
       End::kOpen},
      {"RangeIsIgnored", with("Range: bytes=0-0,1-1\r\n"), {200}, End::kOpen},
      {"EncodingsAreIgnored", with("Accept-Encoding: gzip;q=1.0, *;q=0\r\n"), {200}, End::kOpen},
      {"RequestInAValue", with("X: GET /smuggled HTTP/1.1\r\n"), {200}, End::kOpen},
      {"RequestInABodyOfAGet",
       with("Content-Length: " + std::to_string(kSmuggled.size()) + "\r\n") + kSmuggled,
       {200},
       End::kOpen},
      on_faces({"LengthBehindATab", post("Content-Length:\t3\r\n", "abc"), {200}, End::kOpen},
               {415}),
      {"LengthWithMark", post("Content-Length: \xEF\xBB\xBF\x33\r\n", "abc"), {400}},
      {"LengthWithParameter", post("Content-Length: 3;q=1\r\n", "abc"), {400}},
      {"LengthInAnotherCase", post("CONTENT-LENGTH: 3\r\ncontent-length: 3\r\n", "abc"), {400}},
      {"VersionThree", "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", {505}},
      {"MethodPropfind", "PROPFIND / HTTP/1.1\r\nHost: localhost\r\n\r\n", {501}},
      {"MethodVeryLong", std::string(3'000, 'M') + " / HTTP/1.1\r\nHost: localhost\r\n\r\n", {501}},
  };
  for (const char* host :
       {"a%00", "\xE4\xB8\xAD", "a\\b", "a?b", "a#b", "a\tb", "a;b", "http://h"}) {
    cases.push_back({"HostNo" + std::to_string(cases.size()),
                     "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n",
                     {400}});
  }
  return cases;
}

inline std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (auto part : {good_cases(), request_line_cases(), header_cases(), smuggling_cases(),
                    traversal_cases(), lookalike_cases()}) {
    std::ranges::move(part, std::back_inserter(all));
  }
  return all;
}

inline std::vector<Case> split_cases() {
  const std::vector<std::string> names{
      "PostWithBody", "PipelinedWithBodies", "Chunked",      "TwoLengths",
      "NoHost",       "BareLineFeed",        "Http10Closes", "VersionTwo"};
  auto cases = all_cases();
  std::erase_if(cases,
                [&](const Case& c) { return std::ranges::find(names, c.name) == names.end(); });
  return cases;
}

}  // namespace berth::http::wire
