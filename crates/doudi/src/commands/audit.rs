//! `doudi audit verify`: whether the record of who did what is whole.

use super::clear::Stop;
use super::office::{OfficeArgs, finish};
use crate::exit::Exit;
use clap::{Args, Subcommand};
use doudi_store::AuditHead;
use serde_json::json;

#[derive(Subcommand)]
pub enum AuditCommand {
    /// 从第一条起核对操作记录，指出第一处被改动的
    Verify(VerifyArgs),
}

#[derive(Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    office: OfficeArgs,
    /// 以前抄下的链头，写成 条数:指纹；末尾被删去的靠它发现
    #[arg(long, value_name = "SEQ:HASH")]
    head: Option<String>,
    /// 以 JSON 写出结果
    #[arg(long)]
    json: bool,
}

pub fn run(command: &AuditCommand) -> Exit {
    let AuditCommand::Verify(args) = command;
    finish(verify(args))
}

fn verify(args: &VerifyArgs) -> Result<(String, Exit), Stop> {
    let known = args.head.as_deref().map(head).transpose()?;
    let verdict = args.office.open_existing()?.verify_audit(known.as_ref())?;
    let head = format!("{}:{}", verdict.head.seq, verdict.head.hash);
    let exit = if verdict.broken.is_none() { Exit::Done } else { Exit::No };
    let text = if args.json {
        let broken = verdict.broken.as_ref().map(|broken| json!({ "seq": broken.seq, "why": broken.why }));
        format!("{:#}", json!({ "records": verdict.records, "head": head, "broken": broken }))
    } else {
        match &verdict.broken {
            None => {
                format!("完整：{} 条操作记录。链头 {head}，请抄在别处，下次用 --head 核对", verdict.records)
            }
            Some(broken) => {
                format!("不完整：第 {} 条，{}。前面 {} 条是完整的", broken.seq, broken.why, verdict.records)
            }
        }
    };
    Ok((text, exit))
}

fn head(text: &str) -> Result<AuditHead, Stop> {
    let parts = text.split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash)));
    let (seq, hash) = parts.ok_or_else(|| Stop {
        exit: Exit::Usage,
        message: format!("--head：“{text}”应写成 条数:指纹，照上次核对打印的抄"),
    })?;
    Ok(AuditHead { seq, hash: hash.to_owned() })
}
