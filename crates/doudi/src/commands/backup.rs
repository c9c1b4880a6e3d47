//! `doudi backup`: sealed copies of the office's store.

use super::clear::Stop;
use super::office::{OfficeArgs, finish, now};
use crate::exit::Exit;
use clap::{Args, Subcommand};
use doudi_store::{BackupManifest, restore_backup, verify_backup};
use serde_json::json;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum BackupCommand {
    /// 备份：不用停机，加密，不覆盖旧的
    Create(BackupArgs),
    /// 核对一份备份：能不能打开，完整不完整
    Verify(BackupArgs),
    /// 恢复到新的文件或空的数据库，SQLite 和 PostgreSQL 通用
    Restore(BackupArgs),
}

#[derive(Args)]
pub struct BackupArgs {
    /// 备份文件
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    office: OfficeArgs,
    /// 以 JSON 写出结果
    #[arg(long)]
    json: bool,
}

pub fn run(command: &BackupCommand) -> Exit {
    finish(match command {
        BackupCommand::Create(args) => create(args),
        BackupCommand::Verify(args) => verify(args),
        BackupCommand::Restore(args) => restore(args),
    })
}

fn create(args: &BackupArgs) -> Result<(String, Exit), Stop> {
    let manifest = args.office.open_existing()?.create_backup(&args.file, now())?;
    told(args, "已备份", &manifest)
}

fn verify(args: &BackupArgs) -> Result<(String, Exit), Stop> {
    told(args, "备份完整", &verify_backup(&args.file, &args.office.keys()?)?)
}

fn restore(args: &BackupArgs) -> Result<(String, Exit), Stop> {
    let manifest = restore_backup(&args.file, &args.office.address()?, args.office.keys()?)?;
    told(args, "已恢复", &manifest)
}

fn told(args: &BackupArgs, what: &str, manifest: &BackupManifest) -> Result<(String, Exit), Stop> {
    let text = if args.json {
        format!("{:#}", json!(manifest))
    } else {
        format!(
            "{what}：{}，{} 做的，{} 人、{} 条疑点、{} 条操作记录。操作记录链头 {}:{}",
            args.file.display(),
            manifest.made_at,
            manifest.count("persons"),
            manifest.count("leads"),
            manifest.count("audit"),
            manifest.audit_seq,
            manifest.audit_hash
        )
    };
    Ok((text, Exit::Done))
}
