//! `doudi key`: keys with which the office's store is sealed.

use super::clear::Stop;
use super::office::{OfficeArgs, finish, now};
use crate::exit::Exit;
use clap::{Args, Subcommand};
use doudi_store::{Store, create_key_file, rotate_key_file};
use serde_json::json;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum KeyCommand {
    /// 生成一个密钥文件（不覆盖已有的）
    Create(CreateArgs),
    /// 换一把密钥，并把数据逐批改用新的；中断了，再运行一次就接着做
    Rotate(RotateArgs),
}

#[derive(Args)]
pub struct CreateArgs {
    /// 密钥文件
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Args)]
pub struct RotateArgs {
    #[command(flatten)]
    office: OfficeArgs,
    /// 不再加新的密钥，只把上次没有做完的做完
    #[arg(long)]
    go_on: bool,
    /// 以 JSON 写出结果
    #[arg(long)]
    json: bool,
}

pub fn run(command: &KeyCommand) -> Exit {
    finish(match command {
        KeyCommand::Create(args) => create(args),
        KeyCommand::Rotate(args) => rotate(args),
    })
}

fn create(args: &CreateArgs) -> Result<(String, Exit), Stop> {
    create_key_file(&args.file)?;
    let path = args.file.display();
    Ok((format!("已生成密钥文件 {path}。请另抄一份锁好：丢了它，数据和备份都打不开"), Exit::Done))
}

fn rotate(args: &RotateArgs) -> Result<(String, Exit), Stop> {
    let keys = match args.office.key_file() {
        Some(path) if !args.go_on => {
            // The store must open before there is a new key: a wrong file is not made worse.
            args.office.open_existing()?;
            rotate_key_file(&path)?
        }
        _ => args.office.keys()?,
    };
    let store = Store::open(&args.office.address()?, keys)?;
    let done = store.rotate(now(), &mut |_| true)?;
    let text = match args.json {
        true => format!("{:#}", json!(done)),
        false => format!(
            "第 {} 号密钥已启用，改了 {} 行，还剩 {} 行。旧的密钥不要删，操作记录要用它核对",
            done.key, done.rows, done.left
        ),
    };
    Ok((text, if done.left == 0 { Exit::Done } else { Exit::No }))
}
