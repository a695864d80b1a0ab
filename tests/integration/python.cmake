# Tests in Python with Debian's python3-websockets and python3-protobuf: real processes, no code shared with the server.
find_program(FOORUMI_TEST_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

set(python_protos entities protocol)
set(python_proto_dir ${CMAKE_CURRENT_BINARY_DIR}/python)
set(python_proto_out)
foreach(proto ${python_protos})
  set(out ${python_proto_dir}/foorumi/v1/${proto}_pb2.py)
  set(in ${PROJECT_SOURCE_DIR}/protocol/foorumi/v1/${proto}.proto)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${python_proto_dir}
    COMMAND protobuf::protoc -I ${PROJECT_SOURCE_DIR}/protocol --python_out=${python_proto_dir} ${in}
    DEPENDS ${in} ${PROJECT_SOURCE_DIR}/protocol/foorumi/v1/entities.proto VERBATIM)
  list(APPEND python_proto_out ${out})
endforeach()
add_custom_target(foorumi_python_protos ALL DEPENDS ${python_proto_out})

# Makes certificates for them.
add_executable(foorumi_make_certificate certificate/main.cpp)
target_include_directories(foorumi_make_certificate PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(foorumi_make_certificate PRIVATE OpenSSL::Crypto foorumi_flags)
set_target_properties(foorumi_make_certificate PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

# foorumi_python_test(NAME SECONDS [arguments...])
function(foorumi_python_test name seconds)
  add_test(NAME python.${name} COMMAND ${FOORUMI_TEST_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py ${ARGN})
  set_tests_properties(python.${name} PROPERTIES LABELS python TIMEOUT ${seconds} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    ENVIRONMENT "FOORUMI_BIN_DIR=${PROJECT_BINARY_DIR}/bin;FOORUMI_PROTO_DIR=${python_proto_dir};PYTHONUNBUFFERED=1")
endfunction()

foorumi_python_test(journal_checker_test 60)
foorumi_python_test(protocol_page_test 60)
foorumi_python_test(up_test 180)
foorumi_python_test(client_test 240)
foorumi_python_test(resume_test 240)
foorumi_python_test(visibility_test 180)
foorumi_python_test(devices_test 180)
foorumi_python_test(bad_input_test 180)
foorumi_python_test(refusals_test 180)
foorumi_python_test(limits_test 240)
foorumi_python_test(content_limits_test 120)
foorumi_python_test(reading_limits_test 240)
foorumi_python_test(timeouts_test 180)
foorumi_python_test(order_test 180)
foorumi_python_test(resilience_test 240)
foorumi_python_test(drain_test 180)
foorumi_python_test(logs_test 180)
foorumi_python_test(tls_test 180)
foorumi_python_test(cli_test 240)
foorumi_python_test(cli_output_test 180)
foorumi_python_test(cli_tls_test 180)
foorumi_python_test(cli_terminal_test 240)
foorumi_python_test(external_redis_test 180)
foorumi_python_test(kill_test 300)
foorumi_python_test(sign_in_test 240)
foorumi_python_test(browser_test 120)
foorumi_python_test(timing_test 240)
foorumi_python_test(permission_test 240)
foorumi_python_test(revocation_test 300)

# Sanitizers bring an allocator of their own, and there is nothing to learn from its counts.
if(NOT FOORUMI_SANITIZE)
  add_library(foorumi_costs_preload MODULE ${CMAKE_CURRENT_SOURCE_DIR}/../support/costs_preload.cpp)
  target_link_libraries(foorumi_costs_preload PRIVATE foorumi_flags)
  foorumi_python_test(costs_test 180)
  set_property(TEST python.costs_test APPEND PROPERTY
    ENVIRONMENT "FOORUMI_COSTS_PRELOAD=$<TARGET_FILE:foorumi_costs_preload>")
endif()
