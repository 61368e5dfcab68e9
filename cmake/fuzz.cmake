# tests/fuzz/NAME_fuzz.cc: a libFuzzer program each, run by ctest for RECUR_FUZZ_SECONDS. What it finds worth keeping
# collects in the build folder; tests/fuzz/NAME/, where there is one, holds the inputs that it starts from.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "RECUR_FUZZ needs clang, got ${CMAKE_CXX_COMPILER_ID}; use the preset 'fuzz'")
endif()
set(RECUR_FUZZ_SECONDS 60 CACHE STRING "How long ctest runs each fuzz target")

file(GLOB fuzz_sources CONFIGURE_DEPENDS tests/fuzz/*_fuzz.cc)
foreach(source IN LISTS fuzz_sources)
  cmake_path(GET source STEM target)
  string(REGEX REPLACE "_fuzz$" "" name ${target})
  add_executable(${target} ${source})
  target_link_libraries(${target} PRIVATE recur_inside)
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)

  set(corpora ${PROJECT_BINARY_DIR}/corpus/${name})
  file(MAKE_DIRECTORY ${corpora})
  if(EXISTS ${PROJECT_SOURCE_DIR}/tests/fuzz/${name})
    list(APPEND corpora ${PROJECT_SOURCE_DIR}/tests/fuzz/${name})
  endif()
  add_test(NAME ${target} COMMAND ${target} -max_total_time=${RECUR_FUZZ_SECONDS} -timeout=10 ${corpora})
  # Networks of a few units, and targets side by side: threads would only wait for each other.
  set_tests_properties(${target} PROPERTIES ENVIRONMENT OMP_NUM_THREADS=1)
endforeach()
