//! `doudi serve`: the office in a browser, until somebody stops it.

use super::clear::Stop;
use super::office::{OfficeArgs, now};
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::Args;
use doudi_casework::Moment;
use doudi_store::Store;
use doudi_terms::RegionCode;
use doudi_web::{Clock, Office, Places};
use std::net::SocketAddr;
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
}

pub fn run(args: &ServeArgs) -> Exit {
    let served = args.office.open().and_then(|store| serve(Arc::new(store), args.listen, args.behind_https));
    match served {
        Ok(()) => Exit::Done,
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

/// Answers until the process is asked to stop; what was begun is finished first.
pub fn serve(store: Arc<Store>, listen: SocketAddr, behind_https: bool) -> Result<(), Stop> {
    start_log();
    let code = store.set_up_code(now())?;
    let office = Office::new(store, Box::new(SystemClock), Box::new(Named(Divisions::read())), behind_https);
    let broken = |error: std::io::Error| Stop {
        exit: Exit::Internal,
        message: format!("服务没有办成：{error}"),
    };
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().max_blocking_threads(BLOCKING_THREADS).build().map_err(broken)?;
    runtime.block_on(async {
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
    })
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

/// One JSON object a line on stderr; pages by their pattern, people by number.
fn start_log() {
    let log = tracing_subscriber::fmt().json().with_writer(std::io::stderr).with_target(false);
    // A second server in one process (tests) goes on with the first one's log.
    let _ = log.try_init();
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        now()
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
