#include "tasks/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "autograd/arrange.h"
#include "autograd/readout.h"
#include "base/check_options.h"
#include "base/error.h"
#include "base/json_fields.h"
#include "base/option_json.h"
#include "data/endless_text_field.h"
#include "data/image_field.h"
#include "data/numbers_field.h"
#include "data/series_field.h"
#include "data/text_field.h"
#include "nn/trained_ranges.h"
#include "recur/types/tasks.h"
#include "tasks/transfer.h"

namespace recur {

using nlohmann::json;

namespace {

// The field of such a task's numbers or pictures; null for a task that takes only texts.
const FieldSpec* numbers_input(const Recipe& recipe) {
  const auto place = std::ranges::find_if(recipe.fields, [](const FieldSpec& field) {
    const bool numbers =
        std::holds_alternative<NumbersSpec>(field.kind) || std::holds_alternative<ImageSpec>(field.kind);
    return !field.answer && numbers;
  });
  return place == recipe.fields.end() ? nullptr : &*place;
}

// What a task finds, of what it takes: numbers where has(their field), else texts.
template <class Has>
InputKind kind_of_input(const TaskOptions& options, const Has& has) {
  for (const InputKind kind : {InputKind::pictures, InputKind::frames, InputKind::numbers}) {
    const Recipe recipe = options.make_recipe(kind);
    const FieldSpec* field = numbers_input(recipe);
    if (field != nullptr && has(*field, field == &recipe.fields.front())) return kind;
  }
  return InputKind::text;
}
InputKind kind_of_input(const TaskOptions& options, const RecordData& data) {
  return kind_of_input(options, [&](const FieldSpec& field, bool first) {
    const auto* numbers = std::get_if<NumbersSpec>(&field.kind);
    if (numbers != nullptr && !numbers->sound) return data.has_numbers(field.name);
    return data.has_frames({field.name, first, numbers == nullptr || numbers->pictures});
  });
}
InputKind kind_of_input(const TaskOptions& options, const json& configuration) {
  return kind_of_input(options, [&](const FieldSpec& field, bool /*first*/) {
    const bool image = std::holds_alternative<ImageSpec>(field.kind);
    return configuration.contains(image ? ImageField::key_of(field) : NumbersField::key_of(field, "mean"));
  });
}

// What data a recipe reads, of that kind.
const char* read_by(const Recipe& recipe, InputKind kind) {
  const FieldSpec* const field = numbers_input(recipe);
  if (field == nullptr) return "texts";
  const auto* const numbers = std::get_if<NumbersSpec>(&field->kind);
  if (numbers == nullptr && kind != InputKind::pictures) return "pictures as numbers";
  if (numbers == nullptr || numbers->pictures) return "pictures";
  return numbers->sound ? "sounds" : "numbers";
}

// What a recipe of a user's program may lack, before its fields read anything.
void check_parts(const Recipe& recipe) {
  if (recipe.fields.empty()) fail("the recipe has no fields; expected at least one");
  if (recipe.input.empty()) fail("the recipe has no input; expected at least one");
  if (std::ranges::count(recipe.fields, true, &FieldSpec::answer) > 1) {
    fail("the recipe has several fields that are answers; expected one at most");
  }
}

Recipe recipe_of_texts(const TaskOptions& options) {
  Recipe recipe = options.make_recipe(InputKind::text);
  check_parts(recipe);
  return recipe;
}

// With the tokens of a network to start from, if any; fields that have learned nothing else.
Fields fields_of(const Recipe& recipe, const Network* pretrained) {
  check_parts(recipe);
  Fields fields;
  for (const FieldSpec& spec : recipe.fields) fields.push_back(make_field(spec));
  share_vocabularies(fields);
  if (pretrained != nullptr) begin_fields(fields, pretrained->fields());
  return fields;
}

void check_options(TaskOptions& options) {
  OptionList list;
  options.list(list);
  list.check();
}

}  // namespace

Fields blank_fields(const TaskOptions& options, const RecordData& data) {
  return fields_of(options.make_recipe(kind_of_input(options, data)), nullptr);
}

void check_used(TaskOptions options, const RecordData& data, std::span<const std::string> asked) {
  const InputKind kind = kind_of_input(options, data);
  TaskOptions standard = find_task(options.task()).standard;
  OptionList own, usual;
  options.list(own);
  standard.list(usual);
  const auto recipe = [&](InputKind of) -> std::optional<Recipe> {
    try {
      return options.make_recipe(of);
    } catch (const Error&) {
      return {};  // data of that kind could not be read so
    }
  };
  for (const std::string& name : asked) {
    const Option* const option = own.find(name);
    if (option == nullptr || option->kind == OptionKind::texts) continue;
    const OptionValue value = option->get();
    // Of which data it changes how they are read.
    std::vector<std::string> used;
    bool here = false;
    for (const InputKind of : {InputKind::text, InputKind::numbers, InputKind::frames, InputKind::pictures}) {
      const std::optional<Recipe> with = recipe(of);
      option->set(usual.find(name)->get());
      const bool changes = with && recipe(of) != with;
      option->set(value);
      if (!changes) continue;
      here = here || of == kind;
      if (used.empty() || used.back() != read_by(*with, of)) used.emplace_back(read_by(*with, of));
    }
    if (here || used.empty()) continue;
    fail("--{}: is of {}, and {} holds {}; {}", name, fmt::join(used, " and "), data.name(),
         read_by(options.make_recipe(kind), kind),
         kind == InputKind::text && used.back() != "numbers" ? "paths of files end as in docs/sound.md"
                                                             : "leave it out");
  }
}

LearnedTask learn_task(TaskOptions options, const RecordData& data, const ReadOptions& reading,
                       const Network* pretrained) {
  check_options(options);
  Recipe recipe = options.make_recipe(kind_of_input(options, data));
  Fields fields = fields_of(recipe, pretrained);
  learn_fields(fields, data, reading);
  return {std::move(options), std::move(recipe), std::move(fields)};
}

LearnedTask learn_task(TaskOptions options, const InputFile& text, const Network* pretrained) {
  check_options(options);
  Recipe recipe = recipe_of_texts(options);
  auto field = std::make_unique<EndlessTextField>(recipe.fields.front(), std::nullopt);
  EndlessTextField& learned = *field;
  Fields fields;
  fields.push_back(std::move(field));
  if (pretrained != nullptr) begin_fields(fields, pretrained->fields());
  learned.learn(text);
  return {std::move(options), std::move(recipe), std::move(fields)};
}

LearnedTask learn_task(TaskOptions options, const RecordData& series, double held_out) {
  check_options(options);
  Recipe recipe = recipe_of_texts(options);
  auto field = std::make_unique<SeriesField>(recipe.fields.front(), std::nullopt);
  field->learn(series, held_out);
  Fields fields;
  fields.push_back(std::move(field));
  return {std::move(options), std::move(recipe), std::move(fields)};
}

LearnedTask blank_language_model(const LanguageModelOptions& options, std::size_t vocabulary) {
  std::vector<std::string> words = {std::string(kEndOfLineToken)};
  while (words.size() < vocabulary) words.push_back(fmt::format("w{}", words.size() - 1));
  words.resize(vocabulary);
  Recipe made = recipe(options);
  Fields fields;
  fields.push_back(std::make_unique<EndlessTextField>(made.fields.front(),
                                                      Tokenizer(TokenizerKind::word, Vocabulary(std::move(words)))));
  return {options, std::move(made), std::move(fields)};
}

bool reads_text(const TaskOptions& options) {
  return std::holds_alternative<EndlessTextSpec>(recipe_of_texts(options).fields.front().kind);
}

bool reads_series(const TaskOptions& options) {
  return std::holds_alternative<SeriesSpec>(recipe_of_texts(options).fields.front().kind);
}

bool reads_frames(const TaskOptions& options) {
  const auto reads = [&](InputKind kind) {
    const Recipe recipe = options.make_recipe(kind);
    const FieldSpec* field = numbers_input(recipe);
    const auto* numbers = field == nullptr ? nullptr : std::get_if<NumbersSpec>(&field->kind);
    return field != nullptr && (numbers == nullptr || numbers->sound);
  };
  return reads(InputKind::frames) || reads(InputKind::pictures);
}

Network::Network(LearnedTask task)
    : options_(std::move(task.options)), recipe_(std::move(task.recipe)), fields_(std::move(task.fields)) {
  declare();
}

void Network::declare() {
  check_parts(recipe_);
  const std::string prefix = std::holds_alternative<DecoderSpec>(recipe_.head) ? "encoder." : "";
  if (recipe_.condition && recipe_.network.learned_state) {
    fail("--learned-state: the condition makes the states before the first step; leave it out");
  }
  // A text's layers may share the table of what is read.
  const bool of_text = recipe_.condition && field_is<TextField>(fields_, recipe_.condition->field);
  if (recipe_.condition && !of_text) condition_.emplace(*recipe_.condition, fields_, std::nullopt, parameters_);
  std::size_t width = 0;
  for (const InputSpec& spec : recipe_.input) {
    inputs_.push_back(make_input(spec, fields_, recipe_.network, parameters_, prefix));
    width += inputs_.back()->width();
  }
  if (of_text) condition_.emplace(*recipe_.condition, fields_, table(), parameters_);
  if (condition_ && condition_->fed()) width += condition_->width();
  const bool one_hot = inputs_.front()->one_hot();
  if (one_hot && inputs_.size() > 1) fail("--embedding: expected at least 1, got 0");
  if (one_hot && condition_ && condition_->fed()) {
    fail("--feed-condition: a one-hot input has no place for the label; give --embedding N");
  }
  // Those that write or draw may do without.
  const bool alone =
      std::holds_alternative<DecoderSpec>(recipe_.head) || std::holds_alternative<DrawSpec>(recipe_.head);
  if (recipe_.network.layers == 0 && (one_hot || !alone)) check_options_of(recipe_.network);
  const Parameters::Id first_layer = parameters_.declarations().size();
  layers_.emplace(recipe_.network, width, one_hot, parameters_, prefix + "rnn.");
  if (condition_) condition_->start_layers(*layers_, parameters_);
  if (const auto* tokens = std::get_if<TokensSpec>(&recipe_.input.front())) {
    parameters_.name_one_hot_rows(first_layer, tokens->field);
  }
  first_head_ = parameters_.declarations().size();
  const auto* numbers = std::get_if<NumbersInputSpec>(&recipe_.input.front());
  head_ = make_head(recipe_.head,
                    {fields_, *layers_, table(), parameters_, numbers == nullptr ? 1 : numbers->frames.stack});
  if (head_->one_a_step()) check_every_step();
  if (recipe_.windows) check_windows();
}

void Network::check_every_step() const {
  if (recipe_.network.every > 1) fail("--every: there is a prediction for each step; leave it out");
  for (const InputSpec& spec : recipe_.input) {
    const auto* numbers = std::get_if<NumbersInputSpec>(&spec);
    if (numbers == nullptr) continue;
    if (numbers->frames.stack > 1) fail("--stack: there is a prediction for each step; leave it out");
    if (numbers->frames.speed > 0) fail("--speed-perturbation: there is a prediction for each step; leave it out");
  }
}

void Network::check_windows() const {
  const std::optional<StepOutput> output = head_->step_output();
  const bool numbers = head_->one_a_step() && output && output->numbers != nullptr;
  const bool after_text = recipe_.condition && field_is<TextField>(fields_, recipe_.condition->field);
  if (numbers && !after_text && layers_->directions() == 1) return;
  fail("windows: expected a head with numbers a step, one direction, and no text as a condition");
}

const Input* Network::only_input() const {
  return inputs_.size() == (knobs().empty() ? 1U : 2U) ? inputs_.front().get() : nullptr;
}

void Network::start(const TrainingOptions& training) {
  parameters_.allocate();
  parameters_.initialise(training.seed, training.initial_range);
}

void Network::load_vectors() {
  for (const auto& input : inputs_) vectors_ += input->start(parameters_);
}

std::unique_ptr<Network> Network::load(std::string_view task, const json& configuration) {
  TaskOptions options = find_task(task).standard;
  // What an older file lacks is as it is by default: such a default is what was done before there was the option.
  read_options_of(options, ReadFields{configuration}.object_at("options"));
  Recipe recipe = options.make_recipe(kind_of_input(options, configuration));
  Fields fields;
  for (const FieldSpec& spec : recipe.fields) fields.push_back(read_field(spec, configuration));
  auto network = std::make_unique<Network>(LearnedTask{std::move(options), std::move(recipe), std::move(fields)});
  network->head_->read(configuration);
  return network;
}

json Network::configuration() const {
  json configuration = {{"options", options_json(options_)}};
  for (const auto& field : fields_) field->write(configuration);
  head_->write(configuration);
  return configuration;
}

std::vector<std::pair<std::string, const RecurrentStack*>> Network::stacks() const {
  const bool encodes = std::holds_alternative<DecoderSpec>(recipe_.head);
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks;
  if (layers_->layers() > 0) stacks.emplace_back(encodes ? "encoder" : "", &*layers_);
  for (const auto& input : inputs_) {
    if (input->layers() != nullptr) stacks.emplace_back(input->describe().first, input->layers());
  }
  if (condition_ && condition_->layers() != nullptr) stacks.emplace_back("condition", condition_->layers());
  for (const auto& stack : head_->stacks()) stacks.push_back(stack);
  return stacks;
}

std::vector<std::pair<std::string, std::string>> Network::describe() const {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& input : inputs_) lines.push_back(input->describe());
  if (condition_) {
    for (auto& line : condition_->describe()) lines.push_back(std::move(line));
  }
  for (auto& line : head_->describe()) lines.push_back(std::move(line));
  return lines;
}

