//! Independent pieces of work on two cores. What comes out does not depend on which thread did what.

use std::sync::Mutex;

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

#[cfg(test)]
mod tests {
    use super::jobs_in_two_threads;

    #[test]
    fn results_are_in_the_order_of_the_jobs() {
        let slow_first = |job: u64| {
            std::thread::sleep(std::time::Duration::from_millis(20 / (job + 1)));
            job * 2
        };
        assert_eq!(jobs_in_two_threads((0..5).collect(), slow_first), [0, 2, 4, 6, 8]);
        assert!(jobs_in_two_threads(Vec::<u64>::new(), slow_first).is_empty());
    }
}
