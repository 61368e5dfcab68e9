// What include/recur/listener.h promises, put together from the floors below.
#include "recur/listener.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/finite.h"
#include "data/frames/features.h"
#include "data/label_field.h"
#include "data/text_field.h"
#include "infer/network_stream.h"
#include "nn/heads/transducer_head.h"
#include "nn/transducer_search.h"

namespace recur {
namespace {

const SoundOptions& sound_of(const Network& network) {
  for (const FieldSpec& field : network.recipe().fields) {
    const auto* numbers = std::get_if<NumbersSpec>(&field.kind);
    if (numbers == nullptr || field.answer || !numbers->sound) continue;
    if (numbers->pictures) fail("a model that reads pictures hears no sounds; expected one of sounds");
    return *numbers->sound;
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

const TransducerHead* transducer_of(const Network& network) {
  return dynamic_cast<const TransducerHead*>(&network.head());
}

}  // namespace

class Listener::Implementation {
 public:
  // `model` keeps the network.
  Implementation(std::shared_ptr<const void> model, const Network& network,
                 std::shared_ptr<const NetworkStepper> stepper)
      : model_(std::move(model)), sound_(sound_of(network)), stream_(std::move(stepper), {.realtime = true}) {
    check(sound_);
    features_.emplace(sound_);
    if (const auto* ctc = std::get_if<CtcSpec>(&network.recipe().head)) {
      write(field_as<TextField>(network.fields(), ctc->field, "listener").codec());
    } else if (const TransducerHead* transducer = transducer_of(network)) {
      write(transducer->codec());
      encoded_.resize(transducer->transducer().joint());
      transducer_.emplace(transducer->transducer(), network.parameters());
      greedy_.emplace(*transducer_, never_);
    } else if (const auto* label = std::get_if<LabelHeadSpec>(&network.recipe().head)) {
      names = field_as<LabelField>(network.fields(), label->field, "listener").names();
    } else if (std::holds_alternative<LabelsHeadSpec>(network.recipe().head)) {
      fail("a classifier with any number of labels cannot listen; expected one of one label");
    } else {
      fail("a model of the task {} cannot listen; expected one of recur train transcribe or classify", network.task());
    }
    outputs_.resize(names.size());
  }

  void push(std::span<const float> samples, const std::function<void(std::span<const float>)>& use) {
    if (!all_finite(samples)) fail("samples: expected finite ones");
    const std::size_t done = std::min(next_, heard_.size());
    heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(done));
    next_ -= done;
    heard_.insert(heard_.end(), samples.begin(), samples.end());
    while (next_ + features_->frame() <= heard_.size()) {
      const Frames frames = (*features_)(std::span(heard_).subspan(next_, features_->frame()));
      next_ += features_->hop();  // first: no frame is heard twice when something throws
      hear_frame(frames.values);
      use(outputs_);
    }
  }

  std::string hear(std::span<const float> samples) {
    if (!writes()) fail("a classifier writes no text; ask for its labels: Listener::push()");
    push(samples, [&](std::span<const float>) {
      for (const int token : written_) {
        unsaid_ += text_->added(before_, token);
        before_ = token;
      }
    });
    return std::exchange(unsaid_, {});
  }

  void reset() {
    stream_.reset();
    heard_.clear();
    next_ = 0;
    best_ = -1;
    before_.reset();
    unsaid_.clear();
    if (greedy_) greedy_->reset();
  }

  bool writes() const { return text_.has_value(); }
  std::size_t rate() const { return sound_.sample_rate; }
  double delay() const { return static_cast<double>(sound_.frame_ms + sound_.hop_ms) / 1000; }

  std::vector<std::string> names;

 private:
  void write(const TextCodec& codec) {
    text_.emplace(codec);
    for (int token = 0; token < text_->size(); ++token) names.push_back(text_->decode(std::span(&token, 1)));
    names.emplace_back();
    never_ = text_->specials();
  }

  // Leaves in `outputs_` what is said of a frame and, of a recogniser, in `written_` the tokens that it adds.
  void hear_frame(std::span<const float> frame) {
    if (greedy_) {
      stream_.step(frame, encoded_);
      written_ = greedy_->step(encoded_.data());
      std::ranges::copy(greedy_->first_choice(), outputs_.begin());
      return;
    }
    stream_.step(frame, outputs_);
    if (writes()) follow_best_path();
  }

  void follow_best_path() {
    const auto blank = static_cast<int>(outputs_.size()) - 1;
    const int before = best_;
    best_ = likeliest_output(outputs_, blank, never_);
    written_ = best_ == blank || best_ == before ? std::span<const int>() : std::span<const int>(&best_, 1);
  }

  std::shared_ptr<const void> model_;
  SoundOptions sound_;
  NetworkStream stream_;
  std::optional<FeatureMaker> features_;
  std::optional<TextCodec> text_;
  std::vector<int> never_;  // tokens that no text has
  std::optional<TransducerStepper> transducer_;
  std::optional<GreedyTransducer> greedy_;
  std::vector<float> encoded_;    // of a transducer: what its layers say of the last frame
  std::vector<float> heard_;      // the last samples
  std::size_t next_ = 0;          // where in them the next frame begins, or will: frames may be apart
  std::vector<float> outputs_;    // of the last frame
  int best_ = -1;                 // of CTC: the most probable output of the last frame
  std::span<const int> written_;  // the tokens of the last frame
  std::optional<int> before_;     // the token that was written last
  std::string unsaid_;            // what was heard before something threw
};

Listener::Listener(const Model& model) {
  const Network& network = model.network();
  const TransducerHead* transducer = transducer_of(network);
  const auto stepper =
      transducer == nullptr
          ? model.stepper()
          : std::make_shared<const NetworkStepper>(step_network(network, transducer->encoder_output()));
  implementation_ = std::make_unique<Implementation>(model.contents_, network, stepper);
}
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
