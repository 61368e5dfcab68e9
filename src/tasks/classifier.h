// Many to one: a label for a text, or for a sequence of vectors.
#pragma once

#include <memory>
#include <optional>

#include "data/ragged.h"
#include "data/text_codec.h"
#include "nn/embedded_stack.h"
#include "recur/tasks.h"
#include "recur/training.h"
#include "tasks/classification_metrics.h"
#include "tasks/language_model.h"
#include "tasks/step_batch.h"
#include "tasks/task_network.h"

namespace recur {

struct ClassifyRecords : Records {
  Ragged<int> tokens;     // of texts
  Ragged<float> numbers;  // or [steps, width] of vectors
  std::vector<int> labels;
};

class Classifier : public TaskNetworkOf<ClassifyRecords> {
 public:
  static constexpr const char* kTask = "classify";

  // What there is to know of the data: a codec for texts, or the width of vectors with what makes them have mean 0 and
  // deviation 1.
  struct Input {
    std::optional<TextCodec> codec;
    std::vector<double> mean, scale;  // [width]

    std::size_t width() const { return mean.size(); }
  };
  // Lines of `label<TAB>text`, or of JSON {"label": .., "sequence": [[..], ..]}: finds labels and vocabulary. With
  // `pretrained` vocabulary, embedding and layers are copied from it.
  static std::unique_ptr<Classifier> build(ClassifyOptions options, const InputFile& data, const ReadOptions& reading,
                                           const LanguageNetwork* pretrained);
  // The parameters' initial values.
  void start(const TrainingOptions& training, const LanguageNetwork* pretrained);
  static std::unique_ptr<Classifier> load(const nlohmann::json& configuration);

  std::string_view task() const override { return kTask; }
  nlohmann::json configuration() const override;
  std::vector<std::pair<std::string, std::string>> description() const override;
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks() const override { return {{"", &layers()}}; }
  const char* format() const override { return "lines of label<TAB>text"; }
  std::unique_ptr<Records> read(const InputFile& file, const ReadOptions& options) const override;
  void begin_epoch(std::uint64_t epoch) override { epoch_ = epoch; }
  std::size_t frozen() const override;

 protected:
  LossSum batch_loss(Tape& tape, const ClassifyRecords& records, std::span<const std::size_t> batch,
                     const NoiseSource& noise) const override;
  RecordsScore score(const ClassifyRecords& records, const DecodeOptions& decode) const override;
  std::size_t write_predictions(const ClassifyRecords& records, const PredictOptions& options,
                                const WriteText& write) const override;

 private:
  Classifier(const ClassifyOptions& options, Input input, std::vector<std::string> labels,
             std::vector<float> class_weights);

  const RecurrentStack& layers() const { return embedded_ ? embedded_->layers() : *plain_; }
  Var hidden(Tape& tape, const ClassifyRecords& records, std::span<const std::size_t> batch,
             const NoiseSource& noise) const;
  Var pool(Tape& tape, Var x, const Steps& steps) const;
  // Calls visit(record, logits) for every record.
  template <class Visit>
  void for_logits(const ClassifyRecords& records, const Visit& visit) const;

  ClassifyOptions options_;
  Input input_;
  std::vector<std::string> labels_;
  std::vector<float> class_weights_;  // [labels], or empty
  std::optional<EmbeddedStack> embedded_;
  std::optional<RecurrentStack> plain_;
  Parameters::Id attention_weight_ = 0, attention_bias_ = 0, attention_vector_ = 0, attention_shift_ = 0;
  Parameters::Id first_head_ = 0;  // parameters from here on are trained while the others are frozen
  Parameters::Id output_weight_ = 0, output_bias_ = 0;

  std::uint64_t epoch_ = 0;
};

}  // namespace recur
