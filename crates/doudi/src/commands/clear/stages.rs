//! What each step of a clearing costs: wall clock, processor seconds of the whole process, and the most memory held.
//!
//! Linux says the last two in `/proc`; elsewhere they are zero and unknown.

use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::thread::ThreadId;
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

/// Steps one after another; a new one ends the one before. A step in which threads do several things beside one another
/// is told as those things, each with its share of the step.
#[derive(Default)]
pub struct Stages {
    done: Vec<Stage>,
    running: Option<Running>,
    /// What threads did beside one another in the running step.
    beside: Vec<Beside>,
    /// What a thread is doing.
    busy: HashMap<ThreadId, Busy>,
}

struct Running {
    name: String,
    wall: Instant,
    cpu: f64,
}

struct Beside {
    name: String,
    wall_s: f64,
}

struct Busy {
    name: String,
    wall: Instant,
}

impl Stages {
    pub fn begin(&mut self, name: &str) {
        self.end();
        // The next figure for the most memory held is of this step alone; where that is refused, of all so far.
        let _ = fs::write("/proc/self/clear_refs", "5");
        self.running = Some(Running { name: name.to_owned(), wall: now(), cpu: cpu_seconds() });
    }

    /// The thread that asks begins something in the running step, or has done what it was doing.
    pub fn beside(&mut self, name: Option<&str>) {
        let thread = std::thread::current().id();
        if let Some(done) = self.busy.remove(&thread) {
            let wall_s = done.wall.elapsed().as_secs_f64();
            match self.beside.iter_mut().find(|known| known.name == done.name) {
                Some(known) => known.wall_s += wall_s,
                None => self.beside.push(Beside { name: done.name, wall_s }),
            }
        }
        if let Some(name) = name {
            self.busy.insert(thread, Busy { name: name.to_owned(), wall: now() });
        }
    }

    pub fn end(&mut self) {
        let Some(running) = self.running.take() else { return };
        let (wall_s, cpu_s) = (running.wall.elapsed().as_secs_f64(), cpu_seconds() - running.cpu);
        let peak_mb = peak_mb();
        let beside = std::mem::take(&mut self.beside);
        let of_threads: f64 = beside.iter().map(|part| part.wall_s).sum();
        if beside.is_empty() {
            return self.add(Stage { name: running.name, wall_s, cpu_s, peak_mb });
        }
        for part in beside {
            let share = if of_threads > 0.0 { part.wall_s / of_threads } else { 0.0 };
            self.add(Stage { name: part.name, wall_s: wall_s * share, cpu_s: cpu_s * share, peak_mb });
        }
    }

    /// What is begun a second time is one step.
    fn add(&mut self, stage: Stage) {
        match self.done.iter_mut().find(|known| known.name == stage.name) {
            Some(known) => {
                (known.wall_s, known.cpu_s) = (known.wall_s + stage.wall_s, known.cpu_s + stage.cpu_s);
                known.peak_mb = known.peak_mb.max(stage.peak_mb);
            }
            None => self.done.push(stage),
        }
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
    fn what_threads_do_beside_one_another_is_told_by_itself_and_shares_the_time_of_the_step() {
        let mut stages = Stages::default();
        stages.begin("逐块认定");
        stages.beside(Some("查找疑点"));
        stages.beside(Some("逐人归类"));
        stages.beside(None);
        stages.begin("逐人归类");
        stages.end();
        let names: Vec<&str> = stages.done().iter().map(|stage| stage.name.as_str()).collect();
        assert_eq!(names, ["查找疑点", "逐人归类"]);
        assert!(stages.done().iter().all(|stage| stage.wall_s >= 0.0 && stage.cpu_s >= 0.0));
    }

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
