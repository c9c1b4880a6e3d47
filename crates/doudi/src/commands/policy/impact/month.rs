//! Which month of a data folder is looked at, and which policies it was cleared with.

use crate::commands::clear::{Stop, read_kept};
use crate::commands::vault::KeyArgs;
use crate::content::{self, ContentFile};
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::Args;
use doudi_engine::simulate::{Basis, Comparison, KeptMonth, kept_months};
use doudi_engine::{Content, DataFolder, content_hash, load_content};
use doudi_terms::RegionCode;
use std::path::{Path, PathBuf};

/// The word on the command line for the policies in the binary.
const EMBEDDED: &str = "embedded";

#[derive(Args, Clone)]
pub struct MonthArgs {
    /// 用哪个月的快照，如 2020-05（缺省是最近摸排的一个月）
    #[arg(long, value_name = "YYYY-MM", requires = "data")]
    pub month: Option<String>,
    /// 只看哪个地区：任何一级的代码（缺省是摸排的整个地区）
    #[arg(long, value_name = "CODE", requires = "data")]
    pub region: Option<String>,
    /// 名单写到哪个文件夹：changes.csv、changes.xlsx、examples.txt、impact.json
    #[arg(long, value_name = "DIR", requires = "data")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub key: KeyArgs,
}

/// A month with what was kept of it.
pub struct Month {
    pub basis: Basis,
    /// The policies that the month was cleared with, until they are asked for.
    kept: Option<Content>,
    /// The place that is asked about.
    pub region: RegionCode,
    pub divisions: Divisions,
    folder: DataFolder,
}

/// Policies to ask, with where they come from.
pub struct Policies {
    pub content: Content,
    /// In words.
    pub origin: String,
    pub hash: String,
}

/// Finds the month and reads what it was cleared with; the region is the one asked for.
pub fn find(
    data: &Path,
    key: &KeyArgs,
    region: Option<&str>,
    month: Option<&str>,
) -> Result<(DataFolder, KeptMonth, Content, RegionCode), Stop> {
    let usage = |message: String| Stop { exit: Exit::Usage, message };
    let region = region.map(RegionCode::parse).transpose();
    let region = region.map_err(|error| usage(format!("--region：{error}")))?;
    let month = month.map(|text| {
        let wrong = || usage(format!("--month：“{text}”不是月份，请写成 2020-05 的样子"));
        doudi_terms::Month::parse(text).ok_or_else(wrong)
    });
    let month = month.transpose()?;
    let folder = key.existing(data)?;
    let kept = choose(data, kept_months(&folder)?, region, month)?;
    let policies = kept_files(&folder, &kept.policies_hash, "policies")?;
    let specs = kept_files(&folder, &kept.specs_hash, "rosters")?;
    let content = read_kept(policies, specs)?;
    let region = region.unwrap_or(kept.region);
    Ok((folder, kept, content, region))
}

/// Finds and reads the month.
pub fn open(data: &Path, args: &MonthArgs) -> Result<Month, Stop> {
    let (folder, kept, content, region) =
        find(data, &args.key, args.region.as_deref(), args.month.as_deref())?;
    let basis = Basis::read(&folder, &kept, &content)?;
    Ok(Month { region, kept: Some(content), basis, divisions: Divisions::read(), folder })
}

fn kept_files(folder: &DataFolder, hash: &str, kind: &str) -> Result<Vec<ContentFile>, Stop> {
    let files = load_content(folder, hash, kind)?;
    Ok(files.into_iter().map(|file| ContentFile { path: file.path, text: file.text }).collect())
}

/// The latest month asked for, of the narrowest clearing that has the region.
fn choose(
    data: &Path,
    months: Vec<KeptMonth>,
    region: Option<RegionCode>,
    month: Option<doudi_terms::Month>,
) -> Result<KeptMonth, Stop> {
    if months.is_empty() {
        return Err(Stop::bad_input(format!(
            "数据文件夹 {} 里没有可以试算的月份。请先用 doudi clear 摸排；是以前版本的程序摸排的，用同样的名册再摸排一次",
            data.display()
        )));
    }
    let list: Vec<String> = months.iter().map(|kept| format!("{} {}", kept.region, kept.month)).collect();
    let list = list.join("、");
    let wanted = |kept: &KeptMonth| {
        month.is_none_or(|month| kept.month == month)
            && region.is_none_or(|region| region.is_within(kept.region))
    };
    let fitting: Vec<KeptMonth> = months.into_iter().filter(wanted).collect();
    let Some(latest) = fitting.iter().map(|kept| kept.month).max() else {
        return Err(Stop::bad_input(format!(
            "数据文件夹里没有这个地区、这个月的摸排。有的是：{list}；--region 要在其中一个地区以内"
        )));
    };
    let mut fitting: Vec<KeptMonth> = fitting.into_iter().filter(|kept| kept.month == latest).collect();
    if region.is_none() && fitting.len() > 1 {
        return Err(Stop::bad_input(format!("这个月摸排过几个地区：{list}。请用 --region 指明看哪一个")));
    }
    fitting.sort_by_key(|kept| kept.region.level());
    fitting.pop().ok_or_else(|| Stop::bad_input(format!("数据文件夹里有的月份：{list}")))
}

impl Month {
    /// The policies the month was cleared with.
    pub fn kept_policies(&mut self) -> Result<Policies, Stop> {
        let hash = self.basis.kept.policies_hash.clone();
        let same = engine_hash(&content::policies(None).map_err(Stop::bad_input)?)? == hash;
        let shipped = if same { "与程序现在自带的相同" } else { "与程序现在自带的不同" };
        let origin = format!("摸排这个月时所用的（数据文件夹里存着，{shipped}）");
        let content = match self.kept.take() {
            Some(content) => content,
            None => self.read(kept_files(&self.folder, &hash, "policies")?)?,
        };
        Ok(Policies { content, origin, hash })
    }

    /// The policies of a folder, or those in the binary.
    pub fn policies(&self, name: &str) -> Result<Policies, Stop> {
        let files = content::policies((name != EMBEDDED).then(|| Path::new(name)))
            .map_err(|message| Stop::bad_input(format!("{name}：{message}")))?;
        let hash = engine_hash(&files)?;
        let origin = if name == EMBEDDED {
            "程序自带的政策".to_owned()
        } else {
            format!("政策文件夹 {name}")
        };
        let content = self.read(files)?;
        Ok(Policies { content, origin, hash })
    }

    /// Policies with the specifications of the month.
    fn read(&self, policies: Vec<ContentFile>) -> Result<Content, Stop> {
        let specs = kept_files(&self.folder, &self.basis.kept.specs_hash, "rosters")?;
        read_kept(policies, specs)
    }

    /// Whom the figures are about: 彭水苗族土家族自治县（500243） 2020-05 的快照，7195 户 20688 人.
    pub fn words(&self, comparison: &Comparison) -> String {
        format!(
            "{}（{}） {} 的快照，{} 户 {} 人",
            self.divisions.long_name(self.region),
            self.region,
            comparison.month,
            comparison.households,
            comparison.persons
        )
    }
}

fn engine_hash(files: &[ContentFile]) -> Result<String, Stop> {
    let files: Vec<doudi_engine::ContentFile> = files
        .iter()
        .map(|file| doudi_engine::ContentFile { path: file.path.clone(), text: file.text.clone() })
        .collect();
    Ok(content_hash(&files)?)
}
