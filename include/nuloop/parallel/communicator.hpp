// MPI by RAII. A program without MPI is a communicator of one rank.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <mpi.h>

namespace nuloop::parallel {

/// Throws LocalFailure, which names the call, unless it succeeded. Where a call does not return its
/// error, MPI itself ends all ranks: in MpiSession and for the duplicate of a Communicator.
void check_mpi(int code, const char* call);

/// Initialises MPI for use from the main thread (MPI_THREAD_FUNNELED); finalises it at the end.
class MpiSession {
 public:
  MpiSession(int* argc, char*** argv);
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
};

/// A duplicate of an MPI communicator of its own, or a single rank without MPI. Errors on it are
/// returned, so that they can be told by name: MPI would end all ranks without a word of ours.
class Communicator {
 public:
  Communicator() = default;                  ///< one rank, no MPI
  explicit Communicator(MPI_Comm original);  ///< collective over `original`
  ~Communicator();
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_master() const { return rank_ == 0; }
  MPI_Comm handle() const { return handle_; }

  void barrier() const;

  /// The master's text on every rank.
  std::string broadcast(const std::string& text) const;

  /// Every rank's values, equally many on each, one row per rank, on the master; empty elsewhere.
  std::vector<std::vector<double>> gather(const std::vector<double>& values) const;

  /// Every rank's text on the master; empty elsewhere.
  std::vector<std::string> gather(const std::string& text) const;

 private:
  MPI_Comm handle_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
};

/// Calls `action` on the master; an InputError or MachineError it throws is thrown on every rank.
/// An error of the file system is a MachineError.
void agree(const Communicator& communicator, const std::function<void()>& action);

}  // namespace nuloop::parallel
