//! What a run has cost so far. CPU time and memory come from `/proc/self`; where there is none they are not known.

use serde_json::{Value, json};
use std::time::Instant;

/// What the kernel counts CPU time in, on every Linux that people use.
const TICKS_PER_SECOND: u64 = 100;

pub struct Stopwatch {
    start: Instant,
    laps: Vec<(&'static str, Moment)>,
}

#[derive(Clone, Copy)]
struct Moment {
    wall_ms: u64,
    cpu_ms: Option<u64>,
}

impl Stopwatch {
    #[allow(clippy::disallowed_methods, reason = "the command reports how long it took")]
    pub fn start() -> Stopwatch {
        Stopwatch { start: Instant::now(), laps: Vec::new() }
    }

    fn now(&self) -> Moment {
        let wall_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Moment { wall_ms, cpu_ms: cpu_ms() }
    }

    /// A step is done.
    pub fn lap(&mut self, step: &'static str) {
        let now = self.now();
        self.laps.push((step, now));
    }

    pub fn json(&self) -> Value {
        let now = self.now();
        let mut steps = serde_json::Map::new();
        let mut before = Moment { wall_ms: 0, cpu_ms: Some(0) };
        for (step, moment) in &self.laps {
            let cpu = moment.cpu_ms.zip(before.cpu_ms).map(|(now, then)| seconds(now.saturating_sub(then)));
            let wall = seconds(moment.wall_ms - before.wall_ms);
            steps.insert((*step).to_owned(), json!({ "cpu_s": cpu, "wall_s": wall }));
            before = *moment;
        }
        json!({
            "cpu_s": now.cpu_ms.map(seconds),
            "wall_s": seconds(now.wall_ms),
            "peak_memory_mb": peak_memory_mb(),
            "steps": steps,
        })
    }
}

fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// User and system time of the process.
fn cpu_ms() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = status.rsplit_once(')')?;
    let mut times = after_name.split_whitespace().skip(11).map(str::parse::<u64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((user + system) * 1000 / TICKS_PER_SECOND)
}

fn peak_memory_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}
