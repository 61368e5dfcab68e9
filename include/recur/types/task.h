// Tasks: what a model can be trained for. A task is a struct of options, which list_options() lists, and a recipe
// (recur/types/recipe.h) made of them; recur/types/tasks.h has those that come with recur. A program adds its own
// before it uses them, one call at a time:
//
//   recur::register_task<Stars>({.name = "stars", .unit = "review", .description = "..."});
//   return recur::run_program(argc, argv);            // has `train stars`, and its models every other command
//
// Otherwise any number of threads may use these functions, and read one object.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "recur/types/options.h"
#include "recur/types/recipe.h"
#include "recur/types/training.h"

namespace recur {

// The options of some task: a value.
class TaskOptions {
 public:
  // Of a registered kind. Where its recipe depends on whether the data has texts, numbers or frames, it is
  // recipe(options, kind).
  template <class O>
  requires(!std::is_same_v<std::remove_cvref_t<O>, TaskOptions>) TaskOptions(O options)
      : options_(std::make_unique<Of<O>>(std::move(options))) {}
  TaskOptions(const TaskOptions& other) : options_(other.options_->copy()) {}
  TaskOptions& operator=(const TaskOptions& other) {
    options_ = other.options_->copy();
    return *this;
  }
  TaskOptions(TaskOptions&&) noexcept = default;
  TaskOptions& operator=(TaskOptions&&) noexcept = default;
  ~TaskOptions() = default;

  // Null if they are of another kind.
  template <class O>
  O* as() {
    auto* of = dynamic_cast<Of<O>*>(options_.get());
    return of == nullptr ? nullptr : &of->options;
  }
  template <class O>
  const O* as() const {
    return const_cast<TaskOptions*>(this)->as<O>();
  }

  void list(OptionList& list) { options_->list(list); }
  Recipe make_recipe(InputKind kind) const { return options_->recipe_for(kind); }
  // As in model files and in `recur train TASK`. Throws Error for a kind that was not registered.
  const std::string& task() const;

 private:
  struct Base {
    virtual ~Base() = default;
    virtual std::unique_ptr<Base> copy() const = 0;
    virtual void list(OptionList& list) = 0;
    virtual Recipe recipe_for(InputKind kind) const = 0;
    virtual const std::type_info& type() const = 0;
  };
  template <class O>
  struct Of : Base {
    explicit Of(O o) : options(std::move(o)) {}
    std::unique_ptr<Base> copy() const override { return std::make_unique<Of>(options); }
    void list(OptionList& list) override { list_options(list, options); }
    Recipe recipe_for(InputKind kind) const override {
      if constexpr (requires { recipe(options, kind); }) {
        return recipe(options, kind);
      } else {
        return recipe(options);
      }
    }
    const std::type_info& type() const override { return typeid(O); }

    O options;
  };

  std::unique_ptr<Base> options_;
};

inline void list_options(OptionList& list, TaskOptions& options) { options.list(list); }

// How a task on records is trained if not told otherwise.
TrainingOptions standard_training();

// What people are told of a task.
struct TaskHelp {
  std::string name;              // of `recur train NAME` and of model files
  std::string unit = "record";   // what the loss is an average over
  std::string description = "";  // the first line stands in the list of tasks
  std::string examples = "";
  TrainingOptions training = standard_training();
  bool nats = true;          // the loss is a logarithm of a probability; else errors of numbers
  std::string command = "";  // what trains it: recur train COMMAND; "": its name
};

// Throws Error for a name that is taken, or none.
void register_task(TaskHelp help, const TaskOptions& standard, const std::type_info& type);
template <class O>
void register_task(TaskHelp help, const O& standard = {}) {
  register_task(std::move(help), standard, typeid(O));
}

struct RegisteredTask {
  TaskHelp help;
  TaskOptions standard;
  const std::type_info* type;
};
// In the order in which they were registered; each stays where it is.
const std::deque<RegisteredTask>& all_tasks();
// Throws Error for a task that this is none of.
const RegisteredTask& find_task(std::string_view name);

}  // namespace recur
