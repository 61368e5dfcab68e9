#include "tasks/ensemble.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/show.h"
#include "recur/types/options.h"

namespace recur {
namespace {

// Of options that say how records are read, and of what answers are made.
void check_same_reading(TaskOptions first, TaskOptions other) {
  SoundOptions sound;
  OptionList reading, of_first, of_other;
  list_options(reading, sound);
  bool reversed = false, points = false;
  reading.flag("reverse-source", reversed, "");
  reading.flag("pointer", points, "");
  first.list(of_first);
  other.list(of_other);
  for (const Option& option : reading.all()) {
    const Option *const one = of_first.find(option.name), *const another = of_other.find(option.name);
    if (one == nullptr || another == nullptr || one->get() == another->get()) continue;
    fail("it was trained with --{} {}, the first one with {}; expected the same", option.name, to_text(another->get()),
         to_text(one->get()));
  }
}

}  // namespace

const JointHead& joint_head(const Head& head) {
  const auto* joint = dynamic_cast<const JointHead*>(&head);
  if (joint == nullptr) fail("such models predict alone; expected ones that tell a label, or a decoder's");
  return *joint;
}

void check_same_task(const Network& first, const Network& other) {
  if (other.task() != first.task()) fail("its task is {}, the first one's {}", other.task(), first.task());
}

void check_same_fields(const Network& first, const Network& other) {
  if (other.fields().size() != first.fields().size()) {
    fail("it reads {} fields of a record, the first one {}; expected models that were trained on the same data",
         other.fields().size(), first.fields().size());
  }
  for (std::size_t i = 0; i < first.fields().size(); ++i) {
    const Field &one = *first.fields()[i], &field = *other.fields()[i];
    nlohmann::json learned_first, learned;
    one.write(learned_first);
    field.write(learned);
    if (learned == learned_first) continue;
    fail(
        "what it learned of the field {} ({}) is not what the first one did ({}); expected models that were trained on "
        "the same data, with the same --valid, as --seed holds out other records",
        quote(field.name()), field.describe(), one.describe());
  }
}

void check_alike(const Network& first, const Network& other) {
  check_same_task(first, other);
  if (other.recipe().head.index() != first.recipe().head.index()) {
    fail(
        "it answers in another way than the first one; expected models that were trained with the same --labels or "
        "--output");
  }
  check_same_reading(first.options(), other.options());
  check_same_fields(first, other);
  joint_head(first.head());
}

}  // namespace recur
