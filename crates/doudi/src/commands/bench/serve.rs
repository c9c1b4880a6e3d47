//! `doudi bench serve`: many people at once at an office that is serving. Requests begin when they are due, whether those
//! before are answered or not, and their time counts from then: a server that falls behind cannot hide it.

mod client;

use crate::commands::clear::Stop;
use crate::exit::Exit;
use clap::Args;
use client::{Browser, Reply, escaped};
use hyper::StatusCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

#[derive(Args)]
pub struct ServeBenchArgs {
    /// 办公网页的地址，例如 127.0.0.1:8808
    #[arg(long, value_name = "HOST:PORT")]
    address: String,
    /// 用哪个账号：能看疑点和人员的
    #[arg(long)]
    login: String,
    /// 密码在哪个文件里
    #[arg(long, value_name = "FILE")]
    password: PathBuf,
    /// 每秒多少次
    #[arg(long, default_value_t = 300)]
    rate: u32,
    /// 多少秒
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// 同时有多少个浏览器
    #[arg(long, default_value_t = 100)]
    browsers: u32,
    /// 以后再有多少人同时登录；0 = 不试
    #[arg(long, default_value_t = 150)]
    log_ins: u32,
    /// 服务程序的进程号：报告它的 CPU 和内存
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
}

/// What people open, and how often of a hundred.
const MIX: [(&str, u32); 8] = [
    ("疑点清单", 25),
    ("一个乡镇的疑点", 15),
    ("下一页", 10),
    ("按姓名找人", 15),
    ("一条疑点", 15),
    ("一个人", 8),
    ("一户", 8),
    ("看板", 4),
];

pub fn run(args: &ServeBenchArgs) -> Exit {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let measured = match runtime {
        Ok(runtime) => runtime.block_on(measure(args)),
        Err(error) => Err(error.to_string()),
    };
    let stop = match measured {
        Ok(found) => {
            let failed = found["errors"].as_u64() != Some(0);
            crate::print_line(&format!("{found:#}"));
            return if failed { Exit::No } else { Exit::Done };
        }
        Err(message) => Stop::bad_input(format!("没有量成：{message}。请核对地址、账号和密码")),
    };
    eprintln!("{}", stop.message);
    stop.exit
}

async fn measure(args: &ServeBenchArgs) -> Result<Value, String> {
    let password = std::fs::read_to_string(&args.password).map_err(|error| error.to_string())?;
    let password = password.trim().to_owned();
    let mut browser = Browser::new(&args.address, "");
    let cookie = sign_in(&mut browser, &args.login, &password).await?;
    browser.cookie.clone_from(&cookie);
    let pages = Arc::new(Pages::found(&mut browser).await?);
    let before = args.pid.map(cpu_seconds);
    let began = Instant::now();
    let times = load(args, &cookie, &pages).await;
    let took = began.elapsed().as_secs_f64();
    let cpu = args.pid.zip(before).map(|(pid, before)| cpu_seconds(pid) - before);
    let errors: usize = times.values().map(|kind| kind.errors.len()).sum();
    let said: BTreeSet<&String> = times.values().flat_map(|kind| &kind.errors).collect();
    let log_ins = match args.log_ins {
        0 => Value::Null,
        many => crowd(args, &password, many).await,
    };
    Ok(json!({
        "requests": times.values().map(|kind| kind.millis.len() + kind.errors.len()).sum::<usize>(),
        "errors": errors,
        "first_errors": said.into_iter().take(5).collect::<Vec<_>>(),
        "seconds": took,
        "server_cpu_s": cpu,
        "milliseconds": times.iter().map(|(kind, times)| times.told(kind)).collect::<Vec<_>>(),
        "log_ins": log_ins,
        "server_peak_mb": args.pid.map(peak_megabytes),
    }))
}

