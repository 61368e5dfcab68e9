#include "nn/heads/draw_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "autograd/arrange.h"
#include "base/error.h"
#include "base/finite.h"
#include "base/threads.h"
#include "kernels/latent.h"
#include "kernels/noise.h"
#include "nn/stepped_layer.h"

namespace recur {
namespace {

constexpr std::uint64_t kFixedSeed = 0;  // of what is drawn to evaluate

RecurrentOptions checked(const RecurrentOptions& o) {
  if (o.layers != 1) fail("--layers: encoder and decoder of what draws have one each; expected 1, got {}", o.layers);
  if (o.bidirectional) fail("--bidirectional: what draws runs in one direction; leave it out");
  if (o.activation_penalty > 0) fail("--activation-penalty: what draws has none; leave it out");
  if (o.temporal_penalty > 0) fail("--temporal-penalty: what draws has none; leave it out");
  const std::size_t window = o.window > 0 ? o.window : find_cell(o.cell).window;
  if (window == 1) return o;
  fail("{}: it sees {} steps at a time; what draws takes a cell that sees one", o.window > 0 ? "--window" : "--cell",
       window);
}

GlimpseShape shape_of(const ImageField& image, std::size_t size) {
  return {image.channels(), image.height(), image.width(), size};
}

std::size_t glimpse_width(const DrawSpec& spec, const ImageField& image) {
  const GlimpseShape shape = shape_of(image, spec.read);
  return 2 * (spec.attention ? shape.patch() : shape.pixels());
}

// Numbers of a row of noise: whole blocks.
std::size_t noise_stride(std::size_t latent) { return (latent + 3) / 4 * 4; }

// Rows [rows, latent] of a stream, row i those of number which(i).
template <class Which>
void draw_rows(const Random& random, std::uint64_t position, std::size_t latent, std::span<float> to,
               const Which& which) {
  constexpr std::size_t kRowSlice = 8;
  parallel_slices(to.size() / latent, kRowSlice, [&](std::size_t first, std::size_t last) {
    for (std::size_t row = first; row < last; ++row) {
      draw_normal(random, position + which(row) * noise_stride(latent), to.subspan(row * latent, latent));
    }
  });
}

// Pixels from one of the grid's places to the next where it covers the picture.
float first_distance(const GlimpseShape& shape) {
  return static_cast<float>(std::max(shape.height, shape.width)) / static_cast<float>(shape.size);
}

// Of the logarithm of sigma^2, for filters that meet their neighbours: half as far from these as they are wide. With
// narrower ones most of a picture is neither seen nor drawn on at first.
float first_log_variance(const GlimpseShape& shape) { return 2 * std::log(std::max(1.0F, first_distance(shape) / 2)); }

// Of log gamma, for a patch of ones to add about one to each pixel: a filter's sum is one over all pixels. With a gamma
// of one a stroke is too faint at first for the encoder to be heard through the noise: thousands of pictures pass
// before anything is learned but their mean.
float first_log_gamma(const GlimpseShape& shape) { return -2 * std::log(std::max(1.0F, first_distance(shape))); }

Random fixed_stream(std::uint64_t seed, std::size_t step) {
  return {seed, RandomPurpose::sample, static_cast<std::uint32_t>(step)};
}

}  // namespace

DrawHead::Layer::Layer(const std::string& name, std::size_t outputs, std::size_t width, Parameters& parameters)
    : weight(parameters.declare(name + ".weight", outputs, width,
                                InitialValues::within(1 / std::sqrt(static_cast<float>(width))))),
      bias(parameters.declare(name + ".bias", 0, outputs, InitialValues::within(0))) {}

DrawHead::DrawHead(const DrawSpec& spec, const HeadPlace& place)
    : spec_(spec),
      image_(field_as<ImageField>(place.fields, spec.field, "draw")),
      read_(shape_of(image_, spec.read)),
      write_(shape_of(image_, spec.write)),
      decoder_(checked(spec.network), spec.latent, false, place.parameters, "decoder."),
      encoder_(spec.network, glimpse_width(spec, image_) + decoder_.output_width(), false, place.parameters,
               "encoder."),
      latent_("latent", 2 * spec.latent, encoder_.output_width(), place.parameters),
      of_write_("write", outputs_of_stroke(), decoder_.output_width(), place.parameters),
      canvas_(place.parameters.declare("canvas", 0, write_.pixels(), InitialValues::constant(0))) {
  if (!spec.attention) return;
  of_read_.emplace("read", GlimpseShape::kNumbers, decoder_.output_width(), place.parameters);
  place.parameters.shift_start(of_read_->bias, 2, 1, first_log_variance(read_));
  place.parameters.shift_start(of_write_.bias, 2, 1, first_log_variance(write_));
  place.parameters.shift_start(of_write_.bias, 4, 1, first_log_gamma(write_));
}

std::size_t DrawHead::outputs_of_stroke() const {
  return spec_.attention ? GlimpseShape::kNumbers + write_.patch() : write_.pixels();
}

Var DrawHead::pictures(const Run& run, const Encoding& encoded) const {
  const Var x = encoded.stack.output;
  if (write_.channels == 1) return x;
  const Matrix from = run.tape.value(x);
  const Var planes = run.tape.add(from.rows, from.columns);
  float* to = run.tape.value(planes).data;
  const std::size_t plane = write_.height * write_.width;
  for (std::size_t row = 0; row < from.rows; ++row) {
    const float* picture = from.data + row * from.stride;
    for (std::size_t c = 0; c < write_.channels; ++c) {
      for (std::size_t i = 0; i < plane; ++i) *to++ = picture[i * write_.channels + c];
    }
  }
  return planes;
}

void DrawHead::unfold(const float* planes, float* picture) const {
  const std::size_t plane = write_.height * write_.width;
  for (std::size_t c = 0; c < write_.channels; ++c) {
    for (std::size_t i = 0; i < plane; ++i) picture[i * write_.channels + c] = planes[c * plane + i];
  }
}

Var DrawHead::look(const Run& run, Var x, Var h, Var canvas) const {
  return spec_.attention ? see(run.tape, read_, (*of_read_)(run, h), x, canvas) : see_whole(run.tape, x, canvas);
}

Var DrawHead::paint(const Run& run, Var what, Var canvas) const {
  return spec_.attention ? stroke(run.tape, write_, what, canvas) : add(run.tape, canvas, what);
}

std::span<float> DrawHead::noise_of_batch(const Run& run, std::size_t step,
                                          std::span<const std::size_t> records) const {
  const std::span<float> noise = run.tape.arena().take<float>(records.size(), spec_.latent);
  if (run.noise.active()) {
    const Noise own = run.noise.child("latent").child(step);
    draw_rows(own.stream(), own.position(), spec_.latent, noise, [](std::size_t row) { return row; });
  } else {
    draw_rows(fixed_stream(kFixedSeed, step), 0, spec_.latent, noise, [&](std::size_t row) { return records[row]; });
  }
  return noise;
}

Var DrawHead::draw_again(const Run& run, Var x, std::span<const std::size_t> records, float scale,
                         std::span<double> nats) const {
  Tape& tape = run.tape;
  Var canvas = repeat_row(tape, run[canvas_], records.size());
  SteppedLayer encoder(run.child("encoder"), encoder_, records.size());
  SteppedLayer decoder(run.child("decoder"), decoder_, records.size());
  for (std::size_t t = 0; t < spec_.glimpses; ++t) {
    const Var h = decoder.output();
    const Var seen = look(run, x, h, canvas);
    const Var distribution = latent_(run, encoder.step(side_by_side(tape, seen, h)));
    const Var z = draw_latent(tape, distribution, noise_of_batch(run, t, records).data(), scale, nats);
    canvas = paint(run, of_write_(run, decoder.step(z)), canvas);
  }
  return canvas;
}

LossSum DrawHead::loss(const Run& all, const Encoding& encoded, const Batch& batch) const {
  const Run run = all.child("draw");
  const float scale = gradient_scale(batch, batch.size());
  const std::span<double> nats = run.tape.arena().take<double>(batch.size());
  std::ranges::fill(nats, 0);
  const Var x = pictures(run, encoded);
  const Var canvas = draw_again(run, x, batch.records, scale, nats);
  bernoulli_loss(run.tape, canvas, x, scale, nats);
  return {std::accumulate(nats.begin(), nats.end(), 0.0), batch.size()};
}

void DrawHead::predict(const Run& all, const Encoding& encoded, const Batch& batch, const PredictOptions& /*options*/,
                       std::span<Prediction> predictions) const {
  const Run run = all.child("draw");
  std::vector<double> nats(batch.size());
  const Var x = pictures(run, encoded);
  const Matrix canvas = run.tape.value(draw_again(run, x, batch.records, 0, nats));
  std::vector<float> shown(canvas.columns);
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const float* logits = canvas.data + row * canvas.stride;
    nats[row] += recur::bernoulli_loss(canvas.columns, logits, run.tape.value(x).data + row * canvas.columns);
    check_result(nats[row], "the loss of a picture");
    sigmoids(canvas.columns, logits, shown.data());
    ImagePrediction picture{write_.height, write_.width, write_.channels, std::vector<float>(canvas.columns),
                            nats[row]};
    unfold(shown.data(), picture.pixels.data());
    predictions[row] = std::move(picture);
  }
}

