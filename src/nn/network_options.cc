// Names of the choices of include/recur/network.h.
#include <array>
#include <utility>

#include "base/names.h"
#include "recur/network.h"

namespace recur {
namespace {

constexpr Names<Connection, 3> kConnections = {
    {{Connection::none, "none"}, {Connection::residual, "residual"}, {Connection::highway, "highway"}}};
constexpr Names<Initialiser, 4> kInitialisers = {{{Initialiser::standard, "standard"},
                                                  {Initialiser::glorot, "glorot"},
                                                  {Initialiser::orthogonal, "orthogonal"},
                                                  {Initialiser::identity, "identity"}}};
constexpr Names<Softmax, 3> kSoftmaxes = {
    {{Softmax::full, "full"}, {Softmax::adaptive, "adaptive"}, {Softmax::sampled, "sampled"}}};
constexpr Names<Attention, 4> kAttentions = {{{Attention::none, "none"},
                                              {Attention::additive, "additive"},
                                              {Attention::dot, "dot"},
                                              {Attention::general, "general"}}};

}  // namespace

std::string_view to_string(Connection connection) { return name_of(connection, kConnections); }
void parse(std::string_view text, Connection& connection) { find_name(text, kConnections, "connection", connection); }
std::string_view to_string(Initialiser initialiser) { return name_of(initialiser, kInitialisers); }
void parse(std::string_view text, Initialiser& initialiser) {
  find_name(text, kInitialisers, "initialiser", initialiser);
}
std::string_view to_string(Softmax softmax) { return name_of(softmax, kSoftmaxes); }
void parse(std::string_view text, Softmax& softmax) { find_name(text, kSoftmaxes, "softmax", softmax); }
std::string_view to_string(Attention attention) { return name_of(attention, kAttentions); }
void parse(std::string_view text, Attention& attention) { find_name(text, kAttentions, "attention", attention); }

}  // namespace recur
