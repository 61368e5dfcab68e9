// Many to many, of unequal lengths: an encoder reads the source, a decoder writes the target.
#pragma once

#include <memory>
#include <optional>

#include "data/ragged.h"
#include "data/text_codec.h"
#include "nn/decoder.h"
#include "recur/tasks.h"
#include "recur/training.h"
#include "tasks/beam_search.h"
#include "tasks/step_batch.h"
#include "tasks/task_network.h"
#include "tasks/translation_output.h"

namespace recur {

struct TranslateRecords : Records {
  Ragged<int> source;
  Ragged<int> input, target;                          // begin and target; target and end
  std::vector<std::string> source_text, target_text;  // if kept
  std::uint64_t unknown = 0;                          // tokens of targets that the vocabulary lacks
};

class Translator : public TaskNetworkOf<TranslateRecords> {
 public:
  static constexpr const char* kTask = "translate";

  static std::unique_ptr<Translator> build(const TranslateOptions& options, const InputFile& data,
                                           const ReadOptions& reading);
  void start(const TrainingOptions& training);
  static std::unique_ptr<Translator> load(const nlohmann::json& configuration);

  std::string_view task() const override { return kTask; }
  nlohmann::json configuration() const override;
  std::vector<std::pair<std::string, std::string>> description() const override;
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks() const override;
  const char* format() const override { return "lines of source<TAB>target"; }
  std::unique_ptr<Records> read(const InputFile& file, const ReadOptions& options) const override;
  void begin_epoch(std::uint64_t epoch) override;

 protected:
  LossSum batch_loss(Tape& tape, const TranslateRecords& records, std::span<const std::size_t> batch,
                     const NoiseSource& noise) const override;
  RecordsScore score(const TranslateRecords& records, const DecodeOptions& decode) const override;
  RecordsScore validate(const TranslateRecords& records) const override;
  std::size_t write_predictions(const TranslateRecords& records, const PredictOptions& options,
                                const WriteText& write) const override;

 private:
  Translator(const TranslateOptions& options, TextCodec source, TextCodec target, const OutputBound& bound);

  // The targets of a batch in the decoder's order, longest first.
  struct Targets {
    std::vector<std::size_t> source_of;  // of each target: where in the batch its source is
    StepBatch<int> input, target;
  };
  static Targets order_targets(const TranslateRecords& records, std::span<const std::size_t> batch);

  Encoding encode(Tape& tape, const TranslateRecords& records, std::span<const std::size_t> batch,
                  const NoiseSource& noise) const;
  // Replaces some of the decoder's inputs by what it would have written itself.
  void sample_inputs(Targets& targets, const Encoding& encoding, Tape& tape, const NoiseSource& noise) const;
  LossSum teacher_forced_loss(const TranslateRecords& records) const;
  // Calls visit(record, outputs) with the best outputs of every record's source.
  template <class Visit>
  void for_outputs(const TranslateRecords& records, const DecodeOptions& decode, bool keep_attention,
                   const Visit& visit) const;
  // An output as text; where it is unknown, the word of the source that was looked at most.
  std::string text_of(const Hypothesis& hypothesis, const TranslateRecords& records, std::size_t record) const;
  // As far as the encoder reads them, in its order.
  std::vector<std::string> source_pieces(const TranslateRecords& records, std::size_t record) const;

  TranslateOptions options_;
  TextCodec source_codec_, target_codec_;
  OutputBound bound_;
  std::optional<EmbeddedStack> encoder_;
  std::optional<Decoder> decoder_;
  double sampling_share_ = 0;  // of scheduled sampling, in this step
};

}  // namespace recur
