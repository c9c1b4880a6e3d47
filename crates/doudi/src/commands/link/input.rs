//! The two files: what they must be, and their one sheet.

use super::region_codes::RegionCodes;
use crate::commands::clear::Stop;
use crate::content::{self, ContentFile};
use crate::exit::Exit;
use clap::Args;
use doudi_linkage::{WeightSet, Weights};
use doudi_rosters::{OpenFile, RosterSheet, SheetReading, SpecSet};
use doudi_terms::roster::RosterSpec;
use doudi_terms::{Severity, WhoBatch};
use std::path::{Path, PathBuf};

/// The two files of every task of `link`, and what says how they are read.
#[derive(Args)]
pub struct PairArgs {
    /// 户籍登记名册（人口底册），csv 或 xlsx
    #[arg(long, value_name = "FILE")]
    pub register: PathBuf,
    /// 要比对的名册，csv 或 xlsx
    #[arg(long, value_name = "FILE")]
    pub roster: PathBuf,
    /// 名册的编号或名称，如 dibao；auto 按表头认
    #[arg(long, value_name = "auto|NAME", default_value = AUTO)]
    spec: String,
    /// 名册说明文件夹（缺省用程序自带的）
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
}

/// Both files with the content that they are read by; nothing of them has been read.
pub struct Pair<'a> {
    args: &'a PairArgs,
    specs: Vec<ContentFile>,
    set: SpecSet,
    only: Option<SpecSet>,
    weights: WeightSet,
}

impl PairArgs {
    pub fn open(&self) -> Result<Pair<'_>, Stop> {
        let specs = content::specs(self.specs.as_deref()).map_err(Stop::bad_input)?;
        let set = set(&specs)?;
        let weights = content::weights(&specs).map_err(Stop::bad_input)?;
        let only = declared(&specs, &set, &self.spec)?;
        Ok(Pair { args: self, specs, set, only, weights })
    }
}

impl Pair<'_> {
    /// Asked for before the register: what is wrong with it should be said before the long reading begins.
    pub fn roster(&self) -> Result<Input<'_>, Stop> {
        Input::roster(&self.args.roster, self.only.as_ref().unwrap_or(&self.set), &self.args.spec)
    }

    pub fn register(&self) -> Result<Input<'_>, Stop> {
        Input::register(&self.args.register, &self.set)
    }

    pub fn weights_of(&self, roster: &Input<'_>) -> &Weights {
        self.weights.of(&roster.spec.id)
    }

    /// The weights for whatever concerns all rosters.
    pub fn weights_of_all(&self) -> &Weights {
        self.weights.of("")
    }

    pub fn weights_hash(&self) -> String {
        content::weights_hash(&self.specs)
    }
}

/// How a roster is asked for whose headers say what it is.
const AUTO: &str = "auto";
/// Under this kind a reader counts that it could not go on.
const BROKEN_OFF: &str = "没有读完";

/// One sheet of one file, ready to be read.
pub struct Input<'s> {
    open: OpenFile<'s>,
    sheet: usize,
    pub spec: &'s RosterSpec,
    /// What reading it came to.
    pub reading: Option<SheetReading>,
    pub codes: RegionCodes,
    bytes: u64,
}

pub fn set(specs: &[ContentFile]) -> Result<SpecSet, Stop> {
    set_of(specs.iter())
}

fn set_of<'f>(files: impl Iterator<Item = &'f ContentFile>) -> Result<SpecSet, Stop> {
    SpecSet::from_files(files.map(|file| (file.path.as_str(), file.text.as_str()))).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Stop::bad_input(format!("名册说明有问题，请先改正：\n{}", lines.join("\n")))
    })
}

/// For `--spec NAME`: that roster and the register alone, so that the file cannot be taken for another roster.
fn declared(specs: &[ContentFile], set: &SpecSet, name: &str) -> Result<Option<SpecSet>, Stop> {
    if name == AUTO {
        return Ok(None);
    }
    let Some(spec) = set.iter().find(|spec| spec.id == name || spec.name == name) else {
        let names: Vec<String> = set.iter().map(|spec| format!("{}（{}）", spec.id, spec.name)).collect();
        let message = format!("--spec：没有叫“{name}”的名册。现有：{}；auto 按表头认", names.join("、"));
        return Err(Stop { exit: Exit::Usage, message });
    };
    let register = set.register().map_or("", |spec| spec.id.as_str());
    let wanted = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or(path);
        file.strip_suffix(".toml").is_some_and(|id| id == spec.id || id == register)
    };
    set_of(specs.iter().filter(|file| wanted(&file.path))).map(Some)
}

