//! Processor time and memory as the system counts them (Linux; elsewhere the wall clock, and no memory).

use std::fs::read_to_string;
use std::time::Instant;

/// Wall clock and processor time of the calling thread, from one moment on.
pub struct Clock {
    wall: Instant,
    cpu: f64,
}

impl Clock {
    #[allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]
    pub fn start() -> Clock {
        Clock { cpu: thread_seconds(), wall: Instant::now() }
    }

    pub fn wall_seconds(&self) -> f64 {
        self.wall.elapsed().as_secs_f64()
    }

    pub fn cpu_seconds(&self) -> f64 {
        match thread_seconds() {
            0.0 => self.wall_seconds(),
            now => now - self.cpu,
        }
    }
}

/// Processor seconds of the calling thread so far; zero where the system does not say. The system counts up to the last
/// time that it looked at the thread, which can be 4 ms ago, unless the thread steps aside.
pub fn thread_seconds() -> f64 {
    std::thread::yield_now();
    let text = read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|field| field.parse::<u64>().ok());
    nanoseconds.map_or(0.0, |nanoseconds| nanoseconds as f64 / 1e9)
}

/// Most memory that the process has held.
pub fn peak_rss_mb() -> Option<u64> {
    let status = read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}

pub fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_mind_one_slow_run() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
    }
}