void DrawHead::draw(const Parameters& parameters, std::size_t count, std::uint64_t seed,
                    const std::function<void(Drawing&&)>& use) const {
  constexpr std::size_t kTogether = 32;
  std::vector<std::size_t> which;
  std::vector<Drawing> drawings;
  for (std::size_t first = 0; first < count; first += kTogether) {
    which.resize(std::min(kTogether, count - first));
    std::iota(which.begin(), which.end(), first);
    drawings.assign(which.size(), {write_.height, write_.width, write_.channels, {}, {}});
    draw_some(parameters, which, seed, drawings);
    for (Drawing& drawing : drawings) use(std::move(drawing));
  }
}

void DrawHead::draw_some(const Parameters& parameters, std::span<const std::size_t> which, std::uint64_t seed,
                         std::span<Drawing> drawings) const {
  Tape tape(false);
  const Run run{tape, parameters, Noise::silent()};
  const std::size_t rows = which.size();
  Var canvas = repeat_row(tape, run[canvas_], rows);
  SteppedLayer decoder(run, decoder_, rows);
  for (std::size_t t = 0; t < spec_.glimpses; ++t) {
    const Var z = tape.add(rows, spec_.latent);
    draw_rows(fixed_stream(seed, t), 0, spec_.latent, {tape.value(z).data, rows * spec_.latent},
              [&](std::size_t row) { return which[row]; });
    const Var what = of_write_(run, decoder.step(z));
    canvas = paint(run, what, canvas);
    const Matrix shown = tape.value(canvas), said = tape.value(what);
    for (std::size_t row = 0; row < rows; ++row) {
      keep(shown.data + row * shown.stride, said.data + row * said.stride, drawings[row]);
    }
  }
}

void DrawHead::keep(const float* canvas, const float* what, Drawing& drawing) const {
  std::vector<float> shown(write_.pixels());
  sigmoids(shown.size(), canvas, shown.data());
  check_results(shown, "a pixel");
  drawing.canvases.resize(drawing.canvases.size() + shown.size());
  unfold(shown.data(), drawing.canvases.data() + drawing.canvases.size() - shown.size());
  if (!spec_.attention) return;
  const GlimpsePlace place = place_of(write_, what);
  const auto places = static_cast<float>(write_.size);
  drawing.windows.push_back({place.x, place.y, places > 1 ? places * place.distance : 2 * place.deviation});
}

std::vector<std::pair<std::string, const RecurrentStack*>> DrawHead::stacks() const {
  return {{"encoder", &encoder_}, {"decoder", &decoder_}};
}

std::vector<std::pair<std::string, std::string>> DrawHead::describe() const {
  std::string how = fmt::format("{} steps of {} numbers", spec_.glimpses, spec_.latent);
  if (spec_.attention)
    how += fmt::format(", seen through {0} x {0} places, drawn through {1} x {1}", spec_.read, spec_.write);
  return {{"drawing", how}};
}

}  // namespace recur
