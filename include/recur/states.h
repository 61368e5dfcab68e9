// What layers say of records, as numbers: to look for similar records, to draw, or for other programs to learn from.
//
//   const States states = states_of(Model::load("reviews.safetensors"), "reviews.tsv");
//   states.of(7);                    // one vector of states.width numbers
//   nearest_states(states, 7, 10);   // the ten records that are most similar
//
// What is returned are values, which do not need the model.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/model.h"

namespace recur {

struct StatesOptions {
  std::size_t layer = 0;            // from 1; 0: the last
  std::string state = {};           // of the cell: "h", "c", ..; empty: its first
  bool each_step = false;           // the states at every step, and not one vector a record
  Pooling pooling = Pooling::mean;  // how one vector is made of them; not attention
  PredictOptions predict = {};      // layout, max_length and threads
};

// Rows of `width` numbers: row begins[i] is the first of record i, begins[i + 1] the one behind its last. Of both
// directions those that run forwards come first.
struct States {
  std::size_t width = 0;
  std::vector<float> values;
  std::vector<std::size_t> begins = {0};
  std::size_t cut = 0;  // records that were longer than max_length: what was read of them

  std::size_t records() const { return begins.size() - 1; }
  std::span<const float> of(std::size_t record) const {
    return std::span(values).subspan(begins[record] * width, (begins[record + 1] - begins[record]) * width);
  }
};

// What the layers between input and head say of each record of a data file, or, of an encoder and decoder, the
// encoder's; answers need not be there. An empty line is a record of zeros. Throws Error for a layer or a state that
// the model has not, and for a model that reads no records with layers: of one text, of pictures that it draws or
// describes. A forecaster's records are its series: what is seen of each before its forecast.
States states_of(const Model& model, const std::string& path, const StatesOptions& options = {});

// Written to PATH.npy as an array [records, width], and read again; of each step to PATH.safetensors, as "states"
// [rows, width] and "begins" [records + 1]. Throws Error naming the file.
void save_states(const std::string& path, const States& states);
States load_states(const std::string& path);

struct NearState {
  std::size_t record = 0;  // from 0
  double similarity = 0;   // the cosine of the angle between the vectors
};
// The records most similar to one, itself left out, the most similar first. Throws Error where the record is none, or
// records have several vectors.
std::vector<NearState> nearest_states(const States& states, std::size_t record, std::size_t count);

}  // namespace recur
