# What the program is built from. jobs/setup.sh lists Debian's packages; the libraries may as well be in any
# prefix of CMAKE_PREFIX_PATH (slurm/README.md, "Without root, without Debian").
# SPDX-License-Identifier: GPL-3.0-or-later

# nuloop_find(NAME LEAST WHERE [find_package's arguments]): the package in this version or a later one, or an
# error that says WHERE to get it. Told the version, find_package would take Eigen 3.5 for 3.4, but not 5.0.
macro(nuloop_find package least where)
  find_package(${package} QUIET ${ARGN})
  set(nuloop_found "${package} ${${package}_VERSION} in ${${package}_DIR}")
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "nuloop needs ${package} ${least} or later, and CMake finds none. ${where} "
      "A folder of one's own is named by -DCMAKE_PREFIX_PATH=FOLDER.")
  elseif(${package}_VERSION VERSION_LESS ${least})
    message(FATAL_ERROR "nuloop needs ${package} ${least} or later, and CMake finds ${nuloop_found}. ${where} "
      "A folder of one's own is named by -DCMAKE_PREFIX_PATH=FOLDER.")
  endif()
  message(STATUS "Found ${nuloop_found}")
endmacro()

find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
nuloop_find(Eigen3 3.4 "Debian's package is libeigen3-dev." CONFIG)
nuloop_find(Boost 1.74 "Debian's packages are libboost-dev and libboost-program-options-dev."
  CONFIG COMPONENTS program_options)
nuloop_find(nlohmann_json 3 "Debian's package is nlohmann-json3-dev." CONFIG)
nuloop_find(fmt 9 "Debian's package is libfmt-dev; elsewhere build and install a release of fmt." CONFIG)
nuloop_find(tomlplusplus 3
  "Debian's package is libtomlplusplus-dev; elsewhere install a release of toml++, which needs no compiling."
  CONFIG)
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h)
if(NOT RANDOM123_INCLUDE_DIR)
  message(FATAL_ERROR "nuloop needs Random123, and CMake does not find Random123/philox.h. "
    "Debian's package is librandom123-dev; elsewhere copy the folder include/Random123 of a release to "
    "FOLDER/include and say -DCMAKE_PREFIX_PATH=FOLDER.")
endif()
add_library(nuloop_random123 INTERFACE)
target_include_directories(nuloop_random123 SYSTEM INTERFACE ${RANDOM123_INCLUDE_DIR})
# Its headers would take in those of all SIMD instructions, seconds of every source; Philox uses none.
target_compile_definitions(nuloop_random123 INTERFACE R123_USE_SSE=0)

# --- MPI: on Debian two may be installed side by side, each with wrapper, launcher and HDF5 of its own ------
set(NULOOP_MPI "" CACHE STRING "The MPI library: openmpi, mpich, or empty for the one CMake finds")
set_property(CACHE NULOOP_MPI PROPERTY STRINGS "" openmpi mpich)
if(NOT NULOOP_MPI MATCHES "^(openmpi|mpich)?$")
  message(FATAL_ERROR "NULOOP_MPI is \"${NULOOP_MPI}\"; it may be openmpi, mpich, or empty.")
endif()
if(DEFINED nuloop_mpi_before AND NOT NULOOP_MPI STREQUAL nuloop_mpi_before)
  message(FATAL_ERROR "This folder was configured with NULOOP_MPI=\"${nuloop_mpi_before}\", and what was found "
    "then is kept. Use another folder, or begin anew with cmake --fresh.")
endif()
set(nuloop_mpi_before "${NULOOP_MPI}" CACHE INTERNAL "NULOOP_MPI of the first configuration")
if(NULOOP_MPI)
  find_program(MPI_CXX_COMPILER mpicxx.${NULOOP_MPI})
  find_program(MPIEXEC_EXECUTABLE mpiexec.${NULOOP_MPI})
endif()
find_package(MPI REQUIRED COMPONENTS CXX)

# nuloop_mpi_kind(VARIABLE): openmpi, mpich (so are the libraries made from it), or empty, by mpi.h.
function(nuloop_mpi_kind variable)
  include(CheckCXXSymbolExists)
  set(CMAKE_REQUIRED_LIBRARIES MPI::MPI_CXX)
  set(CMAKE_REQUIRED_QUIET TRUE)
  set(kind "")
  check_cxx_symbol_exists(OMPI_MAJOR_VERSION mpi.h nuloop_mpi_is_openmpi)
  check_cxx_symbol_exists(MPICH_VERSION mpi.h nuloop_mpi_is_mpich)
  if(nuloop_mpi_is_openmpi)
    set(kind openmpi)
  elseif(nuloop_mpi_is_mpich)
    set(kind mpich)
  endif()
  set(${variable} "${kind}" PARENT_SCOPE)
