// Trains a small language model on a text and lets it write.
// Usage: train_and_sample [TEXT [MODEL]]; without a text, on a nursery rhyme.
#include <recur/recur.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>

namespace {

// A text for the run without arguments, long enough for the model to learn it.
std::string write_rhyme() {
  const std::string path = "rhyme.txt";
  std::ofstream file(path);
  for (int i = 0; i < 200; ++i)
    file << "Row, row, row your boat, gently down the stream.\nMerrily, merrily, life is but a dream.\n";
  return path;
}

}  // namespace

int main(int argc, char** argv) try {
  recur::Job job;
  job.data = argc > 1 ? argv[1] : write_rhyme();
  job.model = argc > 2 ? argv[2] : "rhyme.safetensors";
  job.task = recur::LanguageModelOptions{{.cell = "gru", .layers = 1, .hidden = 64}};
  job.training.batch = 16;
  job.training.epochs = 6;
  job.training.schedule.learning_rate = 5e-3F;

  recur::TrainingHooks hooks;
  hooks.report = [](const recur::TrainingReport& r) {
    if (r.valid_loss)
      std::printf("epoch %d: %.3f nats a character held out\n", static_cast<int>(r.epoch), *r.valid_loss);
  };
  const recur::Model model = recur::Model::train(job, hooks);

  recur::Generation generation;
  generation.prompt = model.decode(0) == "\n" ? "Row" : "";
  generation.length = 200;
  generation.sampling.temperature = 0.5F;
  model.generate(generation, [](std::string_view piece) { std::cout << piece << std::flush; });
  std::cout << '\n';
} catch (const std::exception& error) {
  std::cerr << "train_and_sample: " << error.what() << '\n';
  return 1;
}
