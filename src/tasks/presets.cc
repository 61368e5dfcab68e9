#include "recur/types/presets.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/show.h"

namespace recur {
namespace {

// Flag and value, one after the other.
std::vector<std::pair<std::string_view, std::string_view>> pairs(std::string_view options) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  const auto word = [&options] {
    const std::string_view first = options.substr(0, options.find(' '));
    options.remove_prefix(std::min(first.size() + 1, options.size()));
    return first;
  };
  while (!options.empty()) {
    const std::string_view name = word();
    pairs.emplace_back(name, word());
  }
  return pairs;
}

std::vector<Preset> make_presets() {
  return {
      {"karpathy-2015", "lm",
       "Karpathy, Johnson & Fei-Fei 2015, Visualizing and understanding recurrent networks: LSTM 3 x 512",
       "War and Peace, or the sources of Linux: a text of characters", "",
       pairs("layers 3 hidden 512 batch 100 unroll 100 epochs 50 optimizer rmsprop lr 0.002 schedule step "
             "lr-decay 0.95 lr-decay-after 10 init-range 0.08 clip-by value clip 5")},
      {"zaremba-2014-small", "lm",
       "Zaremba, Sutskever & Vinyals 2014, Recurrent neural network regularization: small, LSTM 2 x 200",
       "Penn Treebank: 10,000 words", "",
       pairs("tokenizer word layers 2 hidden 200 embedding 200 batch 20 unroll 20 epochs 13 init-range 0.1 "
             "optimizer sgd lr 1 schedule step lr-decay 0.5 lr-decay-after 4 clip 5")},
      {"zaremba-2014-medium", "lm",
       "Zaremba, Sutskever & Vinyals 2014, Recurrent neural network regularization: medium, LSTM 2 x 650",
       "Penn Treebank: 10,000 words", "",
       pairs("tokenizer word layers 2 hidden 650 embedding 650 dropout 0.5 batch 20 unroll 35 epochs 39 "
             "init-range 0.05 optimizer sgd lr 1 schedule step lr-decay 0.8333 lr-decay-after 6 clip 5")},
      {"zaremba-2014-large", "lm",
       "Zaremba, Sutskever & Vinyals 2014, Recurrent neural network regularization: large, LSTM 2 x 1500",
       "Penn Treebank: 10,000 words", "",
       pairs("tokenizer word layers 2 hidden 1500 embedding 1500 dropout 0.65 batch 20 unroll 35 epochs 55 "
             "init-range 0.04 optimizer sgd lr 1 schedule step lr-decay 0.8696 lr-decay-after 14 clip 10")},
      {"awd-lstm-2018", "lm",
       "Merity, Keskar & Socher 2018, Regularizing and optimizing LSTM language models: 3 layers, 1150 units",
       "Penn Treebank: 10,000 words",
       "every layer puts out 400 numbers; one dropout; windows of 70; a clip of 0.25 x 70 is too much for them",
       pairs("tokenizer word cell lstm-projection layers 3 hidden 1150 projection 400 embedding 400 tied true "
             "dropout 0.4 variational true embedding-dropout 0.1 weight-drop 0.5 activation-penalty 2 "
             "temporal-penalty 1 batch 20 unroll 70 epochs 500 optimizer sgd lr 0.43 schedule constant "
             "weight-decay 0.000084 clip 5 average asgd")},
      {"dai-le-2015", "classify",
       "Dai & Le 2015, Semi-supervised sequence learning: LSTM 1024, with --init-from a language model",
       "film reviews (IMDB)", "the first 400 words of a review are read",
       pairs("tokenizer token lowercase true bidirectional false hidden 1024 embedding 512 pooling last "
             "max-length 400 dropout 0.5")},
      {"huang-2015", "tag",
       "Huang, Xu & Yu 2015, Bidirectional LSTM-CRF models for sequence tagging: LSTM 300 in both directions",
       "CoNLL-2000 chunks, CoNLL-2003 names; with --embeddings of 50 numbers",
       "without the paper's features of spelling and context; a batch is at most 100 words, as there",
       pairs("letter-cell none hidden 300 embedding 50 dropout 0 batch-tokens 100 optimizer sgd lr 0.1 "
             "schedule constant")},
      {"lample-2016", "tag",
       "Lample et al. 2016, Neural architectures for named entity recognition: LSTM-CRF 100, letters 25",
       "CoNLL-2003 names; with --embeddings of 100 numbers",
       "of a word's letters the largest outputs are taken; rate 0.01 and clip 5 were of sums over some 14 words",
       pairs("hidden 100 embedding 100 letter-cell lstm letter-hidden 25 letter-embedding 25 dropout 0.5 batch 1 "
             "optimizer sgd lr 0.14 schedule constant clip 0.36 epochs 100")},
      {"sutskever-2014", "translate",
       "Sutskever, Vinyals & Le 2014, Sequence to sequence learning: LSTM 4 x 1000, 160,000 to 80,000 words",
       "WMT'14 English to French",
       "sampled softmax; the rate falls once an epoch; rate 0.7 and clip 5 were of sums over some 28 words",
       pairs("cell lstm layers 4 hidden 1000 embedding 1000 bidirectional false attention none reverse-source true "
             "source-max-vocab 160000 target-max-vocab 80000 softmax sampled dropout 0 batch 128 epochs 8 "
             "init-range 0.08 optimizer sgd lr 20 schedule step lr-decay 0.25 lr-decay-after 5 clip 0.18")},
      {"bahdanau-2015", "translate",
       "Bahdanau, Cho & Bengio 2015, Neural translation by jointly learning to align and translate: GRU 1000",
       "WMT'14 English to French: 30,000 words", "no maxout layer; Adam and not Adadelta",
       pairs("cell gru-reset-before layers 1 hidden 1000 embedding 620 attention additive attention-size 1000 "
             "source-max-vocab 30000 target-max-vocab 30000 dropout 0 batch 80 clip 1")},
      {"luong-2015", "translate",
       "Luong, Pham & Manning 2015, Effective approaches to attention-based translation: LSTM 4 x 1000",
       "WMT'14 English to German: 50,000 words",
       "the first layer of the decoder looks, not the last; rate 1 and clip 5 were of sums over some 25 words",
       pairs("cell lstm layers 4 hidden 1000 embedding 1000 bidirectional false attention general "
             "reverse-source true source-max-vocab 50000 target-max-vocab 50000 dropout 0.2 batch 128 epochs 12 "
             "init-range 0.1 optimizer sgd lr 25 schedule step lr-decay 0.5 lr-decay-after 8 clip 0.2")},
      {"gregor-2015", "draw",
       "Gregor et al. 2015, DRAW, a recurrent neural network for image generation: LSTM 256, 64 glimpses",
       "binarised MNIST: pictures of 28 x 28", "the paper does not say the rate nor the batch",
       pairs("cell lstm layers 1 hidden 256 learned-state true glimpses 64 latent 100 attention true read 2 write 5 "
             "batch 100 lr 0.001")},
      {"graves-2013-1x250", "transcribe",
       "Graves, Mohamed & Hinton 2013, Speech recognition with deep recurrent networks: LSTM of 250, both directions",
       "TIMIT: phones",
       "characters, unless --tokenizer word reads phones; no energy beside the filters, no noise on the weights",
       pairs("cell lstm-peephole layers 1 hidden 250 bidirectional true mels 40 deltas 2 dropout 0 batch 1 "
             "init-range 0.1 optimizer sgd momentum 0.9 lr 0.0001 schedule constant clip-by none")},
      {"graves-2013-3x250", "transcribe",
       "Graves, Mohamed & Hinton 2013, Speech recognition with deep recurrent networks: LSTM of 250, both directions",
       "TIMIT: phones",
       "characters, unless --tokenizer word reads phones; no energy beside the filters, no noise on the weights",
       pairs("cell lstm-peephole layers 3 hidden 250 bidirectional true mels 40 deltas 2 dropout 0 batch 1 "
             "init-range 0.1 optimizer sgd momentum 0.9 lr 0.0001 schedule constant clip-by none")},
      {"graves-2013-5x250", "transcribe",
       "Graves, Mohamed & Hinton 2013, Speech recognition with deep recurrent networks: LSTM of 250, both directions",
       "TIMIT: phones",
       "characters, unless --tokenizer word reads phones; no energy beside the filters, no noise on the weights",
       pairs("cell lstm-peephole layers 5 hidden 250 bidirectional true mels 40 deltas 2 dropout 0 batch 1 "
             "init-range 0.1 optimizer sgd momentum 0.9 lr 0.0001 schedule constant clip-by none")},
      {"graves-2013-transducer", "transcribe",
       "Graves, Mohamed & Hinton 2013, Speech recognition with deep recurrent networks: LSTM of 250, both directions",
       "TIMIT: phones", "as above; the paper's best started from a network of CTC and one that predicts phones",
       pairs("cell lstm-peephole layers 3 hidden 250 bidirectional true mels 40 deltas 2 dropout 0 batch 1 "
             "init-range 0.1 optimizer sgd momentum 0.9 lr 0.0001 schedule constant clip-by none output transducer "
             "embedding 0 joint 250")},
      {"speech-5x600", "transcribe", "LSTM 5 x 600 with CTC, as large systems of speech recognition had around 2015",
       "thousands of hours of speech", "Adam; frames stacked in threes",
       pairs("layers 5 hidden 600 bidirectional true mels 40 stack 3 batch 32")},
      {"speech-7x1000", "transcribe",
       "LSTM 7 x 1000 with CTC, as large systems of speech recognition had around 2016 (Soltau, Liao & Sak 2016)",
       "more than 100,000 hours of speech", "Adam; frames stacked in threes",
       pairs("layers 7 hidden 1000 bidirectional true mels 40 stack 3 batch 32")},
      {"wang-nyberg-2015", "answer",
       "Wang & Nyberg 2015, A long short-term memory model for answer sentence selection: LSTM 2 x 500, embedding 300",
       "TREC QA; with --embeddings of 300 numbers",
       "the question is read by layers of its own, and stands beside each word of the answer",
       pairs("kind choose cell lstm layers 2 hidden 500 bidirectional true embedding 300 pooling mean match true")},
      {"wright-2019", "effect",
       "Wright, Damskagg & Valimaki 2019, Real-time black-box modelling with recurrent neural networks: LSTM 32",
       "guitar amplifiers and pedals at 44,100 samples a second, clips of half a second",
       "the rate falls along a cosine",
       pairs("cell lstm layers 1 hidden 32 batch 40 unroll 2048 warm-up 1000 emphasis 0.95 residual true lr 0.005")},
      {"deepar-2020", "forecast",
       "Salinas et al. 2020, DeepAR: probabilistic forecasting with autoregressive recurrent networks: LSTM 3 x 40",
       "many series of the same kind: electricity, traffic, sales",
       "Student's t; windows are divided by their mean size",
       pairs("cell lstm layers 3 hidden 40 rolled true loss student level mean batch 64 lr 0.001")},
      {"nallapati-2016", "summarize",
       "Nallapati et al. 2016, Abstractive text summarization using sequence-to-sequence RNNs: GRU 200, embedding 100",
       "Gigaword: first sentences and headlines, 119,000 to 68,000 words",
       "Adam and not Adadelta; words are sampled from the whole vocabulary and not from each batch's",
       pairs("cell gru-reset-before layers 1 hidden 200 bidirectional true embedding 100 source-max-vocab 119000 "
             "summary-max-vocab 68000 pointer false softmax sampled samples 2000 dropout 0 batch 50 clip 10")},
      {"see-2017", "summarize", "See, Liu & Manning 2017, Get to the point: LSTM 256 with pointer and coverage",
       "CNN and Daily Mail: articles of 400 tokens, 50,000 words",
       "coverage from the twelfth epoch on; encoder and decoder have embeddings of their own; Adagrad begins at 0",
       pairs("cell lstm layers 1 hidden 256 bidirectional true embedding 128 source-max-vocab 50000 "
             "summary-max-vocab 50000 pointer true coverage 1 coverage-from 12 dropout 0 batch 16 max-length 400 "
             "optimizer adagrad lr 0.15 epsilon 0.316 schedule constant clip 2 epochs 13")},
      {"vinyals-2015", "caption", "Vinyals et al. 2015, Show and tell: a neural image caption generator: LSTM 512",
       "Flickr8k, Flickr30k, COCO: features of a network that knows ImageNet, captions of words seen five times",
       "features make the first states and are not the first input",
       pairs("cell lstm layers 1 hidden 512 size 512 embedding 512 attention none min-count 5 dropout 0.5 "
             "optimizer sgd lr 2 schedule constant clip 5")},
      {"xu-2015", "caption", "Xu et al. 2015, Show, attend and tell: LSTM 1000 that looks at places",
       "Flickr8k: 196 places of 512 numbers each, of a network that knows ImageNet",
       "soft attention alone; without doubly stochastic attention and its gate",
       pairs("cell lstm layers 1 hidden 1000 size 512 embedding 512 attention additive dropout 0.5 optimizer rmsprop "
             "lr 0.0001 batch 64")},
      {"graves-2013-handwriting", "strokes",
       "Graves 2013, Generating sequences with recurrent neural networks: LSTM 3 x 400, 20 mixture components",
       "IAM-OnDB: lines of handwriting as steps of a pen",
       "Adam and not RMSprop; the layers do not skip; what the pen does is one of three, and the drawing ends",
       pairs("cell lstm-peephole layers 3 hidden 400 components 20 batch 32 lr 0.001 schedule constant clip-by value "
             "clip 10")},
      {"chung-2014", "chords",
       "Chung, Gulcehre, Cho & Bengio 2014, Empirical evaluation of gated recurrent networks: GRU 46",
       "Bach's chorales (JSB), Nottingham, MuseData, Piano-midi.de: piano rolls",
       "without noise on the weights; a learning rate from the range that theirs are drawn from",
       pairs("cell gru-reset-before layers 1 hidden 46 dropout 0 optimizer rmsprop lr 0.001 schedule constant clip 1")},
  };
}

}  // namespace

std::span<const Preset> all_presets() {
  static const std::vector<Preset> presets = make_presets();
  return presets;
}

const Preset& find_preset(std::string_view name, std::string_view task) {
  std::string names;
  for (const Preset& preset : all_presets()) {
    if (preset.name == name && preset.task == task) return preset;
    if (preset.name == name) fail("--preset: {} is of the task {}: recur train {}", name, preset.task, preset.task);
    if (preset.task == task) names += fmt::format("{}{}", names.empty() ? "" : ", ", preset.name);
  }
  if (names.empty()) fail("--preset: there is none of the task {}; recur presets lists them", task);
  fail("--preset: expected one of {}, got {}", names, quote(name));
}

}  // namespace recur
