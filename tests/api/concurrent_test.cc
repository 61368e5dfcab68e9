// Every public class is used by eight threads at once, and by those of an OpenMP region: each call has the bits that it
// has alone.
#include "support/concurrent.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/temp_folder.h"
#include "recur/recur.h"
#include "support/generation.h"
#include "support/records.h"
#include "support/streams.h"

namespace recur::concurrent_test {
namespace {

// Every bit of some numbers.
template <class Numbers>
std::string bits(const Numbers& numbers) {
  std::ostringstream text;
  text << std::hexfloat;
  for (const auto x : numbers) text << x << ' ';
  return text.str();
}

// A text of a model without training, and that as a file: enough steps and tokens for its logits to be cut into slices,
// and for those of eight threads to have no place in the memory of one.
struct Reader {
  Reader() {
    for (std::size_t i = 0; i < 300; ++i) text += "w" + std::to_string(i * 37 % 1999) + (i % 11 == 10 ? "\n" : " ");
    path = folder.write("text.txt", text);
  }
  TempFolder folder;
  Model model = Model::untrained({{.cell = "qrnn", .layers = 2, .hidden = 6}, 5}, 2000);
  std::string text, path;
};

TEST(Concurrent, LanguageModel) {
  const Reader reader;
  const Model& model = reader.model;
  expect_the_same_at_once([&](std::size_t user) {
    const Evaluation evaluation = model.evaluate(reader.path);
    const std::vector<int> tokens = model.encode(reader.text);
    return bits(std::vector<double>{evaluation.nats}) + model.decode(tokens[user]) +
           model.generate(generation("w1 w2", 10, user));
  });
}

TEST(Concurrent, LanguageModelsInTraining) {
  const TempFolder folder;
  std::string text;
  for (int i = 0; i < 60; ++i) text += "the cat sat on the mat\n";
  const std::string data = folder.write("data.txt", text);
  expect_the_same_at_once([&](std::size_t user) {
    Job job;
    job.data = data;
    job.model = folder.file("model" + std::to_string(user) + ".safetensors");
    job.task = LanguageModelOptions{{.layers = 1, .hidden = 5 + user}};
    job.training.batch = 4;
    job.training.unroll = 10;
    job.training.epochs = 2;
    const Model model = Model::train(job);
    return bits(std::vector<double>{model.evaluate(data).nats});
  });
}

// All ask at once for what packs the weights.
TEST(Concurrent, StreamsOfOneModel) {
  const Reader reader;
  const std::vector<int> tokens = reader.model.encode(reader.text);
  expect_the_same_at_once([&](std::size_t user) {
    Stream stream = reader.model.stream({.realtime = user % 2 == 0});
    std::string seen;
    for (std::size_t i = user; i < user + 12; ++i) seen += bits(step(stream, tokens[i]));
    const Stream snapshot = stream;
    step(stream, 1);
    stream = snapshot;
    return seen + bits(step(stream, 2));
  });
}

TEST(Concurrent, CopiesOfOneStream) {
  const Reader reader;
  Stream stream = reader.model.stream();
  step(stream, 3);
  const Stream& shared = stream;
  expect_the_same_at_once([&](std::size_t user) {
    Stream own = shared;
    return bits(step(own, static_cast<int>(user)));
  });
}

TEST(Concurrent, StreamsSteppedTogether) {
  const Reader reader;
  expect_the_same_at_once([&](std::size_t user) {
    std::vector<Stream> streams(5 + user, reader.model.stream());
    std::vector<Stream*> all;
    std::vector<int> tokens;
    for (Stream& stream : streams) {
      all.push_back(&stream);
      tokens.push_back(static_cast<int>(all.size() + user));
    }
    std::vector<float> logits(all.size() * reader.model.vocabulary());
    for (int i = 0; i < 3; ++i) step_together(all, tokens, logits);
    return bits(logits);
  });
}

TEST(Concurrent, Inspection) {
  const Reader reader;
  expect_the_same_at_once([&](std::size_t user) {
    const GradientReach reach = measure_gradients(reader.model, reader.path, 10 + user);
    const UnitTrace trace = trace_units(reader.model, reader.path, 10 + user);
    return bits(reach.states.back().norms) + bits(trace.values) + std::to_string(unit_groups(reader.model).size());
  });
}

// A task on records with lines to learn from and lines to answer.
struct Trained {
  Trained(const TaskOptions& options, const std::vector<std::string>& records, const std::string& questions) {
    std::string data;
    for (std::size_t i = 0; i < 60; ++i) data += records[i % records.size()];
    Job job;
    job.data = folder.write("data", data);
    job.validation = folder.write("validation", records[0] + records[1]);
    job.model = folder.file("model.safetensors");
    job.task = options;
    job.training.epochs = 1;
    job.training.batch = 8;
    Model::train(job);
    model_path = job.model;
    asked = folder.write("asked", questions);
  }
  // What all users of a model do with it.
  std::string answers(const Model& model) const {
    return model.evaluate(folder.file("data")).metrics + predicted_lines(model, asked);
  }

