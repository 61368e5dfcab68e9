// A task of one's own in a program of one's own: how many stars a review gives, a number and not a label. A recipe says
// of which parts the network is made; the program then has every command of recur for it:
//
//   own_task train stars --data reviews.csv --columns text=review,stars=rating --out stars.safetensors
//   own_task eval stars.safetensors --data other.csv --columns text=review,stars=rating
//   own_task predict stars.safetensors --data new.txt --format lines
//
// Without arguments it trains on reviews that it writes itself.
#include <recur/recur.h>

#include <array>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>

// What the task can be told.
struct Stars {
  recur::RecurrentOptions network{.cell = "gru", .layers = 1, .hidden = 32, .bidirectional = true, .dropout = 0.2F};
  recur::CodecOptions text;
  std::size_t embedding = 32;
  float embedding_dropout = 0;
  recur::Pooling pooling = recur::Pooling::mean;
};

// Each option once: from this come flags, their checks, help, what model files and checkpoints hold.
void list_options(recur::OptionList& list, Stars& o) {
  list_options(list, o.text);
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list_embedding(list, o.embedding, o.embedding_dropout, "Width of the input's embedding; 0: one-hot");
  list.group("Network");
  list.choice("pooling", o.pooling, "How a review's outputs become one vector");
}

// A text goes in; of what the layers say of it one vector is made, and of that one number.
recur::Recipe recipe(const Stars& o) {
  return {.fields = {{"text", recur::TextSpec{o.text}}, {"stars", recur::NumbersSpec{.one_step = true}, true}},
          .input = {recur::TokensSpec{"text", o.embedding, o.embedding_dropout}},
          .network = o.network,
          .head = recur::ValuesSpec{.field = "stars", .pooling = o.pooling}};
}

namespace {

// Reviews whose stars are those of their words, added up.
std::string write_reviews() {
  struct Word {
    const char* text;
    int stars;
  };
  constexpr std::array kWords = {Word{"good", 1},   Word{"great", 2}, Word{"bad", -1},
                                 Word{"awful", -2}, Word{"plot", 0},  Word{"music", 0}};
  const std::string path = "reviews.csv";
  std::ofstream file(path);
  file << "review,rating\n";
  for (unsigned i = 0; i < 400; ++i) {
    int stars = 3;
    std::string review = "the film has";
    for (unsigned k = 0, x = i * 2654435761U; k < 3; ++k, x /= 7) {
      const Word& word = kWords[x % kWords.size()];
      review += std::string(" ") + word.text;
      stars += word.stars;
    }
    file << '"' << review << "\"," << stars << '\n';
  }
  return path;
}

void train_and_predict() {
  recur::Job job;
  job.task = Stars();
  job.data = write_reviews();
  job.layout.columns = "text=review,stars=rating";
  job.model = "stars.safetensors";
  job.training.epochs = 12;
  job.training.batch = 16;
  job.training.schedule.learning_rate = 5e-3F;
  const recur::Model model = recur::Model::train(job);
  std::cout << model.evaluate(job.data, {.layout = job.layout}).metrics << '\n';

  const std::vector<recur::Record> reviews = {{{"text", "the film has great music"}}, {{"text", "an awful plot"}}};
  for (const recur::Prediction& prediction : model.predict(reviews)) {
    std::printf("%.1f stars\n", std::get<recur::NumbersPrediction>(prediction).numbers.values.front());
  }
}

}  // namespace

int main(int argc, char** argv) try {
  recur::register_task<Stars>({.name = "stars",
                               .unit = "review",
                               .description = "Train a critic: it learns how many stars a review gives\n\n"
                                              "Records have a text and a number, stars.",
                               .examples = "Example:\n  own_task train stars --data reviews.csv"});
  if (argc > 1) return recur::run_program(argc, argv);
  train_and_predict();
} catch (const std::exception& error) {
  std::cerr << "own_task: " << error.what() << '\n';
  return 1;
}
