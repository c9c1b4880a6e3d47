//! `doudi verify`: whether a certificate is what the data folder gives, and what first differs.

use super::clear::{Stop, read_kept};
use super::vault::KeyArgs;
use crate::content::ContentFile;
use crate::exit::Exit;
use clap::Args;
use doudi_engine::{Certificate, LeadFile, Verdict, load_content, verify_content, verify_results};
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
    #[command(flatten)]
    key: KeyArgs,
    /// 以 JSON 写出结果
    #[arg(long)]
    json: bool,
}

pub fn run(args: &VerifyArgs) -> Exit {
    match verify(args) {
        Ok(checked) => report(args, &checked),
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

struct Checked {
    certificate: Certificate,
    verdict: Verdict,
    warnings: Vec<String>,
}

fn report(args: &VerifyArgs, checked: &Checked) -> Exit {
    let Checked { certificate, verdict, warnings } = checked;
    for warning in warnings {
        eprintln!("注意：{warning}");
    }
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
            "warnings": warnings,
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

fn verify(args: &VerifyArgs) -> Result<Checked, Stop> {
    let path = &args.certificate;
    let bytes = std::fs::read(path)
        .map_err(|error| Stop::bad_input(format!("读不了 {}：{error}。请检查路径", path.display())))?;
    let certificate = Certificate::parse(&bytes).map_err(|what| {
        let next = "请用摸排时写出的原件核验";
        Stop::bad_input(format!("{} 不是完整的证书：{what}。{next}", path.display()))
    })?;
    let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let data = args.data.clone().unwrap_or_else(|| beside.join(&certificate.data));
    let folder = args.key.existing(&data)?;
    if let Verdict::Differs(difference) = verify_content(&folder, &certificate)? {
        return Ok(Checked { certificate, verdict: Verdict::Differs(difference), warnings: Vec::new() });
    }
    let load = |hash: &str, kind: &str| -> Result<Vec<ContentFile>, Stop> {
        let files = load_content(&folder, hash, kind)?;
        Ok(files.into_iter().map(|file| ContentFile { path: file.path, text: file.text }).collect())
    };
    let policies = load(&certificate.policies_hash, "policies")?;
    let specs = load(&certificate.specs_hash, "rosters")?;
    let content = read_kept(policies, specs)?;
    let log = LeadFile::of(&folder);
    let verdict = verify_results(&folder, &content, &certificate, beside, &log)?;
    let warnings = doudi_engine::warnings(&folder, &certificate);
    Ok(Checked { certificate, verdict, warnings })
}
