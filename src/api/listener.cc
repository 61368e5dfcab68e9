// What include/recur/listener.h promises, put together from the floors below.
#include "recur/listener.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/finite.h"
#include "data/frames/features.h"
#include "data/label_field.h"
#include "data/text_field.h"
#include "infer/network_stream.h"

namespace recur {
namespace {

const SoundOptions& sound_of(const Network& network) {
  for (const FieldSpec& field : network.recipe().fields) {
    const auto* numbers = std::get_if<NumbersSpec>(&field.kind);
    if (numbers != nullptr && !field.answer && numbers->sound) return *numbers->sound;
  }
  fail("a model of the task {} reads no sounds; expected one of recur train transcribe or classify", network.task());
}

void check(const SoundOptions& sound) {
  if (sound.features == Features::samples) fail("a model of samples hears no frames; step it with Model::stream()");
  if (sound.deltas > 0) fail("--deltas: slopes look ahead; to listen, train with --deltas 0");
  if (sound.normalize == Normalize::utterance) {
    fail("--normalize utterance looks at the whole sound; to listen, train with dataset or none");
  }
}

}  // namespace

class Listener::Implementation {
 public:
  Implementation(const Network& network, std::shared_ptr<const NetworkStepper> stepper)
      : sound_(sound_of(network)), stream_(std::move(stepper), {.realtime = true}) {
    check(sound_);
    features_.emplace(sound_);
    if (const auto* ctc = std::get_if<CtcSpec>(&network.recipe().head)) {
      text_.emplace(field_as<TextField>(network.fields(), ctc->field, "listener").codec());
      for (int token = 0; token < text_->size(); ++token) names.push_back(text_->decode(std::span(&token, 1)));
      names.emplace_back();
      if (text_->has_specials()) never_ = {text_->begin(), text_->end()};
    } else if (const auto* label = std::get_if<LabelHeadSpec>(&network.recipe().head)) {
      names = field_as<LabelField>(network.fields(), label->field, "listener").names();
    } else {
      fail("a model of the task {} cannot listen; expected one of recur train transcribe or classify", network.task());
    }
    outputs_.resize(names.size());
  }

  void push(std::span<const float> samples, const std::function<void(std::span<const float>)>& use) {
    if (!all_finite(samples)) fail("samples: expected finite ones");
    // Between frames that are further apart than they are long.
    const std::size_t passed = std::min(to_pass_, samples.size());
    heard_.insert(heard_.end(), samples.begin() + static_cast<std::ptrdiff_t>(passed), samples.end());
    to_pass_ -= passed;
    std::size_t first = 0;
    for (; first + features_->frame() <= heard_.size(); first += features_->hop()) {
      const Frames frames = (*features_)(std::span(heard_).subspan(first, features_->frame()));
      stream_.step(frames.values, outputs_);
      use(outputs_);
    }
    const std::size_t done = std::min(first, heard_.size());
    heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(done));
    to_pass_ += first - done;
  }

  std::string hear(std::span<const float> samples) {
    if (!writes()) fail("a classifier writes no text; ask for its labels: Listener::push()");
    std::string text;
    push(samples, [&](std::span<const float>) {
      for (const int token : never_) outputs_[static_cast<std::size_t>(token)] = -INFINITY;
      const auto best = static_cast<int>(std::ranges::max_element(outputs_) - outputs_.begin());
      const bool blank = best + 1 == static_cast<int>(outputs_.size());
      if (!blank && best != last_) {
        text += text_->added(before_, best);
        before_ = best;
      }
      last_ = best;
    });
    return text;
  }

  void reset() {
    stream_.reset();
    heard_.clear();
    to_pass_ = 0;
    last_ = -1;
    before_.reset();
  }

  bool writes() const { return text_.has_value(); }
  std::size_t rate() const { return sound_.sample_rate; }
  double delay() const { return static_cast<double>(sound_.frame_ms + sound_.hop_ms) / 1000; }

  std::vector<std::string> names;

 private:
  SoundOptions sound_;
  NetworkStream stream_;
  std::optional<FeatureMaker> features_;
  std::optional<TextCodec> text_;
  std::vector<int> never_;      // tokens that no text has
  std::vector<float> heard_;    // samples that are still in a frame to come
  std::size_t to_pass_ = 0;     // samples to come that are in none
  std::vector<float> outputs_;  // of the last frame
  int last_ = -1;               // the output of the frame before
  std::optional<int> before_;   // the token that was written last
};

Listener::Listener(const Model& model)
    : implementation_(std::make_unique<Implementation>(model.network(), model.stepper())) {}
Listener::~Listener() = default;
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;

std::size_t Listener::sample_rate() const { return implementation_->rate(); }
double Listener::delay_seconds() const { return implementation_->delay(); }
bool Listener::writes() const { return implementation_->writes(); }
const std::vector<std::string>& Listener::names() const& { return implementation_->names; }
void Listener::push(std::span<const float> samples, const std::function<void(std::span<const float>)>& use) {
  implementation_->push(samples, use);
}
std::string Listener::hear(std::span<const float> samples) { return implementation_->hear(samples); }
void Listener::reset() { implementation_->reset(); }

}  // namespace recur
