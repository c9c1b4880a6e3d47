//! `doudi serve`: the office in a browser, until somebody stops it.

use super::clear::Stop;
use super::desk::OpenDesk;
use super::office::{OfficeArgs, now};
use super::policy::Shipped;
use crate::content;
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::{Args, ValueEnum};
use doudi_casework::Moment;
use doudi_store::Store;
use doudi_terms::{RegionCode, parse_date};
use doudi_web::{AddressRange, Clock, Limits, Office, Places, Proxies, ProxyHeader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Requests that wait for the database or for a password at once; more wait their turn.
const BLOCKING_THREADS: usize = 64;

#[derive(Args)]
pub struct ServeArgs {
    #[command(flatten)]
    office: OfficeArgs,
    /// 在哪个地址上服务；只有本机能打开的写 127.0.0.1:端口
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8808")]
    listen: SocketAddr,
    /// 前面有 https 代理：登录凭据只在加密的连接上传送
    #[arg(long)]
    behind_https: bool,
    /// 前面的代理在哪个地址，例如 127.0.0.1 或 10.1.2.0/24，可以写几次（也可写在环境变量 DOUDI_TRUSTED_PROXY，用逗号隔开）：
    /// 操作记录里记它转告的来访地址；别处来的同样写法一概不信
    #[arg(long, value_name = "CIDR")]
    trusted_proxy: Vec<AddressRange>,
    /// 代理用哪一种写法转告；另一种是浏览器自己能写的，不看
    #[arg(long, value_enum, default_value = "x-forwarded-for")]
    proxy_header: HeaderName,
    /// 数据文件夹是哪个地方的名册（缺省是在那里摸排过的地方）；从网页导入名册、开始摸排要用
    #[arg(long, value_name = "CODE", value_parser = region)]
    region: Option<RegionCode>,
    /// 运行日志写到标准错误：json 给收集程序，text 给人看
    #[arg(long, value_enum, default_value = "json")]
    log: LogFormat,
    /// 运行指标 /metrics 的口令在哪个文件里（也可写在环境变量 DOUDI_METRICS_TOKEN）；没有口令的，只有本机能看
    #[arg(long, value_name = "FILE")]
    metrics_token: Option<PathBuf>,
    /// 演练和培训用：办公室的日历从这一天（或这一刻，如 2020-02-01T23:40）开始走。正式办公不要用
    #[arg(long, value_name = "DAY", value_parser = practice)]
    practice_from: Option<Moment>,
    /// 只列出全部网页的样式，不启动
    #[arg(long, hide = true)]
    list_pages: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum HeaderName {
    XForwardedFor,
    Forwarded,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    Json,
    Text,
}

/// A day begins for the office at half past eight.
fn practice(text: &str) -> Result<Moment, String> {
    let wrong = || format!("“{text}”不是日期，写成 2020-06-01 或 2020-02-01T23:40 这样");
    let (day, time) = text.split_once('T').unwrap_or((text, "08:30"));
    let noon = Moment::noon_of(parse_date(day).ok_or_else(wrong)?);
    let (hour, minute) = time.split_once(':').ok_or_else(wrong)?;
    let part = |text: &str, below: i64| text.parse().ok().filter(|part| (0..below).contains(part));
    let minutes = part(hour, 24).ok_or_else(wrong)? * 60 + part(minute, 60).ok_or_else(wrong)?;
    Ok(noon.plus_seconds((minutes - 12 * 60) * 60))
}

fn region(text: &str) -> Result<RegionCode, String> {
    RegionCode::parse(text).map_err(|error| error.to_string())
}

/// A token that is shorter is guessed.
const SHORTEST_TOKEN: usize = 16;

impl ServeArgs {
    fn proxies(&self) -> Result<Proxies, Stop> {
        let header = match self.proxy_header {
            HeaderName::XForwardedFor => ProxyHeader::ForwardedFor,
            HeaderName::Forwarded => ProxyHeader::Forwarded,
        };
        if !self.trusted_proxy.is_empty() {
            return Ok(Proxies { trusted: self.trusted_proxy.clone(), header });
        }
        let written = std::env::var("DOUDI_TRUSTED_PROXY").unwrap_or_default();
        let ranges = written.split(',').filter(|range| !range.trim().is_empty()).map(str::parse);
        let trusted: Result<Vec<AddressRange>, String> = ranges.collect();
        let wrong = |why| Stop::bad_input(format!("环境变量 DOUDI_TRUSTED_PROXY：{why}"));
        Ok(Proxies { trusted: trusted.map_err(wrong)?, header })
    }

    fn metrics_token(&self) -> Result<Option<String>, Stop> {
        let token = match &self.metrics_token {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| Stop::bad_input(format!("读不了口令文件 {}：{error}", path.display())))?,
            None => match std::env::var("DOUDI_METRICS_TOKEN") {
                Ok(token) if !token.is_empty() => token,
                _ => return Ok(None),
            },
        };
        let token = token.trim().to_owned();
        if token.len() < SHORTEST_TOKEN {
            return Err(Stop::bad_input(format!(
                "运行指标的口令太短，容易被猜到。请用 {SHORTEST_TOKEN} 个字符以上的，例如 openssl rand -hex 16 的输出"
            )));
        }
        Ok(Some(token))
    }
}

pub fn run(args: &ServeArgs) -> Exit {
    if args.list_pages {
        let lines = doudi_web::pages().into_iter().map(|page| format!("{} {}", page.method, page.path));
        crate::print_line(&lines.collect::<Vec<_>>().join("\n"));
        return Exit::Done;
    }
    match start(args) {
        Ok(()) => Exit::Done,
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

fn start(args: &ServeArgs) -> Result<(), Stop> {
    let (token, proxies) = (args.metrics_token()?, args.proxies()?);
    start_log(args.log);
    let store = Arc::new(args.office.open()?);
    let desk = match args.office.data_folder() {
        Ok(data) => OpenDesk::open(data, &args.office.key_args(), args.region, store.clone())?,
        Err(_) => None,
    };
    let front = Front { listen: args.listen, behind_https: args.behind_https, proxies };
    let ahead = args.practice_from.map_or(0, |from| from.millis() - now().millis());
    serve(store, front, token, desk, ahead)
}

/// Where the office is, and what stands before it.
pub struct Front {
    pub listen: SocketAddr,
    pub behind_https: bool,
    pub proxies: Proxies,
}

/// Answers until the process is asked to stop; what was begun is finished first. `token` opens the counts to other
/// machines; `ahead` is how far the office's calendar stands from the real one, in milliseconds: 0 but for a demo.
pub fn serve(
    store: Arc<Store>,
    Front { listen, behind_https, proxies }: Front,
    token: Option<String>,
    desk: Option<OpenDesk>,
    ahead: i64,
) -> Result<(), Stop> {
    let clock = OfficeClock { ahead };
    let code = store.set_up_code(clock.now())?;
    // Connections to a server wait when they close, which a thread of the runtime must not: this one lets go last.
    let kept = store.clone();
    let (clock, places) = (Box::new(clock), Box::new(Named(Divisions::read())));
    let office = Office::limited(store, clock, places, behind_https, Limits::default(), token)
        .with_handbook(Box::new(Shipped::default()))
        .with_proxies(proxies);
    let office = match desk {
        Some(desk) => office.with_rosters(Arc::new(desk)),
        None => office,
    };
    let counter = content::policies(None).map_err(|problem| vec![problem]);
    let office = match counter.and_then(|files| content::counter(&files)) {
        Ok(counter) => office.with_counter(Arc::new(counter)),
        Err(problems) => return Err(Stop::bad_input(problems.join("\n"))),
    };
    let broken = |error: std::io::Error| Stop {
        exit: Exit::Internal,
        message: format!("服务没有办成：{error}"),
    };
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().max_blocking_threads(BLOCKING_THREADS).build().map_err(broken)?;
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(listen).await.map_err(|error| Stop {
            exit: Exit::BadInput,
            message: format!("不能在 {listen} 上服务：{error}。端口被占用的话，用 --listen 换一个"),
        })?;
        let address = listener.local_addr().map_err(broken)?;
        eprintln!("办公网页：http://{address}/ （按 Ctrl+C 停止）");
        if let Some(code) = code {
            eprintln!("还没有账号。请打开 http://{address}/set-up ，用设置码 {code} 建立安全管理员的账号（一天内有效，只能用一次）");
        }
        doudi_web::serve(office, listener, asked_to_stop()).await.map_err(broken)
    });
    drop(runtime);
    drop(kept);
    served
}

/// Ctrl+C at a terminal, or what a service manager sends.
async fn asked_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    eprintln!("正在停止：办完手上的请求就退出");
}

/// Pages by their pattern, people by number: nothing that somebody typed.
fn start_log(format: LogFormat) {
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false);
    // A second server in one process (tests) goes on with the first one's log.
    let _ = match format {
        LogFormat::Json => log.json().with_span_list(false).try_init(),
        LogFormat::Text => log.with_ansi(false).try_init(),
    };
}

struct OfficeClock {
    ahead: i64,
}

impl Clock for OfficeClock {
    fn now(&self) -> Moment {
        Moment::from_millis(now().millis().saturating_add(self.ahead))
    }
}

struct Named(Divisions);

impl Places for Named {
    fn name(&self, place: RegionCode) -> String {
        if place == RegionCode::COUNTRY { "全国".to_owned() } else { self.0.name(place) }
    }

    fn long_name(&self, place: RegionCode) -> String {
        if place == RegionCode::COUNTRY { "全国".to_owned() } else { self.0.full_name(place) }
    }

    fn below(&self, place: RegionCode) -> Vec<RegionCode> {
        self.0.below(place)
    }
}
