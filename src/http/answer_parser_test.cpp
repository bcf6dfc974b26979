#include "http/answer_parser.hpp"

#include <gtest/gtest.h>

#include <random>

namespace berth::http {
namespace {

struct Outcome {
  bool accepted = false;
  bool done = false;
  int status = 0;
  bool reusable = false;
  std::string body;
  bool operator==(const Outcome&) const = default;
};

Outcome feed(AnswerParser& parser, std::string_view bytes, std::size_t piece) {
  Outcome outcome{.accepted = true};
  for (std::size_t at = 0; at < bytes.size() && outcome.accepted; at += piece) {
    outcome.accepted = parser.put(bytes.substr(at, piece)).has_value();
    outcome.body += parser.take_body();
  }
  if (!outcome.accepted) return {};
  if (!parser.is_done()) outcome.accepted = parser.put_eof().has_value();
  if (!outcome.accepted) return {};
  outcome.done = parser.is_done();
  outcome.status = parser.status();
  outcome.reusable = parser.is_reusable();
  return outcome;
}

Outcome parse(std::string_view bytes, std::size_t piece = 1'000'000) {
  AnswerParser parser;
  return feed(parser, bytes, piece);
}

const std::string kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST(AnswerParserTest, ReadsTheThreeFramingsInPiecesOfAnySize) {
  const std::string sized = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello";
  const std::string chunked = kChunked + "3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n";
  const std::string until_close = "HTTP/1.1 200 OK\r\n\r\nhello";
  for (std::size_t piece = 1; piece <= 80; ++piece) {
    EXPECT_EQ(parse(sized, piece), (Outcome{true, true, 404, true, "hello"})) << piece;
    EXPECT_EQ(parse(chunked, piece), (Outcome{true, true, 200, true, "hello"})) << piece;
    EXPECT_EQ(parse(until_close, piece), (Outcome{true, true, 200, false, "hello"})) << piece;
  }
}

TEST(AnswerParserTest, AnEmptyChunkedBodyMayComeInAnyPieces) {
  for (std::size_t piece = 1; piece <= 8; ++piece) {
    EXPECT_EQ(parse(kChunked + "0\r\n\r\n", piece), (Outcome{true, true, 200, true, ""})) << piece;
  }
}

TEST(AnswerParserTest, ConnectionCloseIsNotReusable) {
  EXPECT_FALSE(parse("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").reusable);
  EXPECT_FALSE(parse("HTTP/1.0 204 No Content\r\n\r\n").reusable);
  EXPECT_TRUE(parse("HTTP/1.1 204 No Content\r\n\r\n").reusable);
}

TEST(AnswerParserTest, TheAnswerToHeadHasNoBody) {
  AnswerParser parser({}, AnswerParser::To::kHead);
  EXPECT_TRUE(parser.put("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
  EXPECT_TRUE(parser.is_done());
}

TEST(AnswerParserTest, BehindAnUpgradeIsNoHttpAnyMore) {
  AnswerParser parser({}, AnswerParser::To::kUpgrade);
  EXPECT_TRUE(parser.put("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n"));
  EXPECT_FALSE(parser.is_upgraded());
  EXPECT_TRUE(parser.put("\r\nHTTP/1.1 no"));
  EXPECT_TRUE(parser.is_upgraded());
  EXPECT_EQ(parser.take_rest(), "HTTP/1.1 no");
  EXPECT_FALSE(AnswerParser().put("HTTP/1.1 101 UPGRADED\r\n\r\n")) << "nobody asked for it";
}

TEST(AnswerParserTest, CutAnswersAreUnknown) {
  const std::string sized = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  const std::string chunked = kChunked + "5\r\nhello\r\n0\r\n\r\n";
  for (const auto& whole : {sized, chunked}) {
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      AnswerParser parser;
      ASSERT_TRUE(parser.put(whole.substr(0, cut)));
      ASSERT_FALSE(parser.is_done());
      auto ended = parser.put_eof();
      ASSERT_FALSE(ended);
      EXPECT_EQ(ended.error().code, ErrorCode::kUnknown);
    }
  }
}

TEST(AnswerParserTest, RefusesWhatBreaksTheProtocol) {
  for (std::string bytes : {
           "GET / HTTP/1.1\r\n\r\n",
           "HTTP/2.0 200 OK\r\n\r\n",
           "HTTP/1.1 abc OK\r\n\r\n",
           "\x15\x03\x01 a TLS server answers so\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
           "HTTP/1.1 100 Continue\r\n\r\n",
           "HTTP/1.1 101 Switching\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!",
           "HTTP/1.1 204 No Content\r\n\r\nx",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
       }) {
    for (std::size_t piece : {1, 7, 1'000}) {
      AnswerParser parser;
      Result<> result;
      for (std::size_t at = 0; at < bytes.size() && result; at += piece) {
        result = parser.put(std::string_view(bytes).substr(at, piece));
      }
      ASSERT_FALSE(result) << bytes << " " << piece;
      EXPECT_EQ(result.error().code, ErrorCode::kInternal);
    }
  }
}

TEST(AnswerParserTest, HeadersAreBoundedHoweverTheyCome) {
  for (const std::string& field : {std::string("A: b\r\n"), "A: " + std::string(100'000, 'b')}) {
    for (std::size_t piece : {6, 4'096, 100'000}) {
      AnswerParser parser;
      Result<> result = parser.put("HTTP/1.1 200 OK\r\n");
      std::size_t sent = 0;
      std::string all;
      while (all.size() < 10 * 1024 * 1024) all += field;
      while (result && sent < all.size()) {
        result = parser.put(std::string_view(all).substr(sent, piece));
        sent += piece;
      }
      ASSERT_FALSE(result);
      EXPECT_LE(sent, 2 * limits::kEngineHeaderBytes + piece);
    }
  }
}

TEST(AnswerParserTest, BodiesAreBoundedHoweverTheyCome) {
  EXPECT_FALSE(parse("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n").accepted);
  EXPECT_FALSE(parse("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n").accepted);
  EXPECT_FALSE(parse(kChunked + "40000000\r\n").accepted);
  EXPECT_FALSE(parse(kChunked + "ffffffffffffffff\r\n").accepted);
  EXPECT_FALSE(
      parse("HTTP/1.1 200 OK\r\n\r\n" + std::string(limits::kEngineBodyBytes + 1, 'x'), 10'000)
          .accepted);
  EXPECT_FALSE(parse(kChunked + "1;" + std::string(1'000'000, 'x'), 10'000).accepted);
  EXPECT_FALSE(
      parse(kChunked + "0\r\n" + std::string(1'000'000, 'x') + "\r\n\r\n", 10'000).accepted);
  AnswerParser parser({.body_bytes = 100});
  std::string chunks;
  for (int i = 0; i < 101; ++i) chunks += "1\r\nx\r\n";
  EXPECT_TRUE(parser.put(kChunked));
  EXPECT_FALSE(parser.put(chunks));
}

TEST(AnswerParserTest, ABodyWithoutEndIsTakenAsItComes) {
  AnswerParser parser({.body_bytes = std::nullopt});
  ASSERT_TRUE(parser.put(kChunked));
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(parser.put("1000\r\n" + std::string(0x1000, 'x') + "\r\n"));
    ASSERT_EQ(parser.take_body().size(), 0x1000u);
  }
  EXPECT_FALSE(parser.is_done());
}

TEST(AnswerParserTest, WhatIsSentAtOnceOrByteByByteIsUnderstoodAlike) {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  const std::string whole[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nApi-Version: 1.41\r\n\r\n{\"Id\":\"abc\"}",
      kChunked + "3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\nTrailer: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nConnection: close\r\nServer:\r\n folded\r\n\r\n{}",
  };
  const std::string_view splices[] = {"\r\n", "\r",      "\n", "0", "\r\n\r\n", ":",
                                      ";",    "chunked", "f",  " ", "\0"};
  for (int i = 0; i < 60'000; ++i) {
    std::string bytes = whole[random() % std::size(whole)];
    for (auto n = random() % 4; n > 0; --n) {
      const auto at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.insert(at, splices[random() % std::size(splices)]);
          break;
        default:
          bytes.erase(at, 1 + random() % 3);
          break;
      }
      if (bytes.empty()) bytes = "x";
    }
    ASSERT_EQ(parse(bytes), parse(bytes, 1 + random() % 5)) << bytes << " seed " << seed;
  }
}

}  // namespace
}  // namespace berth::http
