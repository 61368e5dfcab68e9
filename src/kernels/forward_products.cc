#include "kernels/forward_products.h"

#include <algorithm>

#include "kernels/elementwise.h"

namespace recur {

bool gates_join(const LayerShape& shape, std::size_t stage) {
  return shape.width_of_stage(stage) % PackedMatrix::kPanel == 0 || std::max(shape.hidden, shape.output) <= kUnitBlock;
}

ForwardProducts::ForwardProducts(const LayerShape& shape, bool together) {
  const CellInfo& cell = *shape.cell;
  for (std::size_t s = 0; s < cell.stages.size(); ++s) {
    first_[s] = count_;
    std::uint32_t begun = 0;
    for (const bool input : {true, false}) {
      for (std::size_t p = 0; p < cell.stages[s].products.size(); ++p) {
        if ((cell.stages[s].products[p].source == StageInfo::kInput) != input) continue;
        add(shape, s, p, together && gates_join(shape, s), begun);
      }
    }
  }
  first_[cell.stages.size()] = count_;
}

void ForwardProducts::add(const LayerShape& shape, std::size_t s, std::size_t p, bool together, std::uint32_t& begun) {
  const auto& product = shape.cell->stages[s].products[p];
  const std::size_t before = count_;
  for (std::size_t i = 0; i < product.gates.size(); ++i) {
    const std::size_t gate = product.gates[i];
    const bool starts = (begun >> gate & 1U) == 0;
    if (together && count_ > before) {
      ForwardProduct& last = all_[count_ - 1];
      if (last.gate + last.count == gate && last.starts == starts) {
        ++last.count;
        continue;
      }
    }
    all_.at(count_++) = {s, p, product.weight, product.source, i, gate, 1, starts};
  }
  for (const std::size_t gate : product.gates) begun |= 1U << gate;
}

PackedMatrix packed_gates(const PackedLayer& layer, const ForwardProduct& x) {
  const std::size_t depth = layer.shape.columns_of_weight(x.weight);
  PackedMatrix w{layer.panels[x.stage][x.product], depth, layer.shape.width_of_stage(x.stage)};
  w.data += x.first * w.panels() * PackedMatrix::kPanel * depth;
  w.columns *= x.count;
  return w;
}

ProductStart start_of(const PackedLayer& layer, const ForwardProduct& x) {
  if (!x.starts) return {ProductStart::From::result};
  return {ProductStart::From::bias, layer.bias[x.stage] + x.gate * layer.shape.width_of_stage(x.stage)};
}

void gather_gates(const PackedLayer& layer, const ForwardProduct& x, const int* indices, std::size_t first_unit,
                  std::size_t last_unit, float* gates) {
  const std::size_t width = layer.shape.width_of_stage(x.stage);
  const std::size_t stride = layer.shape.rows_of_weight(x.weight);
  const std::size_t first_row = layer.shape.cell->stages[x.stage].products[x.product].first_row + x.first;
  const std::size_t units = last_unit - first_unit;
  for (std::size_t i = 0; i < x.count; ++i) {
    const std::size_t place = (x.gate + i) * width + first_unit;
    float* to = gates + place;
    const float* begin = x.starts ? layer.bias[x.stage] + place : to;
    for (std::size_t k = 0; k < layer.shape.window; ++k) {
      const int index = indices[k];
      if (index < 0) {
        if (begin != to) std::copy_n(begin, units, to);
      } else {
        const float* token = layer.tensors.weight[x.weight] + static_cast<std::size_t>(index) * stride +
                             (first_row + i) * width + first_unit;
        add_elements(units, begin, token, to);
      }
      begin = to;
    }
  }
}

}  // namespace recur
