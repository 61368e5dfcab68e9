# Every tests/**/*_test.cc in one program, run in shards; the floors check; the installed package; what pages tell a
# reader to run; and benchmarks of kernels, a program each.
find_package(GTest REQUIRED)

file(GLOB_RECURSE test_sources CONFIGURE_DEPENDS tests/*_test.cc)
add_executable(recur_tests ${test_sources} tests/support/paths.cc tests/support/counted_memory.cc)
compile_together(recur_tests 8 ${test_sources})
target_include_directories(recur_tests PRIVATE tests)
target_link_libraries(recur_tests PRIVATE recur_inside GTest::gtest GTest::gtest_main)
# What is fast is the library; tests themselves compile in two thirds of the time so, with sanitizers in half of it.
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  target_compile_options(recur_tests PRIVATE -O0)
else()
  target_compile_options(recur_tests PRIVATE $<$<CONFIG:Release>:-O1>)
endif()
# What tests preload into the program to let its writes fail; a sanitizer's runtime wants to be the first library.
set(faults)
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  add_library(recur_faults MODULE tests/support/faults.cc)
  target_link_libraries(recur_faults PRIVATE recur_internal ${CMAKE_DL_LIBS})
  add_dependencies(recur_tests recur_faults)
  set(faults $<TARGET_FILE:recur_faults>)
endif()
set_source_files_properties(tests/support/paths.cc PROPERTIES COMPILE_DEFINITIONS
  "RECUR_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\";RECUR_PROGRAM=\"$<TARGET_FILE:recur_program>\";RECUR_FAULTS=\"${faults}\"")
add_dependencies(recur_tests recur_program)
# A process for each test would start 3,000 times, which under a sanitizer takes about as long as a test.
set(shards 24)
foreach(shard RANGE 1 ${shards})
  math(EXPR index "${shard} - 1")
  add_test(NAME tests_${shard} COMMAND recur_tests)
  # Shards run side by side: a thread that waits must not spin on a core that another needs.
  set_tests_properties(tests_${shard} PROPERTIES ENVIRONMENT
    "OMP_WAIT_POLICY=passive;GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${index}")
endforeach()

add_test(NAME floors COMMAND ${PROJECT_SOURCE_DIR}/scripts/check_floors)

# A sanitized library can only be linked by a program built with the same sanitizer, which no consumer is.
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  add_test(NAME package COMMAND ${PROJECT_SOURCE_DIR}/tests/package/run.sh ${PROJECT_BINARY_DIR} ${CMAKE_CXX_COMPILER})
  set_tests_properties(package PROPERTIES COST 1000)  # what takes longest starts first
  if(RECUR_AUDIO)
    add_test(NAME pages COMMAND ${PROJECT_SOURCE_DIR}/tests/pages/run.sh ${PROJECT_BINARY_DIR})
    set_tests_properties(pages PROPERTIES ENVIRONMENT OMP_WAIT_POLICY=passive COST 1000)
  endif()
endif()

# Benchmarks of kernels, build/PRESET/bench/bench_NAME, where Google Benchmark is installed (libbenchmark-dev).
find_package(benchmark QUIET)
if(benchmark_FOUND AND NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  file(GLOB bench_sources CONFIGURE_DEPENDS bench/*.cc)
  foreach(source IN LISTS bench_sources)
    cmake_path(GET source STEM name)
    add_executable(bench_${name} ${source})
    target_link_libraries(bench_${name} PRIVATE recur_inside benchmark::benchmark benchmark::benchmark_main)
    set_target_properties(bench_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
  endforeach()
endif()
