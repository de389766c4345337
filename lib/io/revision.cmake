# Writes OUTPUT, a header with the version and the git revision of SOURCE; untouched if unchanged.
# SPDX-License-Identifier: GPL-3.0-or-later
set(revision "unknown")
find_package(Git QUIET)
if(GIT_FOUND)
  execute_process(
    COMMAND ${GIT_EXECUTABLE} -C ${SOURCE} describe --always --dirty --abbrev=12
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed ERROR_QUIET)
  if(NOT failed)
    set(revision ${described})
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT
"#define NULOOP_VERSION \"${VERSION}\"
#define NULOOP_GIT_REVISION \"${revision}\"
")