void Network::begin_epoch(std::uint64_t epoch, std::uint64_t steps) {
  head_->begin_epoch(epoch);
  trained_ = trained_ranges(parameters_, first_head_, start_, epoch, steps);
}

void Network::train_as(const StartOptions& start) {
  start_ = start;
  trained_ = trained_ranges(parameters_, first_head_, start_, 0, 0);
}

Sequence Network::read(const Run& run, const Batch& batch) const {
  Sequence x = inputs_.front()->read(run, batch);
  for (std::size_t i = 1; i < inputs_.size(); ++i) {
    x.values = side_by_side(run.tape, x.values, inputs_[i]->read(run, batch).values);
  }
  if (!inputs_.front()->one_hot() && !inputs_.front()->as_they_are()) {
    x.values = drop(run.child("input"), x.values, *x.steps, recipe_.network);
  }
  return x;
}

Sequence Network::feed(const Run& run, const Sequence& x, Var known) const {
  const Steps& steps = *x.steps;
  const std::span<std::size_t> rows = run.tape.arena().take<std::size_t>(steps.total());
  for (std::size_t t = 0; t < steps.length(); ++t) {
    for (std::size_t row = 0; row < steps.rows(t); ++row) rows[steps.offset(t) + row] = row;
  }
  return {side_by_side(run.tape, x.values, select_rows(run.tape, known, rows)), {}, x.steps};
}

