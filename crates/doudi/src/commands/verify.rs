//! `doudi verify`: whether a certificate is what the data folder gives, and what first differs.

use super::clear::{Stop, read_content};
use crate::content::ContentFile;
use crate::exit::Exit;
use clap::Args;
use doudi_engine::{
    Certificate, DataFolder, LeadFile, Verdict, load_content, verify_content, verify_results,
};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct VerifyArgs {
    /// 证书 certificate.json
    #[arg(value_name = "CERTIFICATE")]
    certificate: PathBuf,
    /// 数据文件夹（缺省是证书上写的那个）
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 以 JSON 写出结果
    #[arg(long)]
    json: bool,
}

pub fn run(args: &VerifyArgs) -> Exit {
    match verify(args) {
        Ok((certificate, verdict)) => report(args, &certificate, &verdict),
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

fn report(args: &VerifyArgs, certificate: &Certificate, verdict: &Verdict) -> Exit {
    let (difference, exit) = match verdict {
        Verdict::Same => (None, Exit::Done),
        Verdict::Differs(difference) => (Some(difference.as_str()), Exit::No),
    };
    crate::print_line(&if args.json {
        let same = difference.is_none();
        let answer = json!({
            "same": same,
            "difference": difference,
            "region": certificate.region,
            "month": certificate.month,
            "persons": certificate.register.persons,
            "snapshot_hash": certificate.snapshot_hash,
        });
        format!("{answer:#}")
    } else {
        match difference {
            None => format!(
                "一致：{} {} 的证书，{} 人、{} 份名册，重新计算结果相同",
                certificate.region,
                certificate.month,
                certificate.register.persons,
                certificate.inputs.len()
            ),
            Some(difference) => format!("不一致：{difference}"),
        }
    });
    exit
}

fn verify(args: &VerifyArgs) -> Result<(Certificate, Verdict), Stop> {
    let path = &args.certificate;
    let bytes = std::fs::read(path)
        .map_err(|error| Stop::bad_input(format!("读不了 {}：{error}。请检查路径", path.display())))?;
    let certificate: Certificate = serde_json::from_slice(&bytes)
        .map_err(|error| Stop::bad_input(format!("{} 不是证书：{error}", path.display())))?;
    let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let data = args.data.clone().unwrap_or_else(|| beside.join(&certificate.data));
    let folder = DataFolder::existing(&data)?;
    if let Verdict::Differs(difference) = verify_content(&folder, &certificate)? {
        return Ok((certificate, Verdict::Differs(difference)));
    }
    let load = |hash: &str, kind: &str| -> Result<Vec<ContentFile>, Stop> {
        let files = load_content(&folder, hash, kind)?;
        Ok(files.into_iter().map(|file| ContentFile { path: file.path, text: file.text }).collect())
    };
    let policies = load(&certificate.policies_hash, "policies")?;
    let specs = load(&certificate.specs_hash, "rosters")?;
    let (_, content) = read_content(policies, specs)?;
    let log = LeadFile::of(&folder);
    let verdict = verify_results(&folder, &content, &certificate, beside, &log)?;
    Ok((certificate, verdict))
}
