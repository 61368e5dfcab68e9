// What include/recur/strokes.h promises.
#include "recur/strokes.h"

#include <numeric>

#include "autograd/stroke_loss.h"
#include "base/error.h"
#include "base/philox.h"
#include "draw/svg_strokes.h"
#include "nn/sampler.h"
#include "recur/stream.h"
#include "tasks/network.h"

namespace recur {
namespace {

// The words of a step.
std::array<std::array<std::uint32_t, 4>, 2> words_at(std::uint64_t seed, std::size_t step) {
  const Random random(seed, RandomPurpose::sample);
  return {random.block(2 * step), random.block(2 * step + 1)};
}

}  // namespace

std::vector<std::vector<PenStep>> sketch(const Model& model, const Sketching& how) {
  const auto* spec = std::get_if<NextStrokeSpec>(&model.network().recipe().head);
  if (spec == nullptr) fail("a model of the task {} draws no strokes; expected one of the task strokes", model.task());
  check_temperature(how.temperature);
  const double deviation = field_as<StrokesField>(model.network().fields(), spec->field, "sketch").deviation();
  const std::size_t outputs = stroke_outputs(spec->components);
  std::vector<Stream> streams(how.count, model.stream());
  std::vector<std::vector<PenStep>> drawings(how.count);
  std::vector<std::size_t> live(how.count);  // that have not ended
  std::iota(live.begin(), live.end(), std::size_t{0});
  std::vector<float> read(how.count * kPenNumbers), p;
  for (std::size_t t = 0; t < how.length && !live.empty(); ++t) {
    std::vector<Stream*> stepped;
    for (const std::size_t i : live) stepped.push_back(&streams[i]);
    p.resize(live.size() * outputs);
    step_together(stepped, read, p);
    std::vector<std::size_t> next;
    read.clear();
    for (std::size_t row = 0; row < live.size(); ++row) {
      const std::size_t i = live[row];
      const auto step = stroke_draw(std::span<const float>(p).subspan(row * outputs, outputs),
                                    static_cast<double>(how.temperature), words_at(how.seed + i, t));
      const auto pen = static_cast<Pen>(static_cast<int>(step[2]));
      drawings[i].push_back({deviation * step[0], deviation * step[1], pen != Pen::draws});
      if (pen == Pen::ends) continue;
      next.push_back(i);
      for (const double number : step) read.push_back(static_cast<float>(number));
    }
    live = std::move(next);
  }
  return drawings;
}

std::string strokes_svg(std::span<const std::vector<PenStep>> drawings) { return svg_strokes(drawings); }

}  // namespace recur
