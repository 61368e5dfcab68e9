// Language models of bytes, characters or words: train one on a text, score a text with it, let it write, or run it
// step by step. Everything throws recur::Error on a user's mistake.
//
// Any number of threads may use one LanguageModel at once: after load() or train() nothing in it changes. A Session is
// for one thread at a time, and must not outlive its model; a model may have any number of sessions. Functions that are
// passed in are called on the calling thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/network.h"
#include "recur/text.h"
#include "recur/training.h"

namespace recur {

// The recurrent part, and what is around it. dropout is of the embedding too.
struct LanguageModelOptions : RecurrentOptions {
  std::size_t embedding = 0;        // its width; 0 is one-hot input
  bool tied = false;                // the output layer's weight is the embedding's table (Press & Wolf 2017)
  float embedding_dropout = 0;      // of whole rows of the embedding's table (Merity et al. 2018)
  Softmax softmax = Softmax::full;  // or sampled: training looks at a sample of a large vocabulary
  std::size_t samples = 512;        // sampled: so many tokens besides the right ones
};

// A whole training: from a text file to a model file.
struct LanguageModelJob {
  std::string data;                         // a text file; - is standard input
  std::string validation;                   // another; when empty, the last 5 % of the data are held out
  std::string model = "model.safetensors";  // the best model so far; the checkpoint is beside it (checkpoint_path())
  bool resume = false;                      // go on from the checkpoint
  TokenizerKind tokenizer = TokenizerKind::character;
  TokenizerOptions words;
  LanguageModelOptions network;
  TrainingOptions training;
};

// The job that a checkpoint came from, ready to be resumed.
LanguageModelJob read_job(const std::string& model);

// What there is to say before training begins.
struct LanguageModelSummary {
  std::uint64_t training_tokens = 0, validation_tokens = 0, unseen = 0;  // unseen: of the validation text, left out
  std::size_t vocabulary = 0, parameters = 0;
};

struct SamplingOptions {
  float temperature = 1;  // 0 takes the most likely token
  int top_k = 0;          // only the k most likely; 0: all
  float top_p = 1;        // of those the most likely that together have this probability (Holtzman et al. 2020)
};

struct Generation {
  std::string prompt;
  std::size_t length = 500;  // tokens
  std::string stop;          // ends before this text; empty: never
  SamplingOptions sampling;
  std::uint64_t seed = 1;
};

struct Evaluation {
  std::uint64_t tokens = 0;  // predicted: all but the first
  std::uint64_t unseen = 0;  // characters the model has never seen, left out
  double nats_per_token = 0;
  double bits_per_token() const;
  double perplexity() const;
};

class LanguageNetwork;
class Session;
class StackState;
struct GradientReach;  // recur/inspect.h
struct UnitGroup;
struct UnitTrace;

// One state of one layer at every step of a text.
struct StateTrace {
  std::size_t length = 0, hidden = 0;
  std::vector<float> values;  // [length, hidden]
};

class LanguageModel {
 public:
  static LanguageModel load(const std::string& path);
  // Trains from scratch, or resumes; returns the best model, which is also in the file.
  static LanguageModel train(const LanguageModelJob& job, const TrainingHooks& hooks = {},
                             const std::function<void(const LanguageModelSummary&)>& begin = {},
                             TrainingResult* result = nullptr);
  // A model as it is before training, for a vocabulary of so many tokens.
  static LanguageModel untrained(const LanguageModelOptions& options, std::size_t vocabulary);
  ~LanguageModel();
  LanguageModel(LanguageModel&&) noexcept;
  LanguageModel& operator=(LanguageModel&&) noexcept;

  void save(const std::string& path) const;

  const LanguageModelOptions& options() const&;
  LanguageModelOptions options() &&;
  std::size_t parameters() const;
  std::size_t vocabulary() const;
  // Token ids of a text and back.
  std::vector<int> encode(std::string_view text) const;
  std::string decode(int token) const;
  // A JSON object: configuration, tensors, provenance and the kernel of each layer.
  std::string describe() const;
  // Options as a JSON object, by the names of their flags.
  static std::string describe_options(const LanguageModelOptions& options);

  // The loss over a text file, state carried from its beginning to its end.
  Evaluation evaluate(const std::string& path) const;

  // Continues the prompt, piece by piece and never with a part of a character.
  void generate(const Generation& options, const std::function<void(std::string_view)>& write) const;
  std::string generate(const Generation& options) const;

  // Runs over a text's tokens from zero states: state `slot` (0 is the output h) of `layer` at every step.
  StateTrace states(std::span<const int> tokens, std::size_t layer, std::size_t slot) const;

  // Runs it one token at a time. The model must outlive the session, so a temporary has none; it may be moved.
  Session session() const&;
  Session session() const&& = delete;

 private:
  friend class Session;
  friend GradientReach measure_gradients(const LanguageModel& model, const std::string& path, std::size_t steps);
  friend std::vector<UnitGroup> unit_groups(const LanguageModel& model);
  friend UnitTrace trace_units(const LanguageModel& model, const std::string& path, std::size_t length);
  explicit LanguageModel(std::unique_ptr<const LanguageNetwork> network, std::string provenance);
  std::unique_ptr<const LanguageNetwork> network_;
  std::string provenance_;
};

// All that a session carries from token to token, of every layer: a value. Copies share it; none of them changes.
class SessionState {
 private:
  friend class Session;
  std::shared_ptr<const StackState> state_;
  std::size_t vocabulary_ = 0;
};

// A model running token by token, its state carried. A step allocates nothing.
class Session {
 public:
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // Feeds one token; returns the logits of the next, [vocabulary], valid until the next call. Throws Error for an id
  // outside the vocabulary, and if a logit is not finite.
  std::span<const float> step(int token) &;
  // Where it is now, and back to where it or another session of the model was: what follows has the same bits again.
  // Throws Error for a state of a model of another shape.
  SessionState save() const;
  void restore(const SessionState& saved);
  // State `slot` of a layer, [hidden]: read it, or set it. Valid as long as the session.
  std::span<float> state(std::size_t layer, std::size_t slot) &;
  // Back to the states before the first step.
  void reset();

 private:
  friend class LanguageModel;
  class Implementation;
  explicit Session(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace recur
