// Names of the choices of include/recur/network.h.
#include <array>
#include <utility>

#include "base/error.h"
#include "recur/network.h"

namespace recur {
namespace {

template <class Kind, std::size_t count>
std::string_view name_of(Kind kind, const std::array<std::pair<Kind, std::string_view>, count>& names) {
  for (const auto& [known, name] : names) {
    if (known == kind) return name;
  }
  return "";
}

template <class Kind, std::size_t count>
void find_name(std::string_view text, const std::array<std::pair<Kind, std::string_view>, count>& names,
               const char* what, Kind& kind) {
  std::string all;
  for (const auto& [known, name] : names) {
    if (name == text) return void(kind = known);
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  fail("unknown {} '{}'; choose one of {}", what, text, all);
}

constexpr std::array<std::pair<Connection, std::string_view>, 3> kConnections = {
    {{Connection::none, "none"}, {Connection::residual, "residual"}, {Connection::highway, "highway"}}};
constexpr std::array<std::pair<Initialiser, std::string_view>, 4> kInitialisers = {
    {{Initialiser::standard, "standard"},
     {Initialiser::glorot, "glorot"},
     {Initialiser::orthogonal, "orthogonal"},
     {Initialiser::identity, "identity"}}};

}  // namespace

std::string_view to_string(Connection connection) { return name_of(connection, kConnections); }
void parse(std::string_view text, Connection& connection) { find_name(text, kConnections, "connection", connection); }
std::string_view to_string(Initialiser initialiser) { return name_of(initialiser, kInitialisers); }
void parse(std::string_view text, Initialiser& initialiser) {
  find_name(text, kInitialisers, "initialiser", initialiser);
}

}  // namespace recur
