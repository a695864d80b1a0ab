# Flags that every target of the project gets.
add_library(foorumi_flags INTERFACE)
target_compile_options(foorumi_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wconversion -Wno-sign-conversion
  $<$<BOOL:${FOORUMI_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(foorumi_flags INTERFACE -fcoroutines)
endif()

if(FOORUMI_SANITIZE)
  add_compile_options(-fsanitize=${FOORUMI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FOORUMI_SANITIZE})
endif()

find_program(FOORUMI_CCACHE ccache)
if(FOORUMI_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FOORUMI_CCACHE})
endif()

find_program(FOORUMI_MOLD mold)