endfunction()
nuloop_mpi_kind(nuloop_mpi_found)
if(NULOOP_MPI AND NOT NULOOP_MPI STREQUAL nuloop_mpi_found)
  message(FATAL_ERROR "NULOOP_MPI is ${NULOOP_MPI}, and ${MPI_CXX_COMPILER} belongs to another MPI. "
    "Install the package lib${NULOOP_MPI}-dev, or set MPI_CXX_COMPILER and MPIEXEC_EXECUTABLE.")
endif()
# Neither library's C++ interface is used; both left MPI with version 3.
add_library(nuloop_mpi INTERFACE)
target_link_libraries(nuloop_mpi INTERFACE MPI::MPI_CXX)
target_compile_definitions(nuloop_mpi INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)

# --- HDF5 for that MPI. Debian keeps it in a folder of its own, beside a serial one that must not be taken. --
set(HDF5_PREFER_PARALLEL TRUE)
set(nuloop_debian_hdf5 /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/hdf5/${nuloop_mpi_found})
if(NOT HDF5_ROOT AND NOT DEFINED ENV{HDF5_ROOT} AND nuloop_mpi_found AND EXISTS ${nuloop_debian_hdf5})
  set(HDF5_ROOT ${nuloop_debian_hdf5})
endif()
set(nuloop_hdf5_advice "Install Debian's package libhdf5-${nuloop_mpi_found}-dev, or set HDF5_ROOT to the folder of "
  "an HDF5 that was built for ${MPI_CXX_COMPILER}, in an empty build folder.")
find_package(HDF5 COMPONENTS C HL)
if(NOT HDF5_FOUND OR NOT HDF5_IS_PARALLEL OR HDF5_VERSION VERSION_LESS 1.10)
  message(FATAL_ERROR "nuloop needs HDF5 1.10 or later built for MPI, and CMake finds ${HDF5_C_LIBRARIES} "
    "(version: ${HDF5_VERSION}, parallel: ${HDF5_IS_PARALLEL}). " ${nuloop_hdf5_advice})
endif()

# nuloop_elf_names(VARIABLE KIND LIBRARY...): the names after NEEDED or SONAME in shared libraries, files or
# imported targets; none where that cannot be told.
function(nuloop_elf_names variable kind)
  set(names "")
  foreach(file IN LISTS ARGN)
    if(TARGET ${file})
      get_target_property(file ${file} LOCATION)
    endif()
    if(CMAKE_READELF AND file MATCHES "\\.so" AND EXISTS ${file})
      execute_process(COMMAND ${CMAKE_READELF} -d ${file} OUTPUT_VARIABLE entries ERROR_QUIET)
      string(REGEX MATCHALL "\\(${kind}\\)[^\n]*\\[[^]\n]+\\]" lines "${entries}")
      list(TRANSFORM lines REPLACE ".*\\[(.*)\\]" "\\1")
      list(APPEND names ${lines})
    endif()
  endforeach()
  set(${variable} "${names}" PARENT_SCOPE)
endfunction()

# Linked to two MPI libraries, a program builds and dies at its first parallel file.
nuloop_elf_names(nuloop_hdf5_mpi NEEDED ${HDF5_C_LIBRARIES})
list(FILTER nuloop_hdf5_mpi INCLUDE REGEX "^libmpi")
nuloop_elf_names(nuloop_own_mpi SONAME ${MPI_CXX_LIBRARIES})
if(nuloop_hdf5_mpi AND nuloop_own_mpi)
  list(JOIN nuloop_own_mpi " and " nuloop_own_names)
  foreach(name IN LISTS nuloop_hdf5_mpi)
    if(NOT name IN_LIST nuloop_own_mpi)
      message(FATAL_ERROR "The HDF5 that CMake finds, ${HDF5_C_LIBRARIES}, was built for another MPI: it needs "
        "${name}, and ${MPI_CXX_COMPILER} links to ${nuloop_own_names}. " ${nuloop_hdf5_advice})
    endif()
  endforeach()
endif()
