// Model files that earlier versions wrote (tests/data/models): they load, and say what they said then.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/run_program.h"
#include "support/paths.h"

namespace recur::old_models_test {
namespace {

struct OldModel {
  const char *model, *data, *measure;
  double nats;  // a prediction, as the version that wrote the file measured them
};

TEST(OldModels, LoadAndMeasureAsTheyDid) {
  constexpr OldModel kModels[] = {
      {"language_model_format1", "language_model.txt", "nats_per_token", 2.876141836861091},
      {"language_model_format2", "language_model.txt", "nats_per_token", 2.876141836861091},
      {"language_model", "language_model.txt", "nats_per_token", 2.876141836861091},
      {"classify_text", "texts.tsv", "nats_per_record", 0.685325844912116},
      {"classify_numbers", "numbers.jsonl", "nats_per_record", 0.6763104548655265},
      {"tag", "tags.conll", "nats_per_word", 0.7017282282186409},
      {"translate", "pairs.tsv", "nats_per_token", 2.849280128676061},
      {"conditioned", "texts.tsv", "nats_per_token", 2.996504179656975},
  };
  const std::string folder = source_folder() + "/tests/data/models/";
  for (const OldModel& old : kModels) {
    const ProgramResult result =
        run_program({"eval", folder + old.model + ".safetensors", "--data", folder + old.data});
    ASSERT_EQ(result.code, 0) << old.model << ": " << result.err;
    const double nats = nlohmann::json::parse(result.out)[old.measure];
    EXPECT_NEAR(nats, old.nats, 1e-6) << old.model;
  }
}

}  // namespace
}  // namespace recur::old_models_test