Encoding Network::encode(const Run& run, const Batch& batch) const {
  const Sequence x = read(run, batch);
  StackState state(layers_->state_layout(), x.steps->batch());
  return run_layers(run, batch, x, state, {});
}

Encoding Network::encode(const Run& run, const Batch& batch, StackState& state, const RunOptions& how) const {
  return run_layers(run, batch, read(run, batch), state, how);
}

Encoding Network::run_layers(const Run& run, const Batch& batch, Sequence x, StackState& state, RunOptions how) const {
  how.keep_last = head_->needs_last_states();
  std::vector<Var> first;
  if (condition_) {
    const Var known = condition_->vector(run, batch);
    if (condition_->starts() && state.fresh()) {
      first = condition_->starts()->of(run, known);
      how.initial = &first;
    }
    if (condition_->fed()) x = feed(run, x, known);
  }
  const StackResult stack = inputs_.front()->one_hot() ? layers_->forward(run, x.indices, *x.steps, state, how)
                                                       : layers_->forward(run, x.values, *x.steps, state, how);
  const Encoding encoding{stack, stack.steps};
  const float scale = batch.gradient_scale > 0 ? batch.gradient_scale * static_cast<float>(stack.steps->total()) : 1;
  layers_->penalise(run, stack, *stack.steps, scale);
  return encoding;
}

void Network::begin_text(int label, StackState& state) const {
  Tape tape(false);
  const Run run{tape, parameters_, Noise::silent()};
  const std::vector<int> labels = {label};
  layers_->start(parameters_, state);
  std::size_t next = 0;
  for (const Var first : condition_->starts()->of(run, condition_->row(run, labels))) {
    const std::size_t states = layers_->cell().states;
    std::copy_n(tape.value(first).data, tape.value(first).columns, state.of(next / states, next % states).begin());
    ++next;
  }
}

std::span<const float> Network::fed(int label) const {
  return condition_->fed() ? condition_->row(parameters_, label) : std::span<const float>();
}

}  // namespace recur
