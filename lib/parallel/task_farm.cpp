// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/task_farm.hpp"

namespace nuloop::parallel {
namespace {

// A request carries how many tasks its sender finished since the last one; the answer is a task, or
// -1 when there are no more. The sender may still hold one task then, and tells when it is done.
constexpr int request_tag = 1;
constexpr int answer_tag = 2;
constexpr int farewell_tag = 3;
constexpr long long no_task = -1;

class Master {
 public:
  Master(const Communicator& communicator, std::size_t task_count,
         const std::function<void(std::size_t)>& execute,
         const std::function<void(std::size_t)>& report)
      : communicator_(communicator),
        tasks_(task_count),
        execute_(execute),
        report_(report),
        asking_(communicator.size() - 1) {}

  void run() {
    while (next_ < tasks_) {
      answer_waiting_requests();
      if (next_ < tasks_) {
        execute_(next_++);
        ++done_;
        report_(done_);
      }
    }
    while (asking_ > 0)
      answer_request();
    for (int leaving = communicator_.size() - 1; leaving > 0; --leaving)
      count_finished(farewell_tag);
    report_(done_);
  }

 private:
  void answer_waiting_requests() {
    while (asking_ > 0) {
      int waiting = 0;
      MPI_Iprobe(MPI_ANY_SOURCE, request_tag, communicator_.handle(), &waiting, MPI_STATUS_IGNORE);
      if (waiting == 0)
        return;
      answer_request();
    }
  }

  void answer_request() {
    const int source = count_finished(request_tag);
    const bool more = next_ < tasks_;
    const long long task = more ? static_cast<long long>(next_++) : no_task;
    if (!more)
      --asking_;
    MPI_Send(&task, 1, MPI_LONG_LONG, source, answer_tag, communicator_.handle());
  }

  // Receives a count of finished tasks from anyone; returns its sender.
  int count_finished(int tag) {
    long long finished = 0;
    MPI_Status status;
    MPI_Recv(&finished, 1, MPI_LONG_LONG, MPI_ANY_SOURCE, tag, communicator_.handle(), &status);
    done_ += static_cast<std::size_t>(finished);
    report_(done_);
    return status.MPI_SOURCE;
  }

  const Communicator& communicator_;
  std::size_t tasks_;
  const std::function<void(std::size_t)>& execute_;
  const std::function<void(std::size_t)>& report_;
  int asking_;  // ranks that have not been told that there is no more
  std::size_t next_ = 0;
  std::size_t done_ = 0;
};

void work(const Communicator& communicator, const std::function<void(std::size_t)>& execute) {
  long long finished = 0;
  const auto tell = [&](int tag) {
    MPI_Send(&finished, 1, MPI_LONG_LONG, 0, tag, communicator.handle());
    finished = 0;
  };
  const auto answer = [&] {
    long long task = no_task;
    MPI_Recv(&task, 1, MPI_LONG_LONG, 0, answer_tag, communicator.handle(), MPI_STATUS_IGNORE);
    return task;
  };

  tell(request_tag);
  long long present = answer();
  while (present != no_task) {
    tell(request_tag);
    execute(static_cast<std::size_t>(present));
    ++finished;
    present = answer();
  }
  tell(farewell_tag);
}

}  // namespace

void run_tasks(const Communicator& communicator, std::size_t task_count,
               const std::function<void(std::size_t)>& execute,
               const std::function<void(std::size_t)>& report) {
  if (communicator.is_master())
    Master(communicator, task_count, execute, report).run();
  else
    work(communicator, execute);
  communicator.barrier();
}

}  // namespace nuloop::parallel
