// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/task_farm.hpp"

#include "waiting.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>
#include <vector>

namespace nuloop::parallel {
namespace {

// Everyone is given a first range at once, so that nobody waits for the master's first task. After
// that a request says how many tasks its sender finished since the last one, whether it wants to
// stop, and its note; the answer is a range of tasks, empty when there are no more. The sender may
// still hold tasks then; its farewell tells when they are done. A stop message interrupts it
// between tasks.
constexpr int request_tag = 1;
constexpr int answer_tag = 2;
constexpr int farewell_tag = 3;
constexpr int stop_tag = 4;

using Message = std::array<long long, 2>;
using Request = std::array<double, 2 + std::tuple_size_v<Note>>;

bool is_waiting(MPI_Comm comm, int source, int tag, MPI_Status* status) {
  // A probe may take in what has arrived only after it has looked: the second one sees it.
  int waiting = 0;
  for (int attempt = 0; attempt < 2 && waiting == 0; ++attempt)
    check_mpi(MPI_Iprobe(source, tag, comm, &waiting, status), "MPI_Iprobe");
  return waiting != 0;
}

// The master's numbers on every rank. MPI_Bcast would spin on those that are early.
void broadcast(MPI_Comm comm, std::array<long long, 2>& numbers) {
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Ibcast(numbers.data(), 2, MPI_LONG_LONG, 0, comm, &request), "MPI_Ibcast");
  wait_until_complete(request);
  check_mpi(MPI_Wait(&request, MPI_STATUS_IGNORE), "MPI_Wait");
}

class Master {
 public:
  Master(const Communicator& communicator, const Farm& farm)
      : comm_(communicator.handle()),
        ranks_(communicator.size()),
        farm_(farm),
        leaving_(ranks_ - 1) {}

  FarmOutcome run() {
    if (ranks_ > 1)
      begin();
    const bool works = ranks_ <= most_ranks_of_working_master;
    while (!stopping_ && works) {
      const auto range = farm_.next(0);
      if (!range)
        break;
      for (std::size_t i = 0; i < range->count && !stopping_; ++i) {
        hear_waiting();
        farm_.execute(range->first + i);
        farm_.report(++done_);
        check_own_stop();
      }
      farm_.learn(farm_.note());
    }
    while (leaving_ > 0) {
      MPI_Status status;
      wait_until([&] {
        check_own_stop();
        return is_waiting(comm_, MPI_ANY_SOURCE, MPI_ANY_TAG, &status);
      });
      hear(status);
    }
    farm_.report(done_);
    return {done_, std::move(requests_s_)};
  }

  bool stopping() const { return stopping_; }

 private:
  void begin() {
    std::vector<Message> first(static_cast<std::size_t>(ranks_));
    for (int rank = 1; rank < ranks_; ++rank)
      first[static_cast<std::size_t>(rank)] = range_for(rank);
    check_mpi(MPI_Scatter(first.data(), 2, MPI_LONG_LONG, MPI_IN_PLACE, 2, MPI_LONG_LONG, 0, comm_),
              "MPI_Scatter");
  }

  // More tasks for a rank; none if there are none left.
  Message range_for(int rank) {
    const auto range = stopping_ ? std::nullopt : farm_.next(rank);
    return {range ? static_cast<long long>(range->first) : 0,
            range ? static_cast<long long>(range->count) : 0};
  }

  // A farewell may bring the wish to stop.
  void hear_waiting() {
    MPI_Status status;
    while (leaving_ > 0 && is_waiting(comm_, MPI_ANY_SOURCE, MPI_ANY_TAG, &status))
      hear(status);
  }

  void hear(const MPI_Status& status) {
    if (status.MPI_TAG == request_tag) {
      answer(status.MPI_SOURCE);
    } else {
      receive(status.MPI_SOURCE, farewell_tag);
      --leaving_;
    }
  }

  void answer(int rank) {
    const double begin = MPI_Wtime();
    receive(rank, request_tag);
    const Message message = range_for(rank);
    check_mpi(MPI_Send(message.data(), 2, MPI_LONG_LONG, rank, answer_tag, comm_), "MPI_Send");
    requests_s_.push_back(static_cast<float>(MPI_Wtime() - begin));
  }

