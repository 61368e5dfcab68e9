// oneDNN's own recurrent primitives (vanilla RNN, LSTM, GRU with the reset gate behind the product).
//   g++ -O2 -std=c++20 -fopenmp onednn_layers.cc -ldnnl     onednn_layers THREADS SCALE train|infer|stream
// Weights are in the layout that oneDNN chooses: bringing them there is not counted, not even in training.
#include <omp.h>

#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>
#include <tuple>
#include <unordered_map>

#include "measure.h"

namespace {

using dnnl::memory;
using Type = memory::data_type;
using Format = memory::format_tag;
using Arguments = std::unordered_map<int, memory>;

constexpr auto kDirection = dnnl::rnn_direction::unidirectional_left2right;

// Of everything that goes into a primitive and comes out of it, or of the gradients thereof.
struct Descriptions {
  memory::desc sequence, state, memory_cell, input_weights, state_weights, bias;
};

struct Elman {
  using Forward = dnnl::vanilla_rnn_forward;
  using Backward = dnnl::vanilla_rnn_backward;
  static constexpr int kGates = 1, kBiases = 1;
  static auto options() { return std::tuple(dnnl::algorithm::eltwise_tanh, kDirection); }
  static auto list(const Descriptions& d) {
    return std::tuple(d.sequence, d.state, d.input_weights, d.state_weights, d.bias, d.sequence, d.state);
  }
};

struct Gru {
  using Forward = dnnl::lbr_gru_forward;
  using Backward = dnnl::lbr_gru_backward;
  static constexpr int kGates = 3, kBiases = 4;
  static auto options() { return std::tuple(kDirection); }
  static auto list(const Descriptions& d) { return Elman::list(d); }
};

struct Lstm {
  using Forward = dnnl::lstm_forward;
  using Backward = dnnl::lstm_backward;
  static constexpr int kGates = 4, kBiases = 4;
  static auto options() { return std::tuple(kDirection); }
  static auto list(const Descriptions& d) {
    return std::tuple(d.sequence, d.state, d.memory_cell, d.input_weights, d.state_weights, d.bias, d.sequence, d.state,
                      d.memory_cell);
  }
};

// Version 2 describes an operation apart from the primitive, version 3 does not.
template <class Primitive, class... Hint>
auto described(const dnnl::engine& engine, const auto& items, const Hint&... hint) {
  return std::apply(
      [&](const auto&... item) {
        if constexpr (requires { typename Primitive::desc; }) {
          return typename Primitive::primitive_desc(typename Primitive::desc(item...), engine, hint...);
        } else {
          return typename Primitive::primitive_desc(engine, item..., hint...);
        }
      },
      items);
}

std::size_t floats(const memory& m) { return m.get_desc().get_size() / sizeof(float); }

memory filled(const memory::desc& description, const dnnl::engine& engine, float scale) {
  memory m(description, engine);
  fill(static_cast<float*>(m.get_data_handle()), floats(m), scale);
  return m;
}

void set_zero(const memory& m) { std::memset(m.get_data_handle(), 0, m.get_desc().get_size()); }

memory zeros(const memory::desc& description, const dnnl::engine& engine) {
  memory m(description, engine);
  set_zero(m);
  return m;
}

template <class Cell>
class Layers {
 public:
  Layers(const Case& c, bool training) : case_(c), training_(training) {
    const memory::dims sequence = {c.steps, c.batch, c.hidden}, state = {c.layers, 1, c.batch, c.hidden};
    const memory::dims weights = {c.layers, 1, c.hidden, Cell::kGates, c.hidden};
    const memory::desc states(state, Type::f32, Format::ldnc), any(weights, Type::f32, Format::any);
    descriptions_ = {{sequence, Type::f32, Format::tnc},
                     states,
                     states,
                     any,
                     any,
                     {{c.layers, 1, Cell::kBiases, c.hidden}, Type::f32, Format::ldgo}};
    plain_weights_ = {weights, Type::f32, Format::ldigo};
    const auto kind = training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
    const auto description = described<typename Cell::Forward>(
        engine_, std::tuple_cat(std::tuple(kind), Cell::options(), Cell::list(descriptions_)));
    forward_ = typename Cell::Forward(description);
    add_states(forward_arguments_, DNNL_ARG_SRC_ITER, DNNL_ARG_SRC_ITER_C);
    add_states(forward_arguments_, DNNL_ARG_DST_ITER, DNNL_ARG_DST_ITER_C);
    forward_arguments_[DNNL_ARG_SRC_LAYER] = filled(descriptions_.sequence, engine_, 1);
    forward_arguments_[DNNL_ARG_DST_LAYER] = zeros(descriptions_.sequence, engine_);
    forward_arguments_[DNNL_ARG_BIAS] = zeros(descriptions_.bias, engine_);
    forward_arguments_[DNNL_ARG_WEIGHTS_LAYER] = weights_as(description.weights_layer_desc());
    forward_arguments_[DNNL_ARG_WEIGHTS_ITER] = weights_as(description.weights_iter_desc());
    if (training) prepare_backward(description);
  }

