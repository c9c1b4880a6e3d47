//! Independent pieces of work on two cores. What comes out does not depend on which thread did what.

use std::collections::BTreeMap;
use std::iter::Enumerate;
use std::sync::{Condvar, Mutex};
use std::vec::IntoIter;

/// Does every job, two at a time, beginning with the first ones; the results are in the order of the jobs.
pub fn jobs_in_two_threads<J: Send, R: Send>(jobs: Vec<J>, work: impl Fn(J) -> R + Sync) -> Vec<R> {
    if jobs.len() < 2 {
        return jobs.into_iter().map(work).collect();
    }
    let queue = Mutex::new(jobs.into_iter().enumerate());
    let some_of_them = || {
        let mut done: Vec<(usize, R)> = Vec::new();
        loop {
            // A poisoned lock means that the other thread is panicking already.
            let next = queue.lock().map_or(None, |mut queue| queue.next());
            let Some((at, job)) = next else { return done };
            done.push((at, work(job)));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let other = scope.spawn(some_of_them);
        let mut done = some_of_them();
        match other.join() {
            Ok(more) => done.extend(more),
            // A panic over there is a panic here.
            Err(panic) => std::panic::resume_unwind(panic),
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Does every job, two at a time, and hands every result on as soon as those of all jobs before it have been: little has
/// to wait, whatever the number of jobs.
pub(crate) fn in_order<J: Send, R: Send>(
    jobs: Vec<J>,
    work: impl Fn(J) -> R + Sync,
    take: impl FnMut(R) + Send,
) {
    let one_thread = jobs.len() < 2;
    let line = Line {
        state: Mutex::new(LineState {
            jobs: jobs.into_iter().enumerate(),
            done: BTreeMap::new(),
            next: 0,
            take,
            broken: false,
        }),
        moved: Condvar::new(),
    };
    let run = || {
        let _guard = BreaksOnPanic(&line);
        while let Some((at, job)) = line.job() {
            line.put(at, work(job));
        }
    };
    if one_thread {
        return run();
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(run);
        run();
        // A panic over there is a panic here.
        other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

/// Results that may wait for one before them.
const WAITING: usize = 2;

/// Jobs on one side, results in their order on the other.
struct Line<J, R, T> {
    state: Mutex<LineState<J, R, T>>,
    moved: Condvar,
}

struct LineState<J, R, T> {
    jobs: Enumerate<IntoIter<J>>,
    done: BTreeMap<usize, R>,
    /// The first job whose result has not been handed on.
    next: usize,
    take: T,
    broken: bool,
}

impl<J, R, T: FnMut(R)> Line<J, R, T> {
    /// A job, once not too many results wait; `None` when there are none left, or the other thread is panicking.
    fn job(&self) -> Option<(usize, J)> {
        let state = self.state.lock().ok()?;
        let full = |state: &mut LineState<J, R, T>| !state.broken && state.done.len() >= WAITING;
        let mut state = self.moved.wait_while(state, full).ok()?;
        if state.broken { None } else { state.jobs.next() }
    }

    fn put(&self, at: usize, result: R) {
        let Ok(mut state) = self.state.lock() else { return };
        let state = &mut *state;
        state.done.insert(at, result);
        while let Some(result) = state.done.remove(&state.next) {
            (state.take)(result);
            state.next += 1;
        }
        self.moved.notify_all();
    }
}

/// Nobody waits for a result that will not come.
struct BreaksOnPanic<'l, J, R, T>(&'l Line<J, R, T>);

impl<J, R, T> Drop for BreaksOnPanic<'_, J, R, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            if let Ok(mut state) = self.0.state.lock() {
                state.broken = true;
            }
            self.0.moved.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{in_order, jobs_in_two_threads};

    #[test]
    fn results_are_in_the_order_of_the_jobs() {
        let slow_first = |job: u64| {
            std::thread::sleep(std::time::Duration::from_millis(20 / (job + 1)));
            job * 2
        };
        assert_eq!(jobs_in_two_threads((0..5).collect(), slow_first), [0, 2, 4, 6, 8]);
        assert!(jobs_in_two_threads(Vec::<u64>::new(), slow_first).is_empty());
    }

    #[test]
    fn results_are_handed_on_in_order_while_later_jobs_are_done() {
        let mut taken = Vec::new();
        let slow = |job: u64| {
            std::thread::sleep(std::time::Duration::from_millis(if job.is_multiple_of(4) { 8 } else { 1 }));
            job
        };
        in_order((0..40).collect(), slow, |result| taken.push(result));
        assert_eq!(taken, (0..40).collect::<Vec<_>>());
        in_order(Vec::<u64>::new(), slow, |_| panic!("nothing was done"));
    }

    #[test]
    #[should_panic(expected = "the fourth")]
    fn a_panic_in_one_thread_leaves_nobody_waiting() {
        in_order((0..40).collect(), |job| assert_ne!(job, 3, "the fourth"), |()| {});
    }
}
