// Word vectors in files: recur's model file, and the text and binary formats of word2vec (data/word_vectors.h).
#pragma once

#include <string>

#include "data/word_vectors.h"
#include "io/model_file.h"

namespace recur {

// The task of model files of word vectors.
inline constexpr const char* kEmbedTask = "embed";

enum class VectorsFormat { model, text, binary };
// By the ending of the path: .safetensors, .vec or .txt, .bin. Throws Error naming it for another.
VectorsFormat vectors_format(const std::string& path);
// Whether it ends in one of those that are no model files.
bool has_vectors_ending(const std::string& path);

// Replaces the file once the new one is whole.
void save_embedding(const std::string& path, const EmbeddingTable& table);
// A file of any format. Throws Error naming it and what is wrong.
EmbeddingTable read_embedding(const std::string& path);

}  // namespace recur