async fn sign_in(browser: &mut Browser, login: &str, password: &str) -> Result<String, String> {
    let reply = browser.post("/sign-in", &[("login", login), ("password", password)]).await?;
    match reply.status {
        StatusCode::SEE_OTHER if !reply.location.starts_with("/account") => Ok(reply.cookie),
        status => Err(format!("登录得到 {status}")),
    }
}

/// Addresses that pages of the office lead to.
struct Pages {
    kinds: BTreeMap<&'static str, Vec<String>>,
}

impl Pages {
    async fn found(browser: &mut Browser) -> Result<Pages, String> {
        let mut kinds: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        let mut add = |kind, found: Vec<String>| kinds.entry(kind).or_default().extend(found);
        let board = page(browser, "/").await?;
        let townships = links(&board, "/leads?place=", |rest| !rest.contains('&'));
        add("看板", vec!["/".into()]);
        add("疑点清单", vec!["/leads".into()]);
        let mut next = vec!["/leads".to_owned()];
        for _ in 0..40 {
            let Some(address) = next.pop() else { break };
            let list = page(browser, &address).await?;
            add(
                "一条疑点",
                links(&list, "/leads/", |rest| !rest.starts_with("export") && !rest.starts_with("assign")),
            );
            next = links(&list, "/leads?", |rest| rest.contains("after="));
            add("下一页", next.clone());
        }
        add("一个乡镇的疑点", townships);
        for name in ["冉光", "王明", "李秀", "张英", "刘国", "陈华", "杨桂", "赵兰", "黄志", "周强"]
        {
            let address = format!("/people?q={}", escaped(name));
            let list = page(browser, &address).await?;
            add("按姓名找人", vec![address]);
            add("一个人", links(&list, "/people/", |_| true));
            add("一户", links(&list, "/households/", |_| true));
        }
        match MIX.iter().find(|(kind, _)| kinds.get(kind).is_none_or(Vec::is_empty)) {
            Some((kind, _)) => Err(format!("这个账号看不到“{kind}”")),
            None => Ok(Pages { kinds }),
        }
    }

    /// What the request of this number is.
    fn of(&self, number: usize) -> (&'static str, &str) {
        let mut share = (number * 37 % 100) as u32;
        for (kind, part) in MIX {
            if share < part {
                let of = self.kinds.get(kind).map_or(&[][..], Vec::as_slice);
                return (kind, of.get(number / 7 % of.len().max(1)).map_or("/", String::as_str));
            }
            share -= part;
        }
        ("看板", "/")
    }
}

async fn page(browser: &mut Browser, path: &str) -> Result<String, String> {
    let reply = browser.get(path).await?;
    match reply.status {
        StatusCode::OK => Ok(String::from_utf8_lossy(&reply.body).into_owned()),
        status => Err(format!("{path} 得到 {status}")),
    }
}

/// Addresses of a page that begin so, each once.
fn links(page: &str, start: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let found = page.split("href=\"").skip(1).filter_map(|part| part.split('"').next());
    // The sign of an anchor stands in the written form of others too.
    let found = found.map(|address| address.replace("&amp;", "&").replace("&#38;", "&"));
    let found = found.map(|address| address.split('#').next().unwrap_or_default().to_owned());
    let found = found.filter(|address| address.strip_prefix(start).is_some_and(&fits));
    found.collect::<BTreeSet<String>>().into_iter().collect()
}

#[derive(Default)]
struct Times {
    millis: Vec<f64>,
    errors: Vec<String>,
}

impl Times {
    fn told(&self, kind: &str) -> Value {
        let mut sorted = self.millis.clone();
        sorted.sort_by(f64::total_cmp);
        let of = |hundredth: usize| sorted.get(sorted.len() * hundredth / 100).copied();
        json!({
            "page": kind, "requests": sorted.len(), "errors": self.errors.len(),
            "p50": of(50), "p95": of(95), "p99": of(99), "most": sorted.last(),
        })
    }
}

type Due = (usize, Instant);

