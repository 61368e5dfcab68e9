#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "nn/heads/heads.h"
#include "nn/inputs/inputs.h"

namespace recur {
namespace {

RecurrentOptions decoder_network(RecurrentOptions network) {
  network.bidirectional = false;
  network.learned_state = false;  // it starts from what the encoder has read
  return network;
}

void check_copying(const DecoderSpec& spec, const RecurrentStack& encoder) {
  if (spec.coverage_from > 0 && spec.coverage == 0) fail("--coverage-from needs --coverage above 0");
  if (!spec.pointer) return;
  if (spec.source.empty()) fail("--pointer: what is copied are words of a text, and this model reads none");
  if (spec.label_smoothing > 0) fail("--label-smoothing: a target with a pointer is not smoothed; leave out --pointer");
  if (encoder.layers() > 1 && encoder.options().every > 1) {
    fail("--every: with a pointer each token of the source has a step; leave it out");
  }
}

void check_start(const DecoderSpec& spec, const RecurrentStack& encoder) {
  if (spec.network.learned_state && encoder.layers() == 0) {
    fail("--learned-state: what the decoder is about makes the states before the first step; leave it out");
  }
  // The layer that looks is the first, and is joined with no input.
  const RecurrentOptions& network = spec.network;
  if (network.connection != Connection::none && encoder.layers() == 0 && spec.attention != Attention::none &&
      network.layers < 3) {
    fail("--connection: joins what is above the layer that looks; expected --layers of at least 3, got {}",
         network.layers);
  }
}

}  // namespace

DecoderHead::DecoderHead(const DecoderSpec& spec, const HeadPlace& place)
    : spec_(spec),
      field_(field_named(place.fields, spec.field, "decoder")),
      target_(field_as<TextField>(place.fields, spec.field, "decoder")) {
  if (!spec.source.empty()) {
    source_field_ = field_named(place.fields, spec.source, "decoder");
    source_ = &field_as<TextField>(place.fields, spec.source, "decoder");
  }
  if (spec.label_smoothing > 0 && spec.softmax != Softmax::full) {
    fail("--label-smoothing needs --softmax full, it is {}", to_string(spec.softmax));
  }
  check_copying(spec, place.layers);
  check_start(spec, place.layers);
  if (spec.pointer) {
    auto& source = dynamic_cast<TextField&>(*place.fields[source_field_]);
    copies_.emplace(source, dynamic_cast<TextField&>(*place.fields[field_]));
  }
  const std::size_t attention = spec.attention_size == 0 ? spec.network.hidden : spec.attention_size;
  const DecoderOptions options{decoder_network(spec.network),
                               {spec.embedding, spec.embedding_dropout},
                               {spec.attention, attention, spec.coverage > 0},
                               {spec.softmax, {}, spec.samples},
                               spec.tied,
                               spec.pointer};
  const Parameters::Id first = place.parameters.declarations().size();
  decoder_.emplace(options, place.layers, target_.vocabulary(), place.parameters, "decoder.");
  place.parameters.name_one_hot_rows(first, spec.field);
  decoder_->name_rows(place.parameters, spec.field);
}

void DecoderHead::write(nlohmann::json& configuration) const {
  configuration["output_bound"] = {{"per_token", bound_.per_token}, {"more", bound_.more}};
}

void DecoderHead::read(const nlohmann::json& configuration) {
  if (source_ != nullptr && !source_->codec().has_specials())
    fail("its configuration has a vocabulary without beginnings and ends");
  if (!configuration.contains("output_bound")) return;  // files from before have none
  constexpr double kMost = 1'000'000;
  const ReadFields read{configuration.at("output_bound")};
  for (const auto& [name, value] : {std::pair("per_token", &bound_.per_token), std::pair("more", &bound_.more)}) {
    read(name, *value);
    if (!(*value >= 0 && *value <= kMost)) fail("its configuration's output_bound '{}' is {}", name, *value);
  }
}

void DecoderHead::begin_epoch(std::uint64_t epoch) {
  constexpr std::uint64_t kGrowing = 4;  // epochs
  sampling_share_ = static_cast<double>(spec_.scheduled_sampling) * static_cast<double>(std::min(epoch, kGrowing)) /
                    static_cast<double>(kGrowing);
  covers_ = epoch >= spec_.coverage_from;
}

std::span<const int> DecoderHead::sampled_inputs(const Run& run, const Encoding& encoding,
                                                 const FieldBatch& target) const {
  if (sampling_share_ == 0 || !run.tape.recording()) return target.ids;
  const Steps& steps = target.steps;
  const std::span<int> inputs = run.tape.arena().take<int>(target.ids.size());
  std::ranges::copy(target.ids, inputs.begin());
  Tape::Pause pause(run.tape);
  const Run silent{run.tape, run.parameters, Noise::silent()};
  const Var hidden = decoder_->forward(silent, target.ids, steps, encoding, target.of, {covers_, 0}).output;
  const Matrix scores = run.tape.value(decoder_->output().log_probabilities(silent, hidden));
  const Noise noise = run.noise.child("sampling");
  const Random random = noise.stream();
  // What is written at a step is read at the next.
  for (std::size_t t = steps.length(); t-- > 1;) {
    for (std::size_t row = 0; row < steps.rows(t); ++row) {
      const std::size_t to = steps.offset(t) + row, from = steps.offset(t - 1) + row;
      if (static_cast<double>(random.uniform(noise.position() + to)) >= sampling_share_) continue;
      const std::span<const float> of_step(scores.data + from * scores.stride, scores.columns);
      inputs[to] = static_cast<int>(std::ranges::max_element(of_step) - of_step.begin());
    }
  }
  return inputs;
}

LossSum DecoderHead::loss(const Run& all, const Encoding& encoded, const Batch& batch) const {
  const Run run = all.child("decoder");
  const FieldBatch& target = batch.fields[field_];
  const std::span<const int> inputs = sampled_inputs(run, encoded, target);
  CrossEntropy how;
  how.gradient_scale = gradient_scale(batch, target.steps.total());
  how.label_smoothing = spec_.label_smoothing;
  // What coverage costs has a gradient, and is not part of the loss that is told: that stays comparable.
  const CoverageUse coverage{covers_, covers_ ? spec_.coverage * how.gradient_scale : 0};
  const Decoder::Result written = decoder_->forward(run, inputs, target.steps, encoded, target.of, coverage);
  std::optional<CopyMixture> mixture;
  if (copies_) {
    const CopyTargets& places =
        run.tape.keep(copies_->targets(batch, batch.fields[source_field_], target, written.alignments));
    how.mixture = &mixture.emplace(run.tape, written.gate, written.weights, places, how.gradient_scale);
  }
  return {decoder_->output().loss(run, written.output, target.targets, how), target.steps.total()};
}

std::optional<PredictOptions> DecoderHead::validation() const {
  if (spec_.measure == OutputMeasure::loss) return {};
  PredictOptions greedy;
  greedy.decode.beam = 1;
  return greedy;
}

std::vector<std::pair<std::string, const RecurrentStack*>> DecoderHead::stacks() const {
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks = {{"decoder", &decoder_->first_layers()}};
  if (decoder_->upper_layers() != nullptr) stacks.emplace_back("upper", decoder_->upper_layers());
  return stacks;
}

std::vector<std::pair<std::string, std::string>> DecoderHead::describe() const {
  std::string looks(to_string(spec_.attention));
  if (spec_.pointer) looks += ", with a pointer";
  if (spec_.coverage > 0) looks += ", with coverage";
  return {{"output", describe_tokens(target_.describe(), spec_.embedding)}, {"attention", looks}};
}

}  // namespace recur