  void receive(int rank, int tag) {
    Request request{};
    check_mpi(MPI_Recv(request.data(), static_cast<int>(request.size()), MPI_DOUBLE, rank, tag,
                       comm_, MPI_STATUS_IGNORE),
              "MPI_Recv");
    done_ += static_cast<std::size_t>(request[0]);
    if (request[1] != 0.0)
      stop_all();
    Note note;
    std::copy(request.begin() + 2, request.end(), note.begin());
    farm_.learn(note);
    farm_.report(done_);
  }

  void check_own_stop() {
    if (!stopping_ && farm_.stop())
      stop_all();
  }

  void stop_all() {
    if (stopping_)
      return;
    stopping_ = true;
    const Message empty{};
    for (int rank = 1; rank < ranks_; ++rank)
      check_mpi(MPI_Send(empty.data(), 2, MPI_LONG_LONG, rank, stop_tag, comm_), "MPI_Send");
  }

  MPI_Comm comm_;
  int ranks_;
  const Farm& farm_;
  int leaving_;  // ranks that have not said farewell
  std::size_t done_ = 0;
  std::vector<float> requests_s_;
  bool stopping_ = false;
};

class Worker {
 public:
  Worker(const Communicator& communicator, const Farm& farm)
      : comm_(communicator.handle()), farm_(farm) {}

  void run() {
    TaskRange present = first();
    while (present.count > 0 && !stopping_) {
      ask();
      for (std::size_t i = 0; i < present.count && !stopping_; ++i) {
        farm_.execute(present.first + i);
        ++finished_;
        look_for_stop();
      }
      present = answer();
    }
    tell(farewell_tag);
  }

  // After the master has said whether it stopped everyone: its message is on the way.
  void drain(bool stopped) {
    if (!stopped || heard_)
      return;
    MPI_Status status;
    wait_until([&] { return is_waiting(comm_, 0, stop_tag, &status); });
    hear();
  }

 private:
  void tell(int tag) {
    Request request = {static_cast<double>(finished_), stopping_ ? 1.0 : 0.0};
    finished_ = 0;
    const Note note = farm_.note();
    std::copy(note.begin(), note.end(), request.begin() + 2);
    check_mpi(MPI_Send(request.data(), static_cast<int>(request.size()), MPI_DOUBLE, 0, tag, comm_),
              "MPI_Send");
  }

  TaskRange first() {
    check_mpi(MPI_Scatter(nullptr, 2, MPI_LONG_LONG, answer_.data(), 2, MPI_LONG_LONG, 0, comm_),
              "MPI_Scatter");
    return answered();
  }

  void ask() {
    tell(request_tag);
    check_mpi(MPI_Irecv(answer_.data(), 2, MPI_LONG_LONG, 0, answer_tag, comm_, &pending_),
              "MPI_Irecv");
  }

  TaskRange answer() {
    wait_until_complete(pending_);
    check_mpi(MPI_Wait(&pending_, MPI_STATUS_IGNORE), "MPI_Wait");
    return answered();
  }

  TaskRange answered() const {
    return {static_cast<std::size_t>(answer_[0]), static_cast<std::size_t>(answer_[1])};
  }

  void look_for_stop() {
    MPI_Status status;
    if (!heard_ && is_waiting(comm_, 0, stop_tag, &status))
      hear();
    stopping_ = stopping_ || heard_ || farm_.stop();
  }

  void hear() {
    Message empty;
    check_mpi(MPI_Recv(empty.data(), 2, MPI_LONG_LONG, 0, stop_tag, comm_, MPI_STATUS_IGNORE),
              "MPI_Recv");
    heard_ = true;
  }

  MPI_Comm comm_;
  const Farm& farm_;
  Message answer_{};
  MPI_Request pending_ = MPI_REQUEST_NULL;
  std::size_t finished_ = 0;
  bool stopping_ = false;
  bool heard_ = false;
};

}  // namespace

FarmOutcome run_tasks(const Communicator& communicator, const Farm& farm) {
  if (communicator.size() == 1)
    return Master(communicator, farm).run();
  FarmOutcome result;
  std::array<long long, 2> outcome{};  // tasks done, stopped
  if (communicator.is_master()) {
    Master master(communicator, farm);
    result = master.run();
    outcome[0] = static_cast<long long>(result.done);
    outcome[1] = master.stopping() ? 1 : 0;
    broadcast(communicator.handle(), outcome);
  } else {
    Worker worker(communicator, farm);
    worker.run();
    broadcast(communicator.handle(), outcome);
    worker.drain(outcome[1] != 0);
  }
  result.done = static_cast<std::size_t>(outcome[0]);
  return result;
}

}  // namespace nuloop::parallel
