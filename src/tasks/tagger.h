// Many to many, of equal length: a tag for each word of a sentence.
#pragma once

#include <memory>
#include <optional>

#include "data/ragged.h"
#include "data/text_codec.h"
#include "nn/embedded_stack.h"
#include "recur/tasks.h"
#include "recur/training.h"
#include "tasks/step_batch.h"
#include "tasks/task_network.h"

namespace recur {

struct TagRecords : Records {
  Ragged<int> words;              // ids of each sentence's words
  Ragged<int> spellings;          // of each sentence's words: which of the file's distinct words
  Ragged<int> letters;            // of each distinct word: ids of its letters
  std::vector<std::string> text;  // of each distinct word
  Ragged<int> tags;               // of each sentence, or -1 - i of unknown_tags; empty without answers
  // Which the model does not know: it is wrong about them, and its loss leaves them out.
  std::vector<std::string> unknown_tags;
};

class Tagger : public TaskNetworkOf<TagRecords> {
 public:
  static constexpr const char* kTask = "tag";

  struct Vocabularies {
    TextCodec words, letters;
    std::vector<std::string> tags;
  };
  static std::unique_ptr<Tagger> build(const TagOptions& options, const InputFile& data, const ReadOptions& reading);
  void start(const TrainingOptions& training);
  static std::unique_ptr<Tagger> load(const nlohmann::json& configuration);

  std::string_view task() const override { return kTask; }
  nlohmann::json configuration() const override;
  std::vector<std::pair<std::string, std::string>> description() const override;
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks() const override;
  const char* format() const override { return "a word and its tag a line, and an empty line between sentences"; }
  std::unique_ptr<Records> read(const InputFile& file, const ReadOptions& options) const override;

 protected:
  LossSum batch_loss(Tape& tape, const TagRecords& records, std::span<const std::size_t> batch,
                     const NoiseSource& noise) const override;
  RecordsScore score(const TagRecords& records, const DecodeOptions& decode) const override;
  std::size_t write_predictions(const TagRecords& records, const PredictOptions& options,
                                const WriteText& write) const override;

 private:
  Tagger(const TagOptions& options, Vocabularies vocabularies);

  // What the layers say of each word, [total, width].
  struct Hidden {
    Var x;
    const Steps& steps;
  };
  Hidden hidden(Tape& tape, const TagRecords& records, std::span<const std::size_t> batch,
                const NoiseSource& noise) const;
  // Each word as its letters spell it, [total, width].
  Var read_letters(Tape& tape, const TagRecords& records, std::span<const int> spellings,
                   const NoiseSource& noise) const;
  // Of what is known of the tags: those that the model does not know, below 0, may be any. Changes the targets, which
  // must outlive the tape's contents.
  LossSum tag_loss(Tape& tape, const Hidden& hidden, std::span<int> targets, float gradient_scale) const;
  // [total, tags], to be added to scores: of each word whose tag is known no other can be chosen.
  Var forbid_other_tags(Tape& tape, std::span<const int> targets) const;
  // The tags of all words of a batch, [total].
  void choose_tags(Tape& tape, const Hidden& hidden, std::span<int> best) const;
  // Calls visit(record, tags) for every record.
  template <class Visit>
  LossSum for_tags(const TagRecords& records, bool with_loss, const Visit& visit) const;

  TagOptions options_;
  Vocabularies vocabularies_;
  Parameters::Id embedding_ = 0;
  std::optional<EmbeddedStack> letters_;
  std::optional<RecurrentStack> layers_;
  Parameters::Id output_weight_ = 0, output_bias_ = 0;
  Parameters::Id transitions_ = 0, starts_ = 0, ends_ = 0;  // of the CRF
};

}  // namespace recur
