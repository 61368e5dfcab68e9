# Most of a file's time goes into what its neighbours include and instantiate too, so the files of a folder are compiled
# several at once (CMake's unity builds). With CMAKE_UNITY_BUILD=OFF, as in the preset dev, each is compiled alone, and
# only what it includes itself is there.
if(NOT DEFINED CMAKE_UNITY_BUILD)
  set(CMAKE_UNITY_BUILD ON)
endif()

# compile_together(TARGET MOST SOURCE...): at most MOST of the sources at once, of one folder each. A new file moves
# only those behind it in its folder.
function(compile_together target most)
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
  foreach(source IN LISTS ARGN)
    cmake_path(GET source PARENT_PATH folder)
    cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    string(MAKE_C_IDENTIFIER "${folder}" name)
    if(NOT DEFINED count_${name})
      set(count_${name} 0)
    endif()
    math(EXPR group "${count_${name}} / ${most}")
    math(EXPR count_${name} "${count_${name}} + 1")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${name}_${group})
  endforeach()
endfunction()
