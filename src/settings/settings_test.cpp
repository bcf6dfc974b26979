#include "settings/settings.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "settings/table.hpp"

namespace berth {
namespace {

namespace fs = std::filesystem;

const Surroundings kRoot{.home = "/root", .is_root = true};

Surroundings with(std::map<std::string, std::string> environment) {
  return {std::move(environment), "/root", true};
}

Settings defaults() { return *parse_settings("", "", kRoot); }

std::string refusal(std::string_view text, const Surroundings& surroundings = kRoot) {
  auto settings = parse_settings(text, "berth.toml", surroundings);
  if (settings) return "accepted";
  EXPECT_EQ(settings.error().code, ErrorCode::kInvalid);
  return settings.error().message;
}

std::string read(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(SettingsTest, WorkWithoutAFile) {
  const Settings s = defaults();
  EXPECT_EQ(s.state_dir, "/var/lib/berth");
  EXPECT_EQ(s.platform.listen, "127.0.0.1:5000");
  EXPECT_EQ(s.matlab.data_root, "/root/matlab_data");
  EXPECT_EQ(s.device.data_dir, "/var/lib/berth/data");
  EXPECT_EQ(s.device.publish_ip, "127.0.0.1");
  EXPECT_TRUE(s.warnings.empty());
}

TEST(SettingsTest, TheDocumentedFileIsTheDefaultsAndNamesEveryKey) {
  const std::string text = read(fs::path(BERTH_SOURCE_DIR) / "deploy/berth.toml");
  const auto settings = parse_settings(text, "berth.toml", kRoot);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(*settings, defaults());
  for (const SettingKey& key : setting_keys()) {
    const std::size_t section =
        key.section.empty() ? 0 : text.find("\n[" + std::string(key.section) + "]\n");
    ASSERT_NE(section, std::string::npos);
    const std::size_t at = text.find("\n" + std::string(key.name) + " = ", section);
    EXPECT_LT(at, text.find("\n[", section + 1)) << key.dotted();
  }
}

// The example of the documented file with the first column of "# " taken away.
std::string documented_device() {
  const std::string text = read(fs::path(BERTH_SOURCE_DIR) / "deploy/berth.toml");
  std::istringstream lines(text.substr(text.find("\n# [[devices]]\n") + 1));
  std::string example;
  for (std::string line; std::getline(lines, line) && line.starts_with("# ");)
    example += line.substr(2) + "\n";
  return example;
}

TEST(SettingsTest, TheDocumentedDeviceIsTheDefaultsAndNamesEveryKey) {
  const std::string text = documented_device();
  const auto settings = parse_settings(text, "berth.toml", kRoot);
  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_EQ(settings->devices.size(), 1u);
  EXPECT_EQ(settings->devices[0],
            (Settings::OtherDevice{.name = "gpu2",
                                   .docker_host = "tcp://gpu2.lab.example:2376",
                                   .certificates = "/etc/berth/gpu2",
                                   .ip = "gpu2.lab.example",
                                   .publish_ip = "0.0.0.0"}));
  for (const SettingKey& key : device_setting_keys())
    EXPECT_NE(text.find("\n" + std::string(key.name) + " = "), text.npos) << key.dotted();
}

constexpr char kTwo[] =
    "[[devices]]\nname = \"gpu2\"\ndocker_host = \"ssh://gpu2\"\nip = \"10.0.0.2\"\n"
    "[[devices]]\nname = \"gpu3\"\ndocker_host = \"ssh://gpu3\"\nip = \"10.0.0.3\"\n";

TEST(SettingsTest, EachOfTheOtherMachinesHasItsOwn) {
  const auto s = parse_settings(std::string(kTwo) + "publish_ip = \"0.0.0.0\"\nmax_starts = 2\n" +
                                    "certificates = \"~/gpu3\"\ngpus = [\"none\"]\n",
                                "berth.toml", kRoot);
  ASSERT_TRUE(s) << s.error().message;
  ASSERT_EQ(s->devices.size(), 2u);
  EXPECT_EQ(s->devices[0].publish_ip, "10.0.0.2");
  EXPECT_EQ(s->devices[0].max_starts, 8);
  EXPECT_EQ(s->devices[1].publish_ip, "0.0.0.0");
  EXPECT_EQ(s->devices[1].max_starts, 2);
  EXPECT_EQ(s->devices[1].certificates, "/root/gpu3");
  EXPECT_EQ(s->devices[1].gpus, std::vector<std::string>{"none"});
  EXPECT_TRUE(s->warnings.empty());
}

TEST(SettingsTest, RefusalsOfOtherMachinesNameTheirLine) {
  const std::pair<std::string, const char*> bad[] = {
      {"ipp = \"x\"", "berth.toml:9: devices.ipp: there is no such setting"},
      {"port_last = 70000",
       "berth.toml:9: devices.port_last: must be a whole number between 1 and 65535"},
      {"port_last = 5999", "berth.toml:5: devices.port_first: must not be above port_last"},
      {"data_dir = \"~/data\"",
       "berth.toml:9: devices.data_dir: must be an absolute path over there, without a colon"},
      {"data_dir = \"/a:/b\"",
       "berth.toml:9: devices.data_dir: must be an absolute path over there, without a colon"},
      {"gpus = [\"0\"]",
       "berth.toml:9: devices.gpus: each must be a GPU's UUID as nvidia-smi -L prints it, or "
       "\"none\""},
      {"gpus = [\"none\", \"GPU-11111111-aaaa-bbbb-cccc-000000000001\"]",
       "berth.toml:9: devices.gpus: \"none\" stands alone"},
      {"[[devices]]\nname = \"GPU2\"\ndocker_host = \"ssh://x\"\nip = \"x\"",
       "berth.toml:10: devices.name: another machine is called GPU2"},
      {"[[devices]]\nname = \"local\"\ndocker_host = \"ssh://x\"\nip = \"x\"",
       "berth.toml:10: devices.name: another machine is called local"},
      {"[[devices]]\nname = \"x\"\ndocker_host = \"ssh://gpu2\"\nip = \"x\"",
       "berth.toml:11: devices.docker_host: another machine has this engine"},
      {"[[devices]]\nname = \"x\"\nip = \"x\"",
       "berth.toml:9: devices.docker_host: is needed for each of the [[devices]]"},
      {"[[devices]]", "berth.toml:9: devices.name: is needed for each of the [[devices]]"},
      {"[[devices]]\nname = \"-x\"",
       "berth.toml:10: devices.name: must be 1 to 32 of letters, digits and . _ -, the first a "
       "letter or a digit"},
  };
  for (const auto& [text, message] : bad) EXPECT_EQ(refusal(kTwo + text), message);
  EXPECT_EQ(refusal("[devices]\nname = \"x\""),
            "berth.toml:2: devices.name: each machine is a [[devices]] of its own");
  EXPECT_EQ(refusal("devices = 2"),
            "berth.toml:1: devices: each machine is a [[devices]] of its own");
  EXPECT_EQ(refusal("[[platform]]\nlisten = \"127.0.0.1:1\""),
            "berth.toml:1: platform: there is no such setting");
  EXPECT_EQ(refusal("", with({{"BERTH_DEVICES_NAME", "x"}})),
            "BERTH_DEVICES_NAME: other machines are set in the file, each as a [[devices]]");
}

TEST(SettingsTest, OtherMachinesAreCounted) {
  std::string text;
  for (int i = 1; i <= 33; ++i) {
    const std::string name = "m" + std::to_string(i);
    text += "[[devices]]\nname = \"" + name + "\"\ndocker_host = \"ssh://" + name + "\"\nip = \"" +
            name + "\"\n";
    if (i == 32) {
      EXPECT_EQ(refusal(text), "accepted");
    }
  }
  EXPECT_EQ(refusal(text), "berth.toml:129: devices: no more than 32 machines");
}

TEST(SettingsTest, OthersThanRootKeepTheirStateAtHome) {
  EXPECT_EQ(parse_settings("", "", {.home = "/home/ann"})->state_dir,
            "/home/ann/.local/state/berth");
  const Surroundings xdg{.environment = {{"XDG_STATE_HOME", "/s"}}, .home = "/home/ann"};
  EXPECT_EQ(parse_settings("", "", xdg)->state_dir, "/s/berth");
  EXPECT_EQ(parse_settings("", "", xdg)->device.data_dir, "/s/berth/data");
}

TEST(SettingsTest, TheFileOverridesDefaultsAndTheEnvironmentTheFile) {
  const std::string text = "log_level = \"warn\"\n[device]\nport_last = 7000\nip = \"gpu1.lab\"\n";
  const auto s = parse_settings(text, "berth.toml",
                                with({{"BERTH_DEVICE_PORT_LAST", "6500"},
                                      {"BERTH_STATE_DIR", "~/state/"},
                                      {"BERTH_DOCKER_HOST", "unix:///run/podman/podman.sock"},
                                      {"BERTH_PLATFORM_LEGACY_LISTS", "true"},
                                      {"BERTH_MATLAB_ALLOW", "10.0.0.0/8, 127.0.0.1,"},
                                      {"BERTH_SOMETHING_ELSE", "x"},
                                      {"PATH", "/bin"}}));
  ASSERT_TRUE(s) << s.error().message;
  EXPECT_EQ(s->log_level, "warn");
  EXPECT_EQ(s->device.port_last, 6500);
  EXPECT_EQ(s->state_dir, "/root/state");
  EXPECT_EQ(s->device.docker_host, "unix:///run/podman/podman.sock");
  EXPECT_TRUE(s->platform.legacy_lists);
  EXPECT_EQ(s->matlab.allow, (std::vector<std::string>{"10.0.0.0/8", "127.0.0.1"}));
  EXPECT_EQ(s->device.publish_ip, "0.0.0.0");  // people reach it by a name
}

TEST(SettingsTest, EveryKeyHasItsOwnVariable) {
  std::set<std::string> variables;
  for (const SettingKey& key : setting_keys())
    EXPECT_TRUE(variables.insert(key.environment()).second);
  for (const char* name : {"BERTH_PLATFORM_LISTEN", "BERTH_MATLAB_LISTEN", "BERTH_STATE_DIR",
                           "BERTH_DEVICE_DOCKER_HOST"}) {
    EXPECT_TRUE(variables.contains(name)) << name;
  }
}

TEST(SettingsTest, RefusalsNameFileLineKeyAndRule) {
  const std::pair<const char*, const char*> bad[] = {
      {"x = 1", "berth.toml:1: x: there is no such setting"},
      {"\n[platform]\nlisten = \"127.0.0.1:5000\"\nlisen = 1",
       "berth.toml:4: platform.lisen: there is no such setting"},
      {"[platfrom]\nlisten = \"127.0.0.1:1\"",
       "berth.toml:2: platfrom.listen: there is no such setting"},
      {"listen = \"127.0.0.1:1\"", "berth.toml:1: listen: there is no such setting"},
      {"[platform.listen]\na = 1",
       "berth.toml:1: platform.listen: must be a text in quotes: an address and a port, such "
       "as 127.0.0.1:5000 or [::]:5000"},
      {"[platform]\nlisten = \"localhost:5000\"",
       "berth.toml:2: platform.listen: must be an address and a port, such as 127.0.0.1:5000 or "
       "[::]:5000"},
      {"[platform]\nlegacy_lists = \"yes\"",
       "berth.toml:2: platform.legacy_lists: must be true or false"},
      {"[platform]\npassword_min = 5",
       "berth.toml:2: platform.password_min: must be a whole number between 6 and 128"},
      {"[platform]\npassword_min = 8.0",
       "berth.toml:2: platform.password_min: must be a whole number between 6 and 128"},
      {"[matlab]\ntokens = \"x\"", "berth.toml:2: matlab.tokens: must be a list of texts"},
      {"[matlab]\ntokens = [\"short\"]",
       "berth.toml:2: matlab.tokens: each must be 16 characters or more without spaces"},
      {"[matlab]\nallow = [\"10.0.0.0/40\"]",
       "berth.toml:2: matlab.allow: each must be a network, such as 10.0.0.0/8"},
      {"state_dir = \"relative\"",
       "berth.toml:1: state_dir: must be an absolute path, or one that begins with ~/"},
      {"log_level = \"loud\"", "berth.toml:1: log_level: must be debug, info, warn or error"},
      {"[device]\nport_first = 9000",
       "berth.toml:2: device.port_first must not be above device.port_last"},
      {"[platform]\ntls_key = \"/k\"",
       "berth.toml:2: platform.tls_certificate and platform.tls_key go together"}};
  for (const auto& [text, message] : bad) EXPECT_EQ(refusal(text), message);
  EXPECT_TRUE(refusal("a = \n").starts_with("berth.toml:1: ")) << refusal("a = \n");
  EXPECT_TRUE(refusal("log_level = \"info\"\nlog_level = \"warn\"").starts_with("berth.toml:2: "));
}

// Found by fuzzing: an assertion of the library's ended the program, and its behaviour was
// undefined for letters that are not ASCII.
TEST(SettingsTest, WhateverStandsOutsideATextIsAMistakeLikeAnother) {
  for (const char* text : {"\xD0\x98 = 1", "  \xC3\xA9 = 1", "\xE2\xB2\x80", "\xE4\xB8\xAD = 1",
                           "[=]", "[.a]", "[\x1e]", "[[", "[", "[#]"})
    EXPECT_TRUE(refusal(text).starts_with("berth.toml:1: ")) << refusal(text);
}

TEST(SettingsTest, TheFirstMistakeInTheFileIsTheOneNamed) {
  EXPECT_TRUE(refusal("[platform]\nz = 1\na = 1\n").starts_with("berth.toml:2: platform.z"));
}

TEST(SettingsTest, RefusalsNameTheVariable) {
  EXPECT_EQ(refusal("", with({{"BERTH_IMAGE_WORKSPACE", "a\xFF"}})),
            "BERTH_IMAGE_WORKSPACE: must be UTF-8");
  EXPECT_EQ(refusal("", with({{"BERTH_MATLAB_LISTNE", "x"}})),
            "BERTH_MATLAB_LISTNE: there is no such setting");
  EXPECT_EQ(refusal("", with({{"BERTH_PLATFORM_SESSION_DAYS", "7d"}})),
            "BERTH_PLATFORM_SESSION_DAYS: must be a whole number between 1 and 365");
  EXPECT_EQ(refusal("", with({{"BERTH_MATLAB_ENABLED", "yes"}})),
            "BERTH_MATLAB_ENABLED: must be true or false");
  EXPECT_EQ(refusal("", with({{"BERTH_DOCKER_HOST", "/var/run/docker.sock"}})),
            "BERTH_DOCKER_HOST: must be an engine's address, such as unix:///var/run/docker.sock");
}

TEST(SettingsTest, AnOpenMatlabFaceNeedsTokensOrThePlainWord) {
  const std::string open = "[matlab]\nlisten = \"0.0.0.0:8080\"\n";
  EXPECT_TRUE(refusal(open).starts_with(
      "berth.toml:2: matlab.listen: 0.0.0.0:8080 can be reached from other machines"));
  EXPECT_EQ(refusal(open + "tokens = [\"0123456789abcdef\"]"), "accepted");
  EXPECT_EQ(refusal(open + "allow_open = true"), "accepted");
  EXPECT_EQ(refusal(open + "enabled = false"), "accepted");
  EXPECT_EQ(refusal("[matlab]\nlisten = \"[::1]:8080\"\n"), "accepted");
  EXPECT_EQ(parse_settings(open + "allow_open = true", "", kRoot)->warnings.size(), 1u);
  EXPECT_TRUE(refusal("", with({{"BERTH_MATLAB_LISTEN", "0.0.0.0:8080"}}))
                  .starts_with("BERTH_MATLAB_LISTEN: "));
}

TEST(SettingsTest, WarnsOfPortsThatOutgoingConnectionsUse) {
  EXPECT_TRUE(parse_settings("[device]\nport_last = 32767", "", kRoot)->warnings.empty());
  EXPECT_EQ(parse_settings("[device]\nport_last = 32768", "", kRoot)->warnings.size(), 1u);
}

class SettingsFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "berth-settings-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& text, fs::perms mode) {
    const fs::path file = folder_ / "berth.toml";
    std::ofstream(file) << text;
    fs::permissions(file, mode);
    return file;
  }

