//! What each step of a clearing costs: wall clock, processor seconds of the whole process, and the most memory held.
//!
//! Linux says the last two in `/proc`; elsewhere they are zero and unknown.

use serde_json::{Value, json};
use std::fs;
use std::time::Instant;

/// Ticks of `/proc/self/stat` per second, on every Linux that people use.
const TICKS_PER_SECOND: f64 = 100.0;

/// One step, done.
#[derive(Clone, Debug)]
pub struct Stage {
    pub name: String,
    pub wall_s: f64,
    pub cpu_s: f64,
    /// Most memory held while it ran.
    pub peak_mb: Option<u64>,
}

impl Stage {
    pub fn json(&self) -> Value {
        let rounded = |seconds: f64| (seconds * 100.0).round() / 100.0;
        json!({
            "name": self.name,
            "wall_s": rounded(self.wall_s),
            "cpu_s": rounded(self.cpu_s),
            "peak_rss_mb": self.peak_mb,
        })
    }
}

/// Steps one after another; a new one ends the one before.
#[derive(Default)]
pub struct Stages {
    done: Vec<Stage>,
    running: Option<Running>,
}

struct Running {
    name: String,
    wall: Instant,
    cpu: f64,
}

impl Stages {
    pub fn begin(&mut self, name: &str) {
        self.end();
        // The next figure for the most memory held is of this step alone; where that is refused, of all so far.
        let _ = fs::write("/proc/self/clear_refs", "5");
        self.running = Some(Running { name: name.to_owned(), wall: now(), cpu: cpu_seconds() });
    }

    pub fn end(&mut self) {
        let Some(running) = self.running.take() else { return };
        self.done.push(Stage {
            name: running.name,
            wall_s: running.wall.elapsed().as_secs_f64(),
            cpu_s: cpu_seconds() - running.cpu,
            peak_mb: peak_mb(),
        });
    }

    pub fn done(&self) -> &[Stage] {
        &self.done
    }
}

#[allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Processor seconds of all threads, those that have ended included.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    ticks(&text).map_or(0.0, |ticks| ticks as f64 / TICKS_PER_SECOND)
}

/// User and system time. The program's name stands before them in brackets and may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn peak_mb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_past_a_name_with_brackets() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 80 0 0 0 250 50 0 0 20 0 1 0 9 1 1";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("7 (a) S"), None);
    }

    #[test]
    fn a_new_step_ends_the_one_before() {
        let mut stages = Stages::default();
        stages.begin("一");
        stages.begin("二");
        stages.end();
        stages.end();
        let names: Vec<&str> = stages.done().iter().map(|stage| stage.name.as_str()).collect();
        assert_eq!(names, ["一", "二"]);
    }
}
