// What a classifier finds in data files, and its configuration as JSON.
#pragma once

#include <functional>

#include "tasks/classifier.h"

namespace recur {

struct ClassifySurvey {
  Classifier::Input input;
  std::vector<std::string> labels;  // in order
  std::vector<std::size_t> counts;  // [labels]
};
// Throws Error naming file and line; also when there are fewer than two labels.
ClassifySurvey survey_records(const ClassifyOptions& options, const InputFile& data, const ReadOptions& reading,
                              const LanguageNetwork* pretrained);

// Calls visit() with the label of each record, or with an empty text for one that has none.
void for_classify_labels(const InputFile& data, const std::function<void(const std::string& label)>& visit);

std::unique_ptr<Records> read_classify_records(const Classifier::Input& input, const std::vector<std::string>& labels,
                                               const InputFile& file, const ReadOptions& options);

struct ClassifyConfiguration {
  ClassifyOptions options;
  Classifier::Input input;
  std::vector<std::string> labels;
  std::vector<float> class_weights;
};
nlohmann::json write_classify_configuration(const ClassifyConfiguration& configuration);
ClassifyConfiguration read_classify_configuration(const nlohmann::json& json);

}  // namespace recur