  fs::path folder_;
};

TEST_F(SettingsFileTest, AFileThatIsNotThereIsNamed) {
  const auto settings = load_settings(folder_ / "none.toml", kRoot);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().message,
            (folder_ / "none.toml").string() + ": No such file or directory");
  EXPECT_FALSE(load_settings(folder_, kRoot));
  EXPECT_EQ(*load_settings(std::nullopt, kRoot), defaults());
}

TEST_F(SettingsFileTest, TokensMustNotBeReadableByEverybody) {
  const std::string text = "[matlab]\ntokens = [\"0123456789abcdef\"]\n";
  const auto open = load_settings(write(text, fs::perms(0644)), kRoot);
  ASSERT_FALSE(open);
  EXPECT_TRUE(open.error().message.starts_with(
      "berth.toml:2: everybody on this machine may read the tokens"));
  EXPECT_TRUE(load_settings(write(text, fs::perms(0640)), kRoot));
  EXPECT_TRUE(load_settings(write("", fs::perms(0644)), kRoot));
}

TEST_F(SettingsFileTest, AHugeFileIsRefused) {
  EXPECT_FALSE(load_settings(write(std::string(2 * 1024 * 1024, '#'), fs::perms(0600)), kRoot));
}

}  // namespace
}  // namespace berth