impl<'s> Input<'s> {
    pub fn register(path: &Path, set: &'s SpecSet) -> Result<Input<'s>, Stop> {
        Input::open(path, set, "--register", "人口底册（户籍登记名册）", &|spec| spec.register)
    }

    fn roster(path: &Path, set: &'s SpecSet, name: &str) -> Result<Input<'s>, Stop> {
        let is = |spec: &RosterSpec| match name {
            AUTO => !spec.register,
            name => spec.id == name || spec.name == name,
        };
        let wanted = if name == AUTO { "要比对的名册" } else { name };
        Input::open(path, set, "--roster", wanted, &is)
    }

    fn open(
        path: &Path,
        set: &'s SpecSet,
        option: &str,
        wanted: &str,
        is: &dyn Fn(&RosterSpec) -> bool,
    ) -> Result<Input<'s>, Stop> {
        let shown = path.display();
        match std::fs::metadata(path) {
            Err(error) => {
                let why = format!("{option}：读不了 {shown}：{error}。请检查文件名");
                return Err(Stop::bad_input(why));
            }
            // A file is read more than once, which a pipe is not.
            Ok(found) if !found.is_file() => {
                return Err(Stop::bad_input(format!(
                    "{option}：{shown} 不是文件。请给一个 csv 或 xlsx 文件"
                )));
            }
            Ok(_) => {}
        }
        let bytes = path.metadata().map_or(0, |found| found.len());
        let open = OpenFile::open(path, set);
        let kind = |sheet: &RosterSheet| set.get(&sheet.roster);
        let fitting: Vec<(usize, &'s RosterSpec)> = (open.sheets().iter().enumerate())
            .filter_map(|(at, sheet)| Some((at, kind(sheet)?)))
            .filter(|(_, spec)| is(spec))
            .collect();
        match fitting.as_slice() {
            [(sheet, spec)] => {
                Ok(Input { sheet: *sheet, spec, open, bytes, reading: None, codes: RegionCodes::default() })
            }
            [] => Err(Stop::bad_input(not_wanted(&open, set, option, wanted))),
            several => {
                let names =
                    several.iter().map(|(at, _)| open.sheets()[*at].sheet.clone().unwrap_or_default());
                Err(Stop::bad_input(format!(
                    "{option}：{} 里有几张名册：{}。一次只比一张，请各存成一个文件",
                    open.file(),
                    names.collect::<Vec<_>>().join("、")
                )))
            }
        }
    }

    pub fn name(&self) -> &str {
        self.open.file()
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn sha256(&self) -> &str {
        self.open.sha256()
    }

    pub fn sheet(&self) -> &RosterSheet {
        &self.open.sheets()[self.sheet]
    }

    /// What was done about the system of its region codes.
    pub fn code_warning(&self) -> Option<String> {
        let RegionCodes { translated, unclear, .. } = &self.codes;
        let found = match (translated, unclear) {
            (0, None) => return None,
            (_, Some(_)) => "区划代码分不清是统计局的还是民政部的，按统计局的比对".to_owned(),
            (rows, None) => format!("区划代码是民政部的，{rows} 行已换成统计局的再比对"),
        };
        Some(format!("{}：{found}", self.name()))
    }

    /// Gives every batch with the row its headers stand in.
    pub fn read(&mut self, sink: &mut dyn FnMut(&WhoBatch, u32)) -> Result<(), Stop> {
        let header_row = self.sheet().header_row;
        let codes = &mut self.codes;
        let mut sink = |batch: &WhoBatch| sink(batch, header_row);
        let reading = self.open.read_who(self.sheet, &mut |batch| codes.take(batch, &mut sink));
        codes.finish(&mut sink);
        let broken = reading.counts.iter().any(|count| count.kind == BROKEN_OFF);
        let empty = reading.roster.rows == 0;
        let why = reading.roster.problems.iter().find(|problem| problem.severity == Severity::Error);
        if broken || empty {
            let why = why.map_or_else(|| "没有读完".to_owned(), ToString::to_string);
            return Err(Stop::bad_input(why));
        }
        self.reading = Some(reading);
        Ok(())
    }
}

/// The file is no roster, or another one.
fn not_wanted(open: &OpenFile<'_>, set: &SpecSet, option: &str, wanted: &str) -> String {
    let found: Vec<&str> = (open.sheets().iter())
        .map(|sheet| set.get(&sheet.roster).map_or(sheet.roster.as_str(), |spec| spec.name.as_str()))
        .collect();
    if !found.is_empty() {
        return format!("{option}：{} 是{}，不是{wanted}。请换一个文件", open.file(), found.join("、"));
    }
    let problems: Vec<String> = open.problems().iter().map(ToString::to_string).collect();
    format!("{option}：{}", problems.join("\n"))
}
