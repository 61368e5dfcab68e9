#include "draw/unit_report.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/utf8.h"

namespace recur {
namespace {

constexpr double kWeak = 0.3;

bool is_weak(const UnitMatch& match) { return std::abs(match.correlation) < kWeak; }

const ChannelGroup& group_of(const std::vector<ChannelGroup>& groups, std::size_t channel) {
  const auto group = std::ranges::find_if(
      groups, [channel](const ChannelGroup& g) { return channel >= g.first && channel - g.first < g.count; });
  assert(group != groups.end());
  return *group;
}

std::vector<std::size_t> best_channels(const std::vector<FeatureMatches>& matches, std::size_t most) {
  std::vector<std::size_t> channels;
  for (const FeatureMatches& feature : matches) {
    const UnitMatch& best = feature.best.front();
    if (channels.size() == most || (is_weak(best) && !channels.empty())) break;
    if (std::ranges::find(channels, best.channel) == channels.end()) channels.push_back(best.channel);
  }
  return channels;
}

// The features of which the channel is the best unit; if there are none, the one that it follows most closely of those
// of which it is among the best.
std::string caption_of(std::size_t channel, const std::vector<FeatureMatches>& matches) {
  std::string leading, closest;
  double largest = 0;
  for (const FeatureMatches& feature : matches) {
    const auto match = std::ranges::find(feature.best, channel, &UnitMatch::channel);
    if (match == feature.best.end()) continue;
    const std::string text = fmt::format("{}: r = {:.2f}", feature.name, match->correlation);
    if (match == feature.best.begin() && !is_weak(*match)) leading += (leading.empty() ? "" : "; ") + text;
    if (std::abs(match->correlation) > largest) {
      largest = std::abs(match->correlation);
      closest = text;
    }
  }
  return leading.empty() ? closest : leading;
}

UnitView view_of(std::size_t channel, const Activations& activations, const std::vector<ChannelGroup>& groups,
                 const std::vector<FeatureMatches>& matches) {
  UnitView view{channel_title(groups, channel), caption_of(channel, matches), group_of(groups, channel).gate};
  for (std::size_t t = 0; t < activations.length(); ++t) view.values.push_back(activations.at(t, channel));
  return view;
}

// The bytes at the end of the text that begin a character of UTF-8 but do not end it.
std::size_t unfinished_bytes(std::string_view text) {
  for (std::size_t count = 1; count <= std::min<std::size_t>(3, text.size()); ++count) {
    const char last = text[text.size() - count];
    if (!begins_character(last)) continue;
    const auto byte = static_cast<unsigned char>(last);
    const std::size_t whole = byte >= 0xF5 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1;
    return whole > count ? count : 0;
  }
  return 0;
}

std::string shown(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    utf8proc_int32_t code = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), &code);
    const std::string_view character = text.substr(0, static_cast<std::size_t>(std::max<decltype(length)>(length, 1)));
    text.remove_prefix(character.size());
    // Characters that turn the direction of the text round would show what does not stand there.
    const bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    if (length <= 0 || turns || (code >= 0x80 && code < 0xA0)) {
      result += "\uFFFD";
    } else if ((code < 0x20 && code != '\n' && code != '\t') || code == 0x7F) {
      result +=
          {'^', static_cast<char>(code ^ 0x40)};  // ^M, ^[: few fonts have the pictures that Unicode has for these
    } else {
      result += character;
    }
  }
  return result;
}

}  // namespace

std::string channel_title(const std::vector<ChannelGroup>& groups, std::size_t channel) {
  const ChannelGroup& group = group_of(groups, channel);
  return fmt::format("{}, {}, unit {}", group.layer, group.name, channel - group.first);
}

UnitReport make_unit_report(std::string title, std::vector<std::string> pieces, const Activations& activations,
                            const std::vector<ChannelGroup>& groups, const std::vector<std::size_t>& chosen,
                            std::size_t most) {
  const std::vector<FeatureMatches> matches = match_features(pieces, activations);
  UnitReport report;
  report.title = std::move(title);
  report.pieces = std::move(pieces);
  for (const std::size_t channel : chosen.empty() ? best_channels(matches, most) : chosen) {
    report.units.push_back(view_of(channel, activations, groups, matches));
  }
  for (const FeatureMatches& feature : matches) {
    FeatureRow row{feature.name, feature.explanation, feature.positions, {}};
    for (const UnitMatch& match : feature.best) {
      row.units.push_back({channel_title(groups, match.channel), match.correlation});
    }
    report.features.push_back(std::move(row));
  }
  for (const ChannelGroup& group : groups) {
    if (group.gate) {
      report.gates.push_back({group.layer, group.name, saturation(activations, group.first, group.count)});
    } else {
      report.states.push_back(
          {group.layer, group.name, group.count, state_statistics(activations, group.first, group.count)});
    }
  }
  return report;
}

float shade_scale(const UnitView& unit) {
  float largest = 1;
  for (const float value : unit.values) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  }
  return largest;
}

int shade_of(float value, float scale, int levels) {
  if (!std::isfinite(value)) return 0;
  return static_cast<int>(std::lround(std::clamp(value / scale, -1.0F, 1.0F) * static_cast<float>(levels)));
}

std::vector<std::string> shown_pieces(const std::vector<std::string>& pieces) {
  std::vector<std::string> result;
  result.reserve(pieces.size());
  std::string unfinished;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::string text = unfinished + pieces[i];
    const std::size_t rest = i + 1 == pieces.size() ? 0 : unfinished_bytes(text);
    unfinished = text.substr(text.size() - rest);
    result.push_back(shown(std::string_view(text).substr(0, text.size() - rest)));
  }
  return result;
}

}  // namespace recur
