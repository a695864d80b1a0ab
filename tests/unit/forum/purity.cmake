# The rules are pure: neither their sources nor their archive may use IO, clocks, threads, randomness or a wire format.
set(check ${CMAKE_COMMAND} -DNM=${CMAKE_NM})
set(script ${CMAKE_CURRENT_LIST_DIR}/check_purity.cmake)
add_test(NAME forum.Purity.RulesUseNoIo
  COMMAND ${check} -DSOURCES=${PROJECT_SOURCE_DIR}/server/forum -DARCHIVE=$<TARGET_FILE:foorumi_forum> -P ${script})
# The check itself finds what it looks for: the codec uses protobuf, in its sources and in its archive.
add_test(NAME forum.Purity.CheckFindsIncludes
  COMMAND ${check} -DSOURCES=${PROJECT_SOURCE_DIR}/protocol/codec -P ${script})
set_tests_properties(forum.Purity.CheckFindsIncludes PROPERTIES PASS_REGULAR_EXPRESSION "includes <google/protobuf/")
add_test(NAME forum.Purity.CheckFindsSymbols COMMAND ${check} -DARCHIVE=$<TARGET_FILE:foorumi_codec> -P ${script})
set_tests_properties(forum.Purity.CheckFindsSymbols PROPERTIES PASS_REGULAR_EXPRESSION "refers to google::protobuf")

# What CMake itself would link.
get_target_property(linked foorumi_forum LINK_LIBRARIES)
foreach(library ${linked})
  # Private dependencies of a static library stand in $<LINK_ONLY:...> for those who link it.
  if(NOT library MATCHES "^(Boost::headers|foorumi_flags)$")
    message(FATAL_ERROR "foorumi_forum links ${library}: the rules link Boost's headers and nothing else")
  endif()
endforeach()
