// ONNX Runtime on the files of onnx_models.py, by the C interface of any libonnxruntime.so.
//   g++ -O2 -std=c++20 onnx_layers.cc -ldl     onnx_layers LIBRARY MODELS THREADS SCALE infer|stream
#include <dlfcn.h>

#include <cstdint>

#include "measure.h"

namespace {

// The interface is a table of functions that only ever grows at its end: these are the places of those called here.
enum Entry {
  kErrorMessage = 2,
  kCreateEnvironment = 3,
  kCreateSession = 7,
  kRun = 9,
  kCreateOptions = 10,
  kSetOptimisation = 23,
  kSetThreads = 24,
  kSetThreadsBetween = 25,
  kCreateTensor = 49,
  kCreateCpuMemory = 69
};
constexpr std::uint32_t kInterfaceVersion = 11;
constexpr int kWarnings = 2, kAllOptimisations = 99, kArena = 1, kDefaultMemory = 0, kFloat = 1;

struct Base {
  void** (*interface)(std::uint32_t version);
  const char* (*version)();
};

void** table = nullptr;

// Calls an entry; every one of them returns null, or what went wrong.
template <class... Arguments>
void call(Entry entry, Arguments... arguments) {
  void* status = reinterpret_cast<void* (*)(Arguments...)>(table[entry])(arguments...);
  if (status == nullptr) return;
  const auto message = reinterpret_cast<const char* (*)(void*)>(table[kErrorMessage]);
  std::fprintf(stderr, "onnx_layers: %s\n", message(status));
  std::exit(1);
}

// Named tensors of three dimensions.
class Tensors {
 public:
  explicit Tensors(void* place) : place_(place) {}

  void add(const std::string& name, std::int64_t d0, std::int64_t d1, std::int64_t d2, float scale) {
    std::vector<float>& values = values_.emplace_back(static_cast<std::size_t>(d0 * d1 * d2));
    fill(values.data(), values.size(), scale);
    const std::int64_t shape[] = {d0, d1, d2};
    void* tensor = nullptr;
    call(kCreateTensor, place_, static_cast<void*>(values.data()), values.size() * sizeof(float),
         static_cast<const std::int64_t*>(shape), std::size_t{3}, kFloat, &tensor);
    tensors_.push_back(tensor);
    names_.push_back(name);
    texts_.clear();
    for (const std::string& n : names_) texts_.push_back(n.c_str());
  }
  const char* const* names() const { return texts_.data(); }
  void** tensors() { return tensors_.data(); }
  std::size_t count() const { return tensors_.size(); }

 private:
  void* place_;
  std::vector<std::vector<float>> values_;  // moving a vector leaves its floats where they are
  std::vector<void*> tensors_;
  std::vector<std::string> names_;
  std::vector<const char*> texts_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: onnx_layers LIBRARY MODELS THREADS SCALE infer|stream\n");
    return 2;
  }
  const std::string models = argv[2], kind = argv[5];
  const int threads = std::atoi(argv[3]);
  const double scale = std::atof(argv[4]);
  void* library = dlopen(argv[1], RTLD_NOW);
  void* entry = library == nullptr ? nullptr : dlsym(library, "OrtGetApiBase");
  if (entry == nullptr) {
    std::fprintf(stderr, "onnx_layers: %s\n", dlerror());
    return 1;
  }
  const Base* base = reinterpret_cast<const Base* (*)()>(entry)();
  std::printf("# ONNX Runtime %s\n", base->version());
  table = base->interface(kInterfaceVersion);

  void *environment = nullptr, *place = nullptr, *options = nullptr;
  call(kCreateEnvironment, kWarnings, "bench", &environment);
  call(kCreateCpuMemory, kArena, kDefaultMemory, &place);
  call(kCreateOptions, &options);
  call(kSetThreads, options, threads);
  call(kSetThreadsBetween, options, 1);
  call(kSetOptimisation, options, kAllOptimisations);
  for (const Case& c : cases_of(kind)) {
    const std::string file =
        models + "/" + c.cell + "_H" + std::to_string(c.hidden) + "_L" + std::to_string(c.layers) + ".onnx";
    void* session = nullptr;
    call(kCreateSession, environment, file.c_str(), options, &session);
    Tensors inputs(place), outputs(place);
    inputs.add("x", c.steps, c.batch, c.hidden, 1);
    outputs.add("y", c.steps, c.batch, c.hidden, 0);
    for (int layer = 0; layer < c.layers; ++layer) {
      for (const char* state : {"h", "c"}) {
        if (*state == 'c' && c.cell != "lstm") continue;
        inputs.add(state + std::to_string(layer), 1, c.batch, c.hidden, 0);
        outputs.add(state + ("n" + std::to_string(layer)), 1, c.batch, c.hidden, 0);
      }
    }
    measure("onnxruntime", kind, c, threads, scale, [&] {
      call(kRun, session, static_cast<void*>(nullptr), inputs.names(), inputs.tensors(), inputs.count(),
           outputs.names(), outputs.count(), outputs.tensors());
    });
  }
}
