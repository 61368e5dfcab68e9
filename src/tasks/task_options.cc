// Names of the choices of include/recur/tasks.h.
#include "base/names.h"
#include "recur/tasks.h"

namespace recur {
namespace {

constexpr Names<Pooling, 4> kPoolings = {
    {{Pooling::last, "last"}, {Pooling::mean, "mean"}, {Pooling::max, "max"}, {Pooling::attention, "attention"}}};

constexpr Names<TranslationMeasure, 3> kMeasures = {
    {{TranslationMeasure::bleu, "bleu"}, {TranslationMeasure::exact, "exact"}, {TranslationMeasure::loss, "loss"}}};

}  // namespace

std::string_view to_string(Pooling pooling) { return name_of(pooling, kPoolings); }
void parse(std::string_view text, Pooling& pooling) { find_name(text, kPoolings, "pooling", pooling); }

std::string_view to_string(TranslationMeasure measure) { return name_of(measure, kMeasures); }
void parse(std::string_view text, TranslationMeasure& measure) { find_name(text, kMeasures, "measure", measure); }

}  // namespace recur
