# Flags that every target of the project gets.
option(FOORUMI_WERROR "Warnings are errors" OFF)
add_library(foorumi_flags INTERFACE)
target_compile_definitions(foorumi_flags INTERFACE
  $<$<BOOL:${FOORUMI_MUTANTS}>:FOORUMI_MUTANTS> $<$<BOOL:${FOORUMI_CRASH_POINTS}>:FOORUMI_CRASH_POINTS>)
target_compile_options(foorumi_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wold-style-cast -Woverloaded-virtual -Wconversion -Wno-sign-conversion
  $<$<BOOL:${FOORUMI_WERROR}>:-Werror>)

if(FOORUMI_SANITIZE)
  add_compile_options(-fsanitize=${FOORUMI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FOORUMI_SANITIZE})
  if(FOORUMI_SANITIZE MATCHES address AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(--param=asan-instrumentation-with-call-threshold=0)  # checks are called, not in each place: less to compile
  endif()
  # Their presets unite whole folders, where a name may hide one of another file. Files by themselves are asked by preset test.
  target_compile_options(foorumi_flags INTERFACE -Wno-shadow)
  if(FOORUMI_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-Wno-tsan)  # Asio's fences, which GCC's thread sanitizer does not follow
  endif()
endif()
if(FOORUMI_FUZZ)
  # Coverage in every library; the fuzz targets themselves link libFuzzer's main().
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

find_program(FOORUMI_CCACHE ccache)
if(FOORUMI_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FOORUMI_CCACHE})
endif()

# A fast linker, where there is one.
find_program(FOORUMI_MOLD mold)
if(FOORUMI_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
