#include "secrets/workspace_credentials.hpp"

#include <crypt.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "secrets/tar.hpp"
#include "secrets/tokens.hpp"

namespace berth::secrets {
namespace {

TEST(WorkspaceCredentialsTest, RootsHashIsSha512CryptOfThePassword) {
  const auto made = hash_workspace_password("n8OMvBQeVfYmgiun");
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->root.starts_with("$6$rounds=1000$")) << made->root;
  crypt_data data{};
  EXPECT_STREQ(crypt_rn("n8OMvBQeVfYmgiun", made->root.c_str(), &data, sizeof data),
               made->root.c_str());
  EXPECT_STRNE(crypt_rn("n8OMvBQeVfYmgiuN", made->root.c_str(), &data, sizeof data),
               made->root.c_str());
}

TEST(WorkspaceCredentialsTest, JupytersHashIsSha256OfPasswordAndSalt) {
  const auto made = hash_workspace_password("secret");
  ASSERT_TRUE(made);
  const std::string salt = made->jupyter.substr(7, 16);
  EXPECT_EQ(made->jupyter, "sha256:" + salt + ":" + hash_token("secret" + salt));
  EXPECT_NE(made->jupyter, hash_workspace_password("secret")->jupyter);
}

TEST(WorkspaceCredentialsTest, RefusesWhatCryptWouldCutShort) {
  EXPECT_FALSE(hash_workspace_password(""));
  EXPECT_FALSE(hash_workspace_password(std::string_view("a\0b", 3)));
}

// The system's own tar is the judge of our archive.
TEST(WorkspaceCredentialsTest, TheArchiveIsOneThatTarReads) {
  const auto archive = workspace_credentials("n8OMvBQeVfYmgiun");
  ASSERT_TRUE(archive);
  EXPECT_EQ(archive->size() % 512, 0u);
  EXPECT_EQ(archive->find("n8OMvBQeVfYmgiun"), std::string::npos);
  std::string name = (std::filesystem::temp_directory_path() / "berth-tar-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const std::filesystem::path folder = name;
  std::ofstream(folder / "a.tar", std::ios::binary) << *archive;
  const std::string list =
      "cd " + name + " && tar --numeric-owner -tvf a.tar > list && tar -xpf a.tar";
  ASSERT_EQ(std::system(list.c_str()), 0);
  std::string line;
  std::getline(std::ifstream(folder / "list"), line);
  EXPECT_TRUE(line.starts_with("-rw------- 0/0 ")) << line;
  EXPECT_TRUE(line.ends_with(" etc/berth/credentials")) << line;
  std::ifstream file(folder / "etc/berth/credentials");
  std::string root, jupyter, rest;
  std::getline(file, root);
  std::getline(file, jupyter);
  EXPECT_TRUE(root.starts_with("root=$6$")) << root;
  EXPECT_TRUE(jupyter.starts_with("jupyter=sha256:")) << jupyter;
  EXPECT_FALSE(std::getline(file, rest));
  std::filesystem::remove_all(folder);
}

TEST(TarTest, PadsToWholeBlocksAndEndsWithTwo) {
  EXPECT_EQ(tar_with_file("f", "", 0600).size(), 512u * 3);
  EXPECT_EQ(tar_with_file("f", std::string(512, 'x'), 0600).size(), 512u * 4);
  EXPECT_EQ(tar_with_file("f", std::string(513, 'x'), 0600).size(), 512u * 5);
}

}  // namespace
}  // namespace berth::secrets
