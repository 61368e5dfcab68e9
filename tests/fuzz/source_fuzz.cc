// Any bytes as a data file of any format. The first byte chooses the format, the second the fields and where they are.
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <cstdlib>

#include "data/data_format.h"
#include "data/source.h"
#include "memory_file.h"
#include "recur/types/error.h"

namespace {

using recur::CellKind;
using recur::FieldRequest;

const std::array<std::array<FieldRequest, 2>, 5> kFields = {{
    {{{"label", CellKind::label, true}, {"text", CellKind::text}}},
    {{{"label", CellKind::label, true}, {"sequence", CellKind::numbers}}},
    {{{"words", CellKind::words}, {"tags", CellKind::words, true}}},
    {{{"source", CellKind::text}, {"target", CellKind::text, true}}},
    {{{"labels", CellKind::labels, true}, {"text", CellKind::text}}},
}};

// Reads every record; recur::Error is the only way out but success.
void read_all(const recur::InputFile& file, const recur::DataLayout& layout, const std::array<FieldRequest, 2>& fields,
              const recur::SourceOptions& options) {
  try {
    recur::has_numbers(file, layout, "sequence");
    const auto source = recur::open_source(file, layout, fields, options);
    std::size_t records = 0;
    while (source->next() && ++records < 10'000) {
      for (std::size_t i = 0; i < fields.size(); ++i) {
        // What is missing is an answer that nobody asked for, or all of a blank line.
        const bool missing = (*source)[i].index() == 0;
        if (missing && !source->blank() && (options.answers || !fields[i].answer)) std::abort();
        const auto* const numbers = std::get_if<recur::Numbers>(&(*source)[i]);
        if (numbers != nullptr && numbers->steps() * numbers->width != numbers->values.size()) std::abort();
      }
    }
    source->fail("enough");
  } catch (const recur::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr std::array<const char*, 4> kColumns = {"", "{1}=2,{0}=1", "{0}={1},{1}={0}", "{1}=b"};
  const auto formats = recur::all_choices<recur::DataFormat>();
  const auto& fields = kFields[data[1] / 16 % 2 == 0 ? data[1] % 4 : 4];
  recur::DataLayout layout{formats[data[0] % formats.size()], ""};
  layout.columns = fmt::format(fmt::runtime(kColumns[data[1] / 4 % 4]), fields[0].name, fields[1].name);
  const recur::MemoryFile memory({reinterpret_cast<const char*>(data + 2), size - 2});
  const recur::InputFile file(memory.path());
  read_all(file, layout, fields, {.answers = true});
  read_all(file, layout, fields, {.answers = false, .most_words = 3});
  return 0;
}
