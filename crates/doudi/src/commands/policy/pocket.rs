//! `doudi policy pocket`: the policies of one place and the evaluator in one page that needs no network.

use super::{PolicyFolder, bad_input, registry};
use crate::content::{self, ContentFile};
use crate::divisions::Divisions;
use crate::exit::Exit;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use doudi_policy::{Library, Program};
use doudi_terms::{Date, RegionCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

#[derive(Args)]
pub struct PocketArgs {
    #[command(flatten)]
    folder: PolicyFolder,
    /// 哪个地区的政策，如 500243
    #[arg(long, value_name = "CODE")]
    region: String,
    /// 编译好的计算程序：cargo build --profile pocket --target wasm32-unknown-unknown -p doudi-policy-wasm
    #[arg(long, value_name = "FILE.wasm")]
    wasm: PathBuf,
    /// 网页写到哪个文件
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,
}

const PAGE: &str = include_str!("pocket/page.html");
const STYLE: &str = include_str!("pocket/page.css");
const SCRIPT: &str = include_str!("pocket/page.js");

pub fn run(args: &PocketArgs) -> Exit {
    match written(args) {
        Ok(size) => {
            crate::print_line(&format!(
                "写好了 {}，{} kB，不联网也能打开。",
                args.out.display(),
                size / 1000
            ));
            Exit::Done
        }
        Err(message) => bad_input(&message),
    }
}

fn written(args: &PocketArgs) -> Result<usize, String> {
    let region = RegionCode::parse(&args.region).map_err(|error| format!("--region：{error}"))?;
    let bundle = bundle(&content::policies(args.folder.policies.as_deref())?, region)?;
    let wasm = std::fs::read(&args.wasm).map_err(|error| {
        format!(
            "读不了 {}：{error}。先编译计算程序：cargo build --profile pocket --target wasm32-unknown-unknown -p doudi-policy-wasm",
            args.wasm.display()
        )
    })?;
    if !wasm.starts_with(b"\0asm") {
        return Err(format!("{} 不是 WebAssembly 文件", args.wasm.display()));
    }
    let page = PAGE
        .replace("{{place}}", &Divisions::read().name(region))
        .replace("{{code}}", &region.to_string())
        .replace("{{style}}", STYLE)
        .replace("{{engine}}", &packed(&wasm)?)
        .replace("{{bundle}}", &packed(bundle.as_bytes())?)
        .replace("{{script}}", SCRIPT);
    std::fs::write(&args.out, &page)
        .map_err(|error| format!("写不了 {}：{error}。请检查磁盘空间和权限", args.out.display()))?;
    Ok(page.len())
}

/// The texts that speak in this place or below it, with the register of programmes, checked as the page will read them.
fn bundle(files: &[ContentFile], region: RegionCode) -> Result<String, String> {
    let (whole, _) = content::library(files)?;
    let speaks = |path: &str| match folder_region(path) {
        Some(place) => region.is_within(place) || place.is_within(region),
        None => true,
    };
    let documents = |path: &str| {
        let document =
            whole.documents.iter().find(|found| whole.sources[found.source.0 as usize].path == path);
        document.is_none_or(|found| region.is_within(found.region) || found.region.is_within(region))
    };
    let chosen: Vec<ContentFile> = files
        .iter()
        .filter(|file| file.path.ends_with(".md") || file.path.ends_with(".csv"))
        .filter(|file| speaks(&file.path) && documents(&file.path))
        .cloned()
        .collect();
    let (library, _) = content::library(&chosen)?;
    let last: Option<Date> = library.documents.iter().map(|document| document.from).max();
    if let Some(day) = last {
        linked(&library, region, day)?;
    }
    let sources: Vec<_> = chosen.iter().map(|file| json!({ "path": file.path, "text": file.text })).collect();
    let programmes: Vec<_> = registry::programmes(files)?
        .iter()
        .map(|found| {
            json!({ "id": found.id, "name": found.name, "entitled": found.entitled, "amount": found.amount,
                "citation": found.citation })
        })
        .collect();
    let trial = trial(files, &library)?;
    Ok(json!({ "op": "open", "sources": sources, "programmes": programmes, "trial": trial }).to_string())
}

/// What a new household starts from, by the names that the policies know.
fn trial(files: &[ContentFile], library: &Library) -> Result<serde_json::Value, String> {
    let trial = registry::trial(files)?;
    for (entity, facts) in [("户", &trial.household), ("人", &trial.member)] {
        for name in facts.keys() {
            if library.input_by_path(&format!("{entity}.{name}")).is_none() {
                return Err(format!("programs.toml 的 [trial] 里，“{entity}.{name}”不是一项事实"));
            }
        }
    }
    Ok(json!({ "household": trial.household, "member": trial.member }))
}

fn linked(library: &Library, region: RegionCode, day: Date) -> Result<(), String> {
    Program::link(library, region, day).map(|_| ()).map_err(|problems| {
        problems.iter().map(|problem| problem.render(&library.sources)).collect::<Vec<_>>().join("\n")
    })
}

/// The place in the name of a file's folder, as `500243-pengshui`; `None` for `national` and the like.
fn folder_region(path: &str) -> Option<RegionCode> {
    let (folder, _) = path.split_once('/')?;
    RegionCode::parse(folder.split('-').next()?).ok()
}

fn packed(bytes: &[u8]) -> Result<String, String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zipped = encoder.write_all(bytes).and_then(|()| encoder.finish());
    zipped.map(|zipped| STANDARD.encode(zipped)).map_err(|error| format!("压缩不了：{error}"))
}
