//! `doudi lookup`: who is meant by a few words, in the latest register of a data folder or in one file.

mod shown;

use crate::commands::clear::{Progress, Stop};
use crate::commands::link::input::{self, Input};
use crate::commands::vault::KeyArgs;
use crate::content;
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::Args;
use doudi_engine::{PeopleDirectory, PeopleDirectoryReader};
use doudi_linkage::{Found, Query, Scope};
use doudi_terms::{RegionCode, RegionLevel};
use shown::Shown;
pub use shown::masked;
use std::path::{Path, PathBuf};

/// Nobody reads a longer list; whoever wants all asks for less.
const MOST_SHOWN: usize = 1000;

#[derive(Args)]
pub struct LookupArgs {
    /// 要找的人：姓名、拼音（wangxm、wxm、王xm）、身份证号或其中一段、电话、出生日期、村名；几个词用空格隔开
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// 数据文件夹：在最近一次导入的户籍名册里找
    #[arg(long, value_name = "DIR", required_unless_present = "register", conflicts_with = "register")]
    data: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArgs,
    /// 户籍登记名册，csv 或 xlsx
    #[arg(long, value_name = "FILE")]
    register: Option<PathBuf>,
    /// 只在这个地区里找，可以写几次
    #[arg(long, value_name = "CODE", default_value = "000000")]
    region: Vec<String>,
    /// 最多列出几个人
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// 号码、电话和出生日期不遮盖
    #[arg(long)]
    unmask: bool,
    /// 在标准输出写一个 JSON
    #[arg(long)]
    json: bool,
    /// 名册说明文件夹（缺省用程序自带的）
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
}

pub fn run(args: &LookupArgs) -> Exit {
    match lookup(args) {
        Ok(exit) => exit,
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

fn lookup(args: &LookupArgs) -> Result<Exit, Stop> {
    let usage = |message| Stop { exit: Exit::Usage, message };
    let text = args.query.join(" ");
    let query = Query::parse(&text);
    if query.is_empty() {
        return Err(usage("没有写要找谁。请写姓名、拼音、号码、出生日期或村名".to_owned()));
    }
    if !(1..=MOST_SHOWN).contains(&args.limit) {
        return Err(usage(format!("--limit：请写 1 到 {MOST_SHOWN}")));
    }
    let divisions = Divisions::read();
    let regions = args.region.iter().map(|code| region(code, &divisions)).collect::<Result<Vec<_>, _>>()?;
    let people = match (&args.data, &args.register) {
        (Some(data), _) => from_folder(data, &args.key, args.specs.as_deref(), &divisions)?,
        (None, Some(file)) => from_file(file, args.specs.as_deref(), &divisions)?,
        (None, None) => return Err(usage("请用 --data 或 --register 写明在哪里找".to_owned())),
    };
    let found = people.directory.search(&query, &Scope::of(regions.iter().copied()), args.limit);
    let by_number = people.person(text.trim()).filter(|&person| {
        let lives = people.card(person).region.unwrap_or(RegionCode::COUNTRY);
        regions.iter().any(|&region| lives.is_within(region))
    });
    let shown = Shown {
        text: &text,
        people: &people,
        found: &found,
        by_number,
        regions: &regions,
        divisions: &divisions,
        unmask: args.unmask,
    };
    crate::print_line(&if args.json { format!("{:#}", shown.json()) } else { shown.text() });
    Ok(if is_answered(&found, by_number) { Exit::Done } else { Exit::No })
}

/// Somebody fits everything that was written.
fn is_answered(found: &Found, by_number: Option<u32>) -> bool {
    by_number.is_some() || (found.total > 0 && found.without.is_none())
}

fn region(code: &str, divisions: &Divisions) -> Result<RegionCode, Stop> {
    let region = RegionCode::parse(code)
        .map_err(|error| Stop { exit: Exit::Usage, message: format!("--region：{error}") })?;
    let is_known = region == RegionCode::COUNTRY
        || region.level() == RegionLevel::Village
        || divisions.known_name(region).is_some();
    match is_known {
        true => Ok(region),
        false => Err(Stop::bad_input(format!("没有区划代码 {region} 这个地方。请核对 --region"))),
    }
}

pub fn from_folder(
    data: &Path,
    key: &KeyArgs,
    specs: Option<&Path>,
    divisions: &Divisions,
) -> Result<PeopleDirectory, Stop> {
    let folder = key.existing(data)?;
    let policies = content::policies(None).map_err(Stop::bad_input)?;
    let specs = content::specs(specs).map_err(Stop::bad_input)?;
    let (_, content) = crate::commands::clear::read_content(policies, specs)?;
    let progress = Progress::new();
    progress.say("读入人口底册");
    let people = PeopleDirectory::of_folder(&folder, &content, &|code| name_of(divisions, code))?;
    progress.finish();
    Ok(people)
}

/// The people of one file, as `bench lookup` measures them.
pub fn from_file(file: &Path, specs: Option<&Path>, divisions: &Divisions) -> Result<PeopleDirectory, Stop> {
    Ok(read_file(file, specs)?.finish(&|code| name_of(divisions, code)))
}

pub fn read_file(file: &Path, specs: Option<&Path>) -> Result<PeopleDirectoryReader, Stop> {
    let specs = content::specs(specs).map_err(Stop::bad_input)?;
    let set = input::set(&specs)?;
    let mut file = Input::register(file, &set)?;
    let progress = Progress::new();
    progress.say("读入人口底册");
    let mut reader = PeopleDirectoryReader::default();
    file.read(&mut |batch, _| reader.add(batch))?;
    progress.finish();
    Ok(reader)
}

pub fn name_of(divisions: &Divisions, code: RegionCode) -> Option<String> {
    divisions.known_name(code).map(str::to_owned)
}