/// Sends every request when it is due, to whichever browser is free.
async fn load(args: &ServeBenchArgs, cookie: &str, pages: &Arc<Pages>) -> BTreeMap<&'static str, Times> {
    let (send, receive) = mpsc::unbounded_channel::<Due>();
    let receive = Arc::new(Mutex::new(receive));
    let mut browsers = JoinSet::new();
    for _ in 0..args.browsers {
        let browser = Browser::new(&args.address, cookie);
        browsers.spawn(visit(browser, receive.clone(), pages.clone()));
    }
    let began = Instant::now();
    let gap = Duration::from_secs(1) / args.rate.max(1);
    for number in 0..args.rate * args.seconds {
        let due = began + gap * number;
        sleep_until(due).await;
        let _ = send.send((number as usize, due));
    }
    drop(send);
    let mut all: BTreeMap<&'static str, Times> = BTreeMap::new();
    while let Some(done) = browsers.join_next().await {
        for (kind, outcome) in done.unwrap_or_default() {
            let times = all.entry(kind).or_default();
            match outcome {
                Ok(millis) => times.millis.push(millis),
                Err(error) => times.errors.push(error),
            }
        }
    }
    all
}

type Outcome = (&'static str, Result<f64, String>);

async fn visit(
    mut browser: Browser,
    due: Arc<Mutex<mpsc::UnboundedReceiver<Due>>>,
    pages: Arc<Pages>,
) -> Vec<Outcome> {
    let mut done = Vec::new();
    loop {
        let next = due.lock().await.recv().await;
        let Some((number, due)) = next else { return done };
        let (kind, path) = pages.of(number);
        let reply = browser.get(path).await;
        let millis = due.elapsed().as_secs_f64() * 1_000.0;
        done.push((kind, right(reply).map(|()| millis)));
    }
}

fn right(reply: Result<Reply, String>) -> Result<(), String> {
    let reply = reply?;
    if reply.status == StatusCode::OK { Ok(()) } else { Err(reply.status.to_string()) }
}

/// So many sign in at the same moment.
async fn crowd(args: &ServeBenchArgs, password: &str, many: u32) -> Value {
    let mut people = JoinSet::new();
    let began = Instant::now();
    for _ in 0..many {
        let (address, login, password) = (args.address.clone(), args.login.clone(), password.to_owned());
        people.spawn(async move {
            let mut browser = Browser::new(&address, "");
            let came = sign_in(&mut browser, &login, &password).await;
            (came, began.elapsed().as_secs_f64())
        });
    }
    let (mut signed_in, mut last) = (0, 0.0_f64);
    let mut refused = BTreeSet::new();
    while let Some(done) = people.join_next().await {
        let Ok((came, seconds)) = done else { continue };
        last = last.max(seconds);
        match came {
            Ok(_) => signed_in += 1,
            Err(error) => drop(refused.insert(error)),
        }
    }
    json!({ "asked": many, "signed_in": signed_in, "last_answer_s": last, "refused": refused })
}

/// User and system time of a process, in ticks of a hundredth of a second.
fn cpu_seconds(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2).filter_map(|part| part.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn peak_megabytes(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_from_a_page_each_once() {
        let page = r##"<a href="/leads/ab">x</a><a href="/leads/ab#main">y</a><a href="/leads?a=1&#38;after=b.c">n</a>"##;
        assert_eq!(links(page, "/leads/", |_| true), ["/leads/ab"]);
        assert_eq!(links(page, "/leads?", |rest| rest.contains("after=")), ["/leads?a=1&after=b.c"]);
    }

    #[test]
    fn the_mix_is_of_a_hundred_and_every_kind_comes() {
        assert_eq!(MIX.iter().map(|(_, part)| part).sum::<u32>(), 100);
        let kinds = MIX.iter().map(|(kind, _)| (*kind, vec![(*kind).to_owned()])).collect();
        let pages = Pages { kinds };
        let asked: BTreeSet<&str> = (0..100).map(|number| pages.of(number).0).collect();
        assert_eq!(asked.len(), MIX.len());
    }
}