  TempFolder folder;
  std::string model_path, asked;
};

TEST(Concurrent, Classifier) {
  for (const Pooling pooling : {Pooling::last, Pooling::attention}) {
    ClassifyOptions options;
    options.network.hidden = 6;
    options.pooling = pooling;
    const Trained trained(options, {"good\tit was a good day\n", "bad\tno good at all\n"},
                          "a good day\nnot at all good\nit was\n");
    const Model model = Model::load(trained.model_path);
    expect_the_same_at_once([&](std::size_t) { return trained.answers(model); });
  }
}

TEST(Concurrent, Tagger) {
  TagOptions options;
  options.network.hidden = 6;
  const Trained trained(options, {"the\tD\ncat\tN\nsat\tV\n\n", "a\tD\nmat\tN\n\n"}, "the\nmat\n\na\ncat\nsat\n\n");
  const Model model = Model::load(trained.model_path);
  expect_the_same_at_once([&](std::size_t) { return trained.answers(model); });
}

TEST(Concurrent, Translator) {
  for (const Attention attention : {Attention::none, Attention::additive, Attention::general}) {
    TranslateOptions options;
    options.network = {.cell = "gru", .layers = 2, .hidden = 6};
    options.source.kind = options.target.kind = TokenizerKind::character;
    options.embedding = 5;
    options.attention = attention;
    const Trained trained(options, {"abc\tcba\n", "bca\tacb\n", "aab\tbaa\n"}, "abca\ncab\n\nbb\n");
    const Model model = Model::load(trained.model_path);
    expect_the_same_at_once([&](std::size_t) { return trained.answers(model); });
  }
}

TEST(Concurrent, TranslatorOfSubwords) {
  TranslateOptions options;
  options.network = {.cell = "gru", .layers = 1, .hidden = 6};
  options.source = options.target = {TokenizerKind::subword, {}, 30};
  const Trained trained(options, {"the cat sat\tle chat assis\n", "a mat\tun tapis\n"}, "the mat\na cat\n");
  const Model model = Model::load(trained.model_path);
  expect_the_same_at_once([&](std::size_t) { return trained.answers(model); });
}

TEST(Concurrent, ConditionedModel) {
  ConditionedOptions options;
  options.network = {.layers = 1, .hidden = 6};
  options.embedding = 4;
  options.feed_condition = true;
  const Trained trained(options, {"jig\tabcab\n", "reel\tcbacb\n"}, "jig\tabc\nreel\tcab\n");
  const Model model = Model::load(trained.model_path);
  expect_the_same_at_once([&](std::size_t user) {
    return trained.answers(model) + model.generate(generation("", 20, user), user % 2 == 0 ? "jig" : "reel");
  });
}

TEST(Concurrent, LoadingAndDescribing) {
  const Reader reader;
  const std::string path = reader.folder.file("model.safetensors");
  reader.model.save(path);
  expect_the_same_at_once([&](std::size_t) {
    const Model model = Model::load(path);
    return model.describe() + task_of_model(path) + model.options().task();
  });
}

struct Added {
  static constexpr Names states = {"h"};
  static constexpr Names gates = {"candidate"};
  static auto next(auto z) { return results(tanh(z)); }
};

TEST(Concurrent, Zoo) {
  const std::size_t before = all_cells().size();
  const Results found = on_threads([](std::size_t user) {
    const std::string name = "concurrent-" + std::to_string(user);
    add_cell<Added>(name);
    return find_cell(name).name + " " + find_cell("lstm").name;
  });
  for (std::size_t user = 0; user < kUsers; ++user) {
    EXPECT_EQ(found[user], "concurrent-" + std::to_string(user) + " lstm");
  }
  EXPECT_EQ(all_cells().size(), before + kUsers);
}

}  // namespace
}  // namespace recur::concurrent_test
