//! `doudi key`: keys with which the office's store is sealed.

use super::clear::Stop;
use super::office::{OfficeArgs, finish, now};
use super::vault::{KeyArgs, algorithm};
use crate::exit::Exit;
use clap::{Args, Subcommand};
use doudi_engine::{DataFolder, DataLock, Sealed};
use doudi_store::{Algorithm, Rotated, Store, create_key_file_of, rotate_key_file_to};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum KeyCommand {
    /// 生成一个密钥文件（不覆盖已有的）
    Create(CreateArgs),
    /// 换一把密钥，并把办公数据库和数据文件夹逐批改用新的；中断了，加 --go-on 再运行一次就接着做
    Rotate(RotateArgs),
    /// 把原来没有加密的数据文件夹里的身份信息逐份加密；中断了，再运行一次就接着做
    SealData(SealArgs),
}

#[derive(Args)]
pub struct CreateArgs {
    /// 密钥文件
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// 用哪种算法加密：aes-256-gcm 或国密 sm4-gcm
    #[arg(long, value_name = "NAME", default_value = "aes-256-gcm", value_parser = algorithm)]
    algorithm: Algorithm,
}

#[derive(Args)]
pub struct SealArgs {
    /// 数据文件夹
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
    /// 以 JSON 写出结果
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct RotateArgs {
    #[command(flatten)]
    office: OfficeArgs,
    /// 不再加新的密钥，只把上次没有做完的做完
    #[arg(long)]
    go_on: bool,
    /// 新的密钥用哪种算法加密：aes-256-gcm 或国密 sm4-gcm（缺省与原来的一样）
    #[arg(long, value_name = "NAME", value_parser = algorithm, conflicts_with = "go_on")]
    algorithm: Option<Algorithm>,
    /// 以 JSON 写出结果
    #[arg(long)]
    json: bool,
}

pub fn run(command: &KeyCommand) -> Exit {
    finish(match command {
        KeyCommand::Create(args) => create(args),
        KeyCommand::Rotate(args) => rotate(args),
        KeyCommand::SealData(args) => seal_data(args),
    })
}

fn create(args: &CreateArgs) -> Result<(String, Exit), Stop> {
    let path = args.file.display();
    if args.file.exists() {
        return Err(Stop::bad_input(format!(
            "已经有密钥文件 {path}，没有动它。要换一把密钥，用 doudi key rotate；要另建一把，换一个文件名"
        )));
    }
    // The key comes first, so the data folder it is put into need not be there yet.
    if let Some(folder) = args.file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| {
            let folder = folder.display();
            Stop::bad_input(format!("建不了文件夹 {folder}：{error}。请检查磁盘和权限，或者换一个地方"))
        })?;
    }
    create_key_file_of(&args.file, args.algorithm)?;
    Ok((format!("已生成密钥文件 {path}。请另抄一份锁好：丢了它，数据和备份都打不开"), Exit::Done))
}

fn rotate(args: &RotateArgs) -> Result<(String, Exit), Stop> {
    let office = &args.office;
    let data = office.data_folder().ok().filter(|data| data.is_dir());
    let sealed = data.filter(|data| DataFolder::says_sealed(data));
    let has_store = sealed.is_none() || office.has_store()?;
    // Everything must open before there is a new key: a wrong file is not made worse.
    sealed.map_or(Ok(()), |data| office.key_args().take(data).map(drop))?;
    if has_store {
        office.open_existing()?;
    }
    match office.key_file() {
        Some(path) if !args.go_on => drop(rotate_key_file_to(&path, args.algorithm)?),
        _ => {}
    }
    let rows = match has_store {
        true => Some(Store::open(&office.address()?, office.keys()?)?.rotate(now(), &mut |_| true)?),
        false => None,
    };
    let files = sealed.map(|data| seal(data, &office.key_args())).transpose()?;
    let left = rows.map_or(0, |rows| rows.left) + files.map_or(0, |files| files.left);
    let text = match args.json {
        true => format!("{:#}", json_of(rows, files)),
        false => words_of(rows, files, data.is_some_and(|_| sealed.is_none())),
    };
    Ok((text, if left == 0 { Exit::Done } else { Exit::No }))
}

fn json_of(rows: Option<Rotated>, files: Option<Sealed>) -> Value {
    let mut answer = rows.map_or_else(|| json!({}), |rows| json!(rows));
    if let Some(files) = files {
        answer["data_files"] = json!(files);
    }
    answer
}

fn words_of(rows: Option<Rotated>, files: Option<Sealed>, lies_open: bool) -> String {
    let mut text = String::from("新的密钥已启用。");
    if let Some(rows) = rows {
        text =
            format!("第 {} 号密钥已启用，办公数据库改了 {} 行，还剩 {} 行。", rows.key, rows.rows, rows.left);
    }
    if let Some(files) = files {
        text.push_str(&format!("数据文件夹改了 {} 份文件，还剩 {} 份。", files.files, files.left));
    }
    if lies_open {
        text.push_str("数据文件夹还没有加密，要加密请运行 doudi key seal-data。");
    }
    text.push_str("旧的密钥不要删，操作记录和以前的备份要用它");
    text
}

fn seal(data: &Path, key: &KeyArgs) -> Result<Sealed, Stop> {
    let vault = key.vault(data)?.ok_or_else(|| Stop {
        exit: Exit::Usage,
        message: "请用 --key 指明密钥文件；还没有的，先运行 doudi key create 生成".into(),
    })?;
    Ok(DataLock::seal_all(data, &vault, &mut |_| true)?)
}

fn seal_data(args: &SealArgs) -> Result<(String, Exit), Stop> {
    args.key.existing(&args.data)?;
    let done = seal(&args.data, &args.key)?;
    let text = match args.json {
        true => format!("{:#}", json!(done)),
        false => format!(
            "数据文件夹里的身份信息已全部加密，这次改写了 {} 份文件。以后的命令都要有密钥；\
             以前的备份和快照里还有没有加密的，请一并处理",
            done.files
        ),
    };
    Ok((text, Exit::Done))
}
