#include <algorithm>
#include <cassert>

#include "autograd/copying.h"
#include "base/threads.h"
#include "nn/attentive_stream.h"
#include "nn/decoder.h"

namespace recur {
namespace {

// Rows from[i] of an array of rows.
std::vector<float> rows_from(std::span<const float> rows, std::size_t width, std::span<const std::size_t> from) {
  std::vector<float> taken(from.size() * width);
  for (std::size_t i = 0; i < from.size(); ++i)
    std::copy_n(rows.data() + from[i] * width, width, taken.data() + i * width);
  return taken;
}

}  // namespace

class Decoder::Stream::Implementation {
 public:
  Implementation(const Decoder& decoder, const Parameters& parameters, Tape& tape, const Encoding& encoding,
                 const CopySources* copies)
      : decoder_(decoder), parameters_(parameters), source_of_(encoding.steps->batch()), copies_(copies) {
    assert((copies != nullptr) == decoder.points());
    for (std::size_t i = 0; i < source_of_.size(); ++i) source_of_[i] = i;
    const std::vector<Var> first = decoder.first_states({tape, parameters, Noise::silent()}, encoding, source_of_);
    for (const Var state : first) {
      const Matrix values = tape.value(state);
      first_.emplace_back(values.data, values.data + values.rows * values.columns);
    }
    if (decoder.stack_) {
      start_stack(decoder.stack_->layers());
      return;
    }
    attention_.emplace(*decoder.attentive_, parameters);
    attention_->look_at(tape.value(encoding.stack.output).data, *encoding.steps);
    fed_.assign(source_of_.size() * decoder.attentive_->shape().state, 0.0F);
    if (decoder.attentive_->shape().coverage) {
      for (std::size_t i = 0; i < source_of_.size(); ++i) covered_.emplace_back(encoding.steps->length_of(i));
    }
    if (!decoder.upper_) return;
    packed_ = decoder.upper_->pack(parameters, weights_);
    carried_.emplace(decoder.upper_->state_layout(), source_of_.size());
  }

  Step step(std::span<const int> tokens, std::span<const std::size_t> from) {
    if (steps_done_++ > 0) continue_from(from);
    tape_.rewind();
    one_step_ = Steps::rectangle(tokens.size(), 1);
    Step result;
    if (copies_ == nullptr) {
      const Var hidden = decoder_.stack_ ? run_stack(tokens) : run_attention(tokens, result.alignment);
      result.log_probabilities = tape_.value(decoder_.output_->log_probabilities(run_, hidden));
      return result;
    }
    std::vector<int> known(tokens.begin(), tokens.end());
    const auto vocabulary = static_cast<int>(decoder_.output_->vocabulary());
    std::ranges::replace_if(
        known, [&](int token) { return token >= vocabulary; }, copies_->unknown);
    const Var hidden = run_attention(known, result.alignment);
    mix_with_copies(tape_.value(decoder_.output_->log_probabilities(run_, hidden)), result);
    return result;
  }

 private:
  // Without attention: the first states are those of all layers.
  void start_stack(const RecurrentStack& stack) {
    packed_ = stack.pack(parameters_, weights_);
    StackState& state = carried_.emplace(stack.state_layout(), source_of_.size());
    std::size_t next = 0;
    for (std::size_t layer = 0; layer < stack.layers(); ++layer) {
      for (std::size_t slot = 0; slot < stack.cell().states; ++slot) {
        std::ranges::copy(first_[next++], state.of(layer, slot).begin());
      }
    }
    state.set_carried();
  }

  // From the probabilities of the vocabulary to those of all tokens of each output.
  void mix_with_copies(const Matrix& written, Step& result) {
    const std::size_t vocabulary = written.columns;
    std::size_t most = 0;
    for (const std::size_t source : source_of_) {
      result.tokens.push_back(vocabulary + copies_->others[source]);
      most = std::max(most, result.tokens.back());
    }
    const Matrix all = tape_.value(tape_.add(written.rows, most));
    const float* gates = tape_.value(gate_).data;
    parallel_for(written.rows, [&](std::size_t row) {
      const std::span<float> own(all.data + row * all.stride, result.tokens[row]);
      std::copy_n(written.data + row * written.stride, vocabulary, own.begin());
      mix_copies(own, vocabulary, gates[row], result.alignment[row], copies_->tokens[source_of_[row]]);
    });
    result.log_probabilities = all;
  }

  void continue_from(std::span<const std::size_t> from) {
    std::vector<std::size_t> sources;
    for (const std::size_t row : from) sources.push_back(source_of_[row]);
    const std::size_t rows = source_of_.size();
    source_of_ = std::move(sources);
    if (carried_) carried_ = carried_->rows(from);
    if (!attention_) return;
    for (std::vector<float>& state : first_) state = rows_from(state, state.size() / rows, from);
    fed_ = rows_from(fed_, fed_.size() / rows, from);
    if (covered_.empty()) return;
    std::vector<std::vector<float>> covered;
    for (const std::size_t row : from) covered.push_back(covered_[row]);
    covered_ = std::move(covered);
  }

  Var run_stack(std::span<const int> tokens) {
    return decoder_.stack_->run(run_, tokens, one_step_, *carried_, {.packed = &packed_}).output;
  }

  Var run_attention(std::span<const int> tokens, std::vector<std::span<const float>>& alignment) {
    const Var x = embedding(tape_, parameters_[*decoder_.embedding_], tokens, 0, run_.noise);
    std::vector<float*> states;
    for (std::vector<float>& state : first_) states.push_back(state.data());
    std::vector<float*> covered;
    for (std::vector<float>& of_output : covered_) covered.push_back(of_output.data());
    const AttentiveStream::Step looked =
        attention_->advance(tokens.size(), tape_.value(x).data, source_of_, states,
                            decoder_.attentive_->shape().before_cell() ? nullptr : fed_.data(), covered);
    for (std::size_t i = 0; i < tokens.size(); ++i) alignment.push_back(looked.alignments.of(i));
    Var y = tape_.add(const_cast<float*>(looked.output), tokens.size(), decoder_.attentive_->output_width());
    if (decoder_.points()) gate_ = decoder_.pointer_gate(run_, y, x);
    if (decoder_.upper_) {
      y = decoder_.upper_->forward(run_, y, one_step_, *carried_, {.packed = &packed_}).output;
    }
    return decoder_.read_out(run_, y, x);
  }

  const Decoder& decoder_;
  const Parameters& parameters_;
  std::vector<std::size_t> source_of_;
  std::vector<std::vector<float>> first_;  // states of the layer that looks, [outputs, width] each
  std::vector<float> fed_;
  const CopySources* copies_;
  Var gate_;                                 // of this step, with a pointer
  std::vector<std::vector<float>> covered_;  // of each output over its source's positions, with coverage
  std::optional<AttentiveStream> attention_;
  std::optional<StackState> carried_;  // of layers that attention_ does not keep
  Arena weights_;
  PackedStack packed_;
  Tape tape_{false};
  Run run_{tape_, parameters_, Noise::silent()};
  Steps one_step_;
  std::size_t steps_done_ = 0;
};

Decoder::Stream::Stream(const Decoder& decoder, const Parameters& parameters, Tape& tape, const Encoding& encoding,
                        const CopySources* copies)
    : implementation_(std::make_unique<Implementation>(decoder, parameters, tape, encoding, copies)) {}
Decoder::Stream::~Stream() = default;

Decoder::Stream::Step Decoder::Stream::step(std::span<const int> tokens, std::span<const std::size_t> from) {
  return implementation_->step(tokens, from);
}

}  // namespace recur
