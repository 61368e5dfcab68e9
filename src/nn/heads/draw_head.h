// Pictures, drawn on a canvas step by step (DRAW: Gregor, Danihelka, Graves, Rezende & Wierstra 2015).
//
// At each step an encoder sees the picture x and what the canvas c lacks of it, x - sigmoid(c): through a glimpse where
// the decoder looks (kernels/glimpse.h), or all of both. Numbers z are drawn from the normal distributions that it
// says, the decoder reads them, and what it says is added to the canvas:
//
//   s = see(x, x - sigmoid(c), h_dec)      h_enc = encoder(h_enc, [s, h_dec])     z ~ N(mean(h_enc), deviation(h_enc))
//   h_dec = decoder(h_dec, z)              c = c + stroke(h_dec)
//
// The loss of a picture is -log p(x | sigmoid(c)) after the last step plus the divergence of all distributions from the
// standard normal one: a bound of -log p(x), in nats. Pictures are drawn from nothing with z ~ N(0, 1).
//
// Parameters: encoder.* and decoder.*, of recurrent layers; latent.weight [2 latent, width] and .bias, first of the
// means, then of the logarithms of the deviations; read.weight [5, width] and .bias; write.weight [5 + patch, width],
// or [pixels, width] without attention, and .bias; canvas [pixels], which c begins as. Pictures are [channels, height,
// width].
#pragma once

#include <cstdint>
#include <functional>

#include "autograd/glimpse.h"
#include "data/image_field.h"
#include "nn/head.h"
#include "nn/heads/heads.h"
#include "recur/types/drawing.h"

namespace recur {

class DrawHead : public Head {
 public:
  DrawHead(const DrawSpec& spec, const HeadPlace& place);

  // In training latents are drawn from the run's noise; else each record has numbers of its own, always the same.
  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override;
  std::optional<PredictOptions> validation() const override { return {}; }
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks() const override;
  std::vector<std::pair<std::string, std::string>> describe() const override;

  // Calls use() with pictures that are drawn from nothing; picture i follows from the seed and from i alone.
  void draw(const Parameters& parameters, std::size_t count, std::uint64_t seed,
            const std::function<void(Drawing&&)>& use) const;

 private:
  // A linear layer of what the decoder says.
  struct Layer {
    Layer(const std::string& name, std::size_t outputs, std::size_t width, Parameters& parameters);
    Var operator()(const Run& run, Var x) const { return linear(run.tape, x, run[weight], run[bias]); }
    Parameters::Id weight, bias;
  };

  std::size_t outputs_of_stroke() const;
  // [rows, pixels] of the batch, [channels, height, width] each.
  Var pictures(const Run& run, const Encoding& encoded) const;
  // The canvas after the last step; adds the divergence of each row to `nats`.
  Var draw_again(const Run& run, Var x, std::span<const std::size_t> records, float scale,
                 std::span<double> nats) const;
  Var look(const Run& run, Var x, Var h, Var canvas) const;
  // `what` is what write_ makes of the decoder's output.
  Var paint(const Run& run, Var what, Var canvas) const;
  // Normal noise for a step, [rows, latent].
  std::span<float> noise_of_batch(const Run& run, std::size_t step, std::span<const std::size_t> records) const;
  // From [channels, height, width] to how pictures are told.
  void unfold(const float* planes, float* picture) const;
  // Pictures of these numbers.
  void draw_some(const Parameters& parameters, std::span<const std::size_t> which, std::uint64_t seed,
                 std::span<Drawing> drawings) const;
  // Adds a row of the canvas, after a stroke that is a row of `what`.
  void keep(const float* canvas, const float* what, Drawing& drawing) const;

  DrawSpec spec_;
  const ImageField& image_;
  GlimpseShape read_, write_;
  RecurrentStack decoder_, encoder_;
  Layer latent_, of_write_;
  std::optional<Layer> of_read_;  // with attention
  Parameters::Id canvas_;
};

}  // namespace recur