  void run() {
    forward_.execute(stream_, forward_arguments_);
    if (training_) {
      set_zero(backward_arguments_[DNNL_ARG_DIFF_WEIGHTS_LAYER]);
      set_zero(backward_arguments_[DNNL_ARG_DIFF_WEIGHTS_ITER]);
      backward_.execute(stream_, backward_arguments_);
    }
    stream_.wait();
  }

 private:
  void prepare_backward(const typename Cell::Forward::primitive_desc& forward) {
    forward_arguments_[DNNL_ARG_WORKSPACE] = zeros(forward.workspace_desc(), engine_);
    const auto description =
        described<typename Cell::Backward>(engine_,
                                           std::tuple_cat(std::tuple(dnnl::prop_kind::backward), Cell::options(),
                                                          Cell::list(descriptions_), Cell::list(descriptions_)),
                                           forward);
    backward_ = typename Cell::Backward(description);
    Arguments& arguments = backward_arguments_;
    arguments = forward_arguments_;
    arguments[DNNL_ARG_WEIGHTS_LAYER] = weights_as(description.weights_layer_desc());
    arguments[DNNL_ARG_WEIGHTS_ITER] = weights_as(description.weights_iter_desc());
    add_states(arguments, DNNL_ARG_DIFF_SRC_ITER, DNNL_ARG_DIFF_SRC_ITER_C);
    add_states(arguments, DNNL_ARG_DIFF_DST_ITER, DNNL_ARG_DIFF_DST_ITER_C);
    arguments[DNNL_ARG_DIFF_SRC_LAYER] = zeros(description.diff_src_layer_desc(), engine_);
    arguments[DNNL_ARG_DIFF_DST_LAYER] = filled(descriptions_.sequence, engine_, 0.01F);
    arguments[DNNL_ARG_DIFF_WEIGHTS_LAYER] = zeros(description.diff_weights_layer_desc(), engine_);
    arguments[DNNL_ARG_DIFF_WEIGHTS_ITER] = zeros(description.diff_weights_iter_desc(), engine_);
    arguments[DNNL_ARG_DIFF_BIAS] = zeros(descriptions_.bias, engine_);
  }

  void add_states(Arguments& arguments, int state, int memory_cell) {
    arguments[state] = zeros(descriptions_.state, engine_);
    if (case_.cell == "lstm") arguments[memory_cell] = zeros(descriptions_.memory_cell, engine_);
  }

  memory weights_as(const memory::desc& layout) {
    memory plain = filled(plain_weights_, engine_, 0.05F), chosen(layout, engine_);
    dnnl::reorder(plain, chosen).execute(stream_, plain, chosen);
    stream_.wait();
    return chosen;
  }

  Case case_;
  bool training_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  Descriptions descriptions_;
  memory::desc plain_weights_;
  typename Cell::Forward forward_;
  typename Cell::Backward backward_;
  Arguments forward_arguments_, backward_arguments_;
};

template <class Cell>
void run(const std::string& kind, const Case& c, int threads, double scale) {
  Layers<Cell> layers(c, kind == "train");
  measure("onednn", kind, c, threads, scale, [&] { layers.run(); });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: onednn_layers THREADS SCALE train|infer|stream\n");
    return 2;
  }
  const int threads = std::atoi(argv[1]);
  const double scale = std::atof(argv[2]);
  const std::string kind = argv[3];
  omp_set_num_threads(threads);
  const dnnl_version_t* version = dnnl_version();
  std::printf("# oneDNN %d.%d.%d\n", version->major, version->minor, version->patch);
  for (const Case& c : cases_of(kind)) {
    if (c.cell == "lstm") run<Lstm>(kind, c, threads, scale);
    if (c.cell == "gru") run<Gru>(kind, c, threads, scale);
    if (c.cell == "rnn") run<Elman>(kind, c, threads, scale);
  }
}
