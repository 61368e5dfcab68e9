// Runs a model one token at a time with its state carried, as a program does that gets its input bit by bit: prints
// each character of a text with how surprised the model was, in bits. Usage: streaming [MODEL TEXT]; without arguments,
// with a model that has not been trained.
#include <recur/recur.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <vector>

namespace {

double surprise(std::span<const float> logits, int token) {
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  return (std::log(sum) - static_cast<double>(logits[static_cast<std::size_t>(token)])) / std::log(2.0);
}

}  // namespace

int main(int argc, char** argv) try {
  recur::LanguageModelOptions options;
  options.hidden = 32;
  const recur::Model model = argc > 2 ? recur::Model::load(argv[1]) : recur::Model::untrained(options, 8);
  const std::vector<int> tokens = argc > 2 ? model.encode(argv[2]) : std::vector<int>{1, 2, 3, 1, 2, 3};
  if (tokens.empty()) throw std::runtime_error("expected a TEXT of at least one token");

  recur::Stream stream = model.stream();
  std::vector<float> logits(model.vocabulary());
  stream.step(0, logits);
  for (const int token : tokens) {
    std::printf("%6.2f bits  %s\n", surprise(logits, token), model.decode(token).c_str());
    stream.step(token, logits);
  }

  // A stream is a value: a copy goes on from the same state.
  for (const int next : {tokens.front(), tokens.back()}) {
    recur::Stream attempt = stream;
    attempt.step(next, logits);
    const std::span<float> h = attempt.state(0, 0);
    std::printf("after %s h of the first layer begins with %.4f\n", model.decode(next).c_str(), double{h[0]});
  }
} catch (const std::exception& error) {
  std::cerr << "streaming: " << error.what() << '\n';
  return 1;
}
