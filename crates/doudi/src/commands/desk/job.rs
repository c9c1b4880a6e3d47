//! A clearing that was begun from a page and goes on by itself: one at a time, its state in a file of the data folder, so
//! that a server that was stopped in the middle says so when it is back.

use super::{Desk, results};
use crate::commands::clear::{self, ClearArgs, Progress};
use crate::commands::office::now;
use crate::commands::store;
use doudi_engine::write_file;
use doudi_terms::{Month, RegionCode};
use doudi_web::Job;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The latest clearing.
pub struct Jobs {
    path: PathBuf,
    latest: Mutex<Option<Job>>,
}

impl Jobs {
    /// Whatever a server that is gone had under way has failed.
    pub fn open(data: &Path) -> Jobs {
        let path = data.join("jobs").join("clearing.json");
        let kept = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice::<Job>(&text).ok());
        let jobs = Jobs { path, latest: Mutex::new(kept) };
        let broken_off = jobs.latest().clone().filter(|job| job.is_running);
        if let Some(job) = broken_off {
            let text = "服务中途停过，这次摸排没有做完，没有改动已有的结果。请再开始一次".to_owned();
            jobs.tell(Job { is_running: false, has_failed: true, text, ..job });
        }
        jobs
    }

    fn latest(&self) -> MutexGuard<'_, Option<Job>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn job(&self) -> Option<Job> {
        self.latest().clone()
    }

    fn tell(&self, job: Job) {
        // What cannot be kept is still told as long as the server runs.
        let _ = serde_json::to_vec_pretty(&job).map(|text| write_file(&self.path, &text));
        *self.latest() = Some(job);
    }

    /// Takes the one place there is.
    fn begin(&self, job: Job) -> Result<(), String> {
        if let Some(running) = self.latest().as_ref().filter(|job| job.is_running) {
            return Err(format!("{} 的摸排正在做，请等它做完", running.month));
        }
        self.tell(job);
        Ok(())
    }

    fn step(&self, text: &str) {
        if let Some(job) = self.latest().as_mut() {
            text.clone_into(&mut job.text);
        }
    }
}

/// Begins a clearing in a thread of its own.
pub fn begin(desk: &Arc<Desk>, month: Month, by: &str, at: &str) -> Result<(), String> {
    let job = Job {
        month: month.to_string(),
        by: by.to_owned(),
        at: at.to_owned(),
        is_running: true,
        has_failed: false,
        text: "准备".to_owned(),
    };
    desk.jobs.begin(job.clone())?;
    let desk = desk.clone();
    std::thread::spawn(move || {
        let done = catch_unwind(AssertUnwindSafe(|| run(&desk, month)));
        let done = done.unwrap_or_else(|_| Err("程序出错，摸排中断。请把服务器的日志交给维护者".to_owned()));
        let has_failed = done.is_err();
        let text = done.unwrap_or_else(|why| why);
        desk.jobs.tell(Job { is_running: false, has_failed, text, ..job });
    });
    Ok(())
}

fn run(desk: &Arc<Desk>, month: Month) -> Result<String, String> {
    let out = results::folder(&desk.data, month);
    let region: RegionCode = desk.region;
    let mut args = ClearArgs::new(
        &region.to_string(),
        &month.to_string(),
        PathBuf::new(),
        desk.data.clone(),
        out.clone(),
    );
    args.key = desk.key.clone();
    let told = desk.clone();
    let progress = Progress::telling(Box::new(move |step| told.jobs.step(step)));
    let specs = desk.specs()?;
    clear::clear_imported(&args, specs, (region, month), &progress).map_err(|stop| stop.message)?;
    desk.jobs.step("放进办公数据库");
    let done = store::import_certificate(&desk.store, &out.join("certificate.json"), &desk.key, now());
    let done = done.map_err(|stop| format!("摸排做好了，放进办公数据库没有成：{}", stop.message))?;
    Ok(format!(
        "{} 人；疑点 {} 条，其中新的 {} 条；销号 {} 条。各乡镇的工作簿和全县报告可以下载",
        done.persons, done.leads, done.new_leads, done.closed
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clearing_that_the_servers_end_cut_off_is_told_as_failed_and_can_be_begun_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let running = Job { month: "2020-05".into(), is_running: true, ..Job::default() };
        let jobs = Jobs::open(folder.path());
        assert!(jobs.job().is_none());
        jobs.begin(running.clone()).expect("begun");
        assert!(jobs.begin(running.clone()).expect_err("one at a time").contains("2020-05"));
        drop(jobs);
        let again = Jobs::open(folder.path());
        let job = again.job().expect("a job");
        assert!(job.has_failed && !job.is_running && job.text.contains("再开始一次"), "{job:?}");
        again.begin(running).expect("begun again");
    }
}
