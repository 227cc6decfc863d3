#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include "polarimeter/job.h"

using polarimeter::Executor;

TEST_CASE("every chunk runs once, for any number of threads and chunks") {
  for (const int threads : {1, 2, 3, 7}) {
    Executor executor(threads);
    CHECK(executor.threads() == threads);
    for (const std::int64_t chunks : {0, 1, 2, 5, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(chunks));
      executor.parallel_for(chunks, [&](std::int64_t chunk) { ++runs[static_cast<std::size_t>(chunk)]; });
      for (const auto& count : runs) CHECK(count == 1);
    }
  }
}

TEST_CASE("fewer than one thread is one") {
  Executor executor(-3);
  CHECK(executor.threads() == 1);
}

TEST_CASE("loops inside loops on pool threads end") {
  Executor executor(2);
  std::atomic<int> inner{0};
  std::promise<void> done;
  for (int i = 0; i < 4; ++i) {
    executor.submit([&] {
      executor.parallel_for(8, [&](std::int64_t) {
        executor.parallel_for(8, [&](std::int64_t) { executor.parallel_for(2, [&](std::int64_t) { ++inner; }); });
      });
      if (inner == 4 * 8 * 8 * 2) done.set_value();
    });
  }
  REQUIRE(done.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready);
}

TEST_CASE("submitted tasks run before the pool goes away, even when one throws") {
  std::atomic<int> ran{0};
  {
    Executor executor(2);
    for (int i = 0; i < 100; ++i) {
      executor.submit([&ran, i] {
        ++ran;
        if (i == 3) throw std::runtime_error("a task that breaks the rule");
      });
    }
  }
  CHECK(ran == 100);
}

TEST_CASE("an exception of a loop's body reaches the caller after all chunks ended") {
  Executor executor(3);
  std::atomic<int> ran{0};
  const auto loop = [&] {
    executor.parallel_for(50, [&](std::int64_t chunk) {
      ++ran;
      if (chunk == 10) throw std::bad_alloc();
    });
  };
  CHECK_THROWS_AS(loop(), std::bad_alloc);
  CHECK(ran == 50);
  ran = 0;
  executor.parallel_for(5, [&](std::int64_t) { ++ran; });
  CHECK(ran == 5);
}

TEST_CASE("the calling thread and the pool work at the same time") {
  Executor executor(1);
  std::promise<void> other;
  std::shared_future<void> ready = other.get_future().share();
  std::atomic<bool> met{false};
  // Each of two chunks waits for the other: only two threads at once get through.
  std::promise<void> first;
  std::shared_future<void> first_ready = first.get_future().share();
  executor.parallel_for(2, [&](std::int64_t chunk) {
    (chunk == 0 ? first : other).set_value();
    const auto state = (chunk == 0 ? ready : first_ready).wait_for(std::chrono::seconds(20));
    if (state == std::future_status::ready) met = true;
  });
  CHECK(met);
}
