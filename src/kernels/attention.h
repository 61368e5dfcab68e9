// What one query makes of the positions of its source, and back: scores, weights and the sum that they weigh. Every
// function works on the calling thread; what it computes does not depend on the number of threads.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/product.h"

namespace recur {

// How much each row of keys has been looked at before, [rows], and what scores make of that, [columns]; null: nothing.
struct Coverage {
  const float *amounts = nullptr, *weight = nullptr;
};

// scores[j] = v . tanh(query + keys[j] + weight * amounts[j]) for every row of keys (Bahdanau, Cho & Bengio 2015; with
// coverage See, Liu & Manning 2017); query, v and weight [columns].
void additive_scores(const float* query, const ConstMatrix& keys, const float* v, float* scores,
                     const Coverage& coverage = {});

// scores[j] = query . keys[j].
void dot_scores(const float* query, const ConstMatrix& keys, float* scores);

// sum += the sum over j of weights[j] * rows[j].
void add_weighted_rows(const float* weights, const ConstMatrix& rows, float* sum);

// From the gradients d of weights = softmax(scores), in place, those of the scores.
void attention_softmax_backward(std::span<const float> weights, float* d);

// From the gradients d_scores of additive_scores that of the query, stored; with coverage those of the amounts, too, to
// which they are added.
void additive_query_backward(const float* query, const ConstMatrix& keys, const float* v, const float* d_scores,
                             float* d_query, const Coverage& coverage = {}, float* d_amounts = nullptr);

// A query that looked at a source: a row that belongs to it, and its numbers for the source's positions; with coverage
// what it knew of them.
struct Look {
  const float* row;
  const float* numbers;
  const float* amounts = nullptr;
};

// The gradients of a source's keys and of v from all queries that looked at it by additive_scores: rows are the
// queries, numbers d_scores. Adds to d_keys (rows as keys) and to d_v, in the order of the looks.
void additive_keys_backward(std::span<const Look> looks, const ConstMatrix& keys, const float* v, const Matrix& d_keys,
                            float* d_v);
// The same with coverage; adds to d_weight, too.
void additive_keys_backward(std::span<const Look> looks, const ConstMatrix& keys, const float* v, const float* weight,
                            const Matrix& d_keys, float* d_v, float* d_weight);

// sums[j] += the sum over looks of numbers[j] * row, in their order.
void add_looks(std::span<const Look> looks, const Matrix& sums);

// y = tanh(y); d *= 1 - y * y.
void apply_tanh(std::size_t count, float* y);
void apply_tanh_backward(std::size_t count, const float* y, float* d);

}  // namespace recur
